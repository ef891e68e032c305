//! Who asks istiod for configuration.

use serde::Deserialize;

use crate::engine::{
    cluster::{Workload, is_waypoint_proxy},
    resource::Labels,
};

/// A proxy's identity, as it stands in its node metadata and in `proxies` of a requests file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Proxy {
    /// What the requests file calls it, or `pod.namespace`.
    pub id: String,
    /// Sidecar, gateway or waypoint.
    pub r#type: ProxyType,
    /// The namespace of its pod.
    pub namespace: String,
    /// The labels of its pod.
    pub labels: Labels,
    /// The address of its pod.
    pub ip: String,
    /// The service account of its pod.
    pub service_account: String,
    /// `region/zone/subzone`, empty where it is unknown.
    pub locality: String,
}

impl Proxy {
    /// The proxy that runs in a pod.
    pub fn of_workload(workload: &Workload) -> Self {
        Self {
            id: format!("{}.{}", workload.name, workload.namespace),
            r#type: ProxyType::of(workload.is_gateway, &workload.labels),
            namespace: workload.namespace.clone(),
            labels: workload.labels.clone(),
            ip: workload.address.clone(),
            service_account: workload.service_account.clone(),
            locality: workload.locality.clone(),
        }
    }
}

/// What a proxy is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProxyType {
    /// Beside one workload.
    #[default]
    Sidecar,
    /// On its own, at an edge.
    Gateway,
    /// On its own, in front of services in ambient mode.
    Waypoint,
}

impl ProxyType {
    /// What a proxy is for, by its pod: whether it is alone there, and the pod's labels.
    pub fn of(is_alone: bool, labels: &Labels) -> Self {
        match is_alone {
            true if is_waypoint_proxy(labels) => Self::Waypoint,
            true => Self::Gateway,
            false => Self::Sidecar,
        }
    }
}
