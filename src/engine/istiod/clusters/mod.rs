//! CDS: a cluster for each port of each service, and for each of its subsets.

mod balance;
mod build;
mod inbound;
mod outlier;
mod policy;
mod pool;
mod tls;
mod vip;

pub(super) use build::{Outbound, outbound_clusters};
pub(super) use inbound::inbound_clusters;
pub(super) use policy::{Policy, policy_tls_mode, subset_policy};
pub(super) use pool::{HttpOptions, thresholds};
pub(super) use tls::{agent_secret, cluster_secret, raw_buffer, validation};
pub(super) use vip::{vip_cluster_name, vip_clusters};

use serde_json::json;

use self::pool::apply_pool;
use super::hcm::metadata_exchange;
use crate::engine::{
    cluster::MeshConfig,
    xds::{BindAddress, Cluster, UpstreamBindConfig},
};

/// The cluster that leads nowhere.
pub(super) fn black_hole(mesh: &MeshConfig) -> Cluster {
    Cluster {
        name: "BlackHoleCluster".into(),
        alt_stat_name: "BlackHoleCluster;".into(),
        r#type: "STATIC".into(),
        connect_timeout: Some(mesh.connect_timeout()),
        ..Cluster::default()
    }
}

/// The cluster that leads to where the client wanted to go.
pub(super) fn passthrough(mesh: &MeshConfig) -> Cluster {
    let mut options = HttpOptions::default();
    options.use_downstream_protocol();
    options.set_common("idleTimeout", json!("300s"));
    let mut cluster = Cluster {
        name: "PassthroughCluster".into(),
        alt_stat_name: "PassthroughCluster;".into(),
        r#type: "ORIGINAL_DST".into(),
        lb_policy: "CLUSTER_PROVIDED".into(),
        filters: vec![metadata_exchange()],
        ..Cluster::default()
    };
    apply_pool(mesh, None, &mut cluster, &mut options);
    options.write(&mut cluster);
    cluster
}

/// The same on the way in, to the workload itself.
pub(super) fn inbound_passthrough(mesh: &MeshConfig) -> Cluster {
    Cluster { name: "InboundPassthroughCluster".into(), filters: Vec::new(), upstream_bind_config: Some(inbound_bind()), ..passthrough(mesh) }
}

/// The source address by which a connection to the workload is known to come from its own proxy.
fn inbound_bind() -> UpstreamBindConfig {
    UpstreamBindConfig { source_address: Some(BindAddress { address: "127.0.0.6".into(), port_value: Some(0) }) }
}
