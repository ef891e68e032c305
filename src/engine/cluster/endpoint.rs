//! Where a service's requests can go.

use std::sync::Arc;

use crate::engine::resource::Labels;

/// One address of one service port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// An IP address, or a name that DNS resolves.
    pub address: String,
    /// The workload's port.
    pub port: u32,
    /// The service port's name.
    pub service_port: String,
    /// The workload's labels, with those of its place.
    pub labels: Labels,
    /// The namespace of the workload.
    pub namespace: String,
    /// What telemetry calls the workload.
    pub workload: String,
    /// What telemetry is told of it: `workload;namespace;canonical service;canonical revision;cluster`.
    pub telemetry: Arc<str>,
    /// `spiffe://…`, empty where the workload has no identity.
    pub identity: String,
    /// Whether a proxy beside the workload speaks Istio's mTLS.
    pub has_mtls: bool,
    /// `region/zone/subzone`.
    pub locality: String,
    /// Relative weight; 0 for none.
    pub weight: u32,
    /// The node that its Pod runs on; empty for none.
    pub node: Arc<str>,
    /// What is known of its health.
    pub health: Health,
}

impl Endpoint {
    /// What telemetry is told, from what is known of the workload.
    pub(super) fn describe(&mut self) {
        let label = |keys: [&str; 3]| keys.iter().find_map(|key| self.labels.get(key));
        let name = label(["service.istio.io/canonical-name", "app.kubernetes.io/name", "app"]).unwrap_or(&self.workload);
        let revision = label(["service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"]).filter(|revision| *revision != "latest");
        self.telemetry = [self.workload.as_str(), ";", &self.namespace, ";", name, ";", revision.unwrap_or_default(), ";Kubernetes"].concat().into();
    }
}

/// The health of an endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Health {
    /// Nobody looks at it.
    #[default]
    Unknown,
    /// Ready.
    Healthy,
    /// Not ready.
    Unhealthy,
    /// Going away, so that no cluster of a proxy has it.
    Leaving,
}

impl Health {
    /// Whether it may be sent requests.
    pub fn is_fit(self) -> bool {
        matches!(self, Self::Unknown | Self::Healthy)
    }
}

/// The identity of a workload's service account.
pub fn identity(namespace: &str, service_account: &str) -> String {
    let account = if service_account.is_empty() { "default" } else { service_account };
    format!("spiffe://cluster.local/ns/{namespace}/sa/{account}")
}

/// Whether all of `selector` is in `labels`.
pub fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// Labels with what its place adds to them (`AugmentLabels` in `pilot/pkg/serviceregistry/util/label/label.go`).
pub fn with_topology(labels: &Labels, locality: &str, node: &str, network: &str) -> Labels {
    const NETWORK: &str = "topology.istio.io/network";
    let mut out = labels.clone();
    let mut set = |key: &str, value: &str| {
        if !value.is_empty() {
            out.insert(key, value);
        }
    };
    let mut parts = locality.splitn(3, '/');
    set("topology.kubernetes.io/region", parts.next().unwrap_or_default());
    set("topology.kubernetes.io/zone", parts.next().unwrap_or_default());
    set("topology.istio.io/subzone", parts.next().unwrap_or_default());
    set("kubernetes.io/hostname", node);
    set("topology.istio.io/cluster", "Kubernetes");
    if labels.get(NETWORK).is_none_or(str::is_empty) {
        set(NETWORK, network);
    }
    out
}
