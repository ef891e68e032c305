//! `networking.istio.io` ServiceEntry.

use std::collections::BTreeMap;

use super::{Labels, WorkloadSelector, api};

api! {
    /// <https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry>
    ServiceEntry {
        hosts: Vec<String>,
        addresses: Vec<String>,
        ports: Vec<ServicePortEntry>,
        /// `MESH_EXTERNAL` where it is absent.
        location: Option<String>,
        /// `NONE` where it is absent.
        resolution: Option<String>,
        endpoints: Vec<WorkloadEntry>,
        workload_selector: Option<WorkloadSelector>,
        export_to: Vec<String>,
        subject_alt_names: Vec<String>,
    }
    ServicePortEntry { number: u32, protocol: String, name: String, target_port: u32 }
    /// An address outside Kubernetes; also a kind of its own.
    WorkloadEntry { address: String, ports: BTreeMap<String, u32>, labels: Labels, network: String, locality: String, weight: u32, service_account: String }
    /// <https://istio.io/latest/docs/reference/config/networking/workload-group/#WorkloadGroup>
    WorkloadGroup { metadata: WorkloadGroupMetadata, template: WorkloadEntry }
    /// What the machines' entries are given.
    WorkloadGroupMetadata { labels: Labels, annotations: Labels }
}
