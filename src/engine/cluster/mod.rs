//! A cluster: the objects that were accepted, indexed the way the control plane looks them up.
//!
//! Knows resources, but no proxy and no xDS beyond the note of where something came from.

pub mod credential;
mod destination_rule;
pub mod endpoint;
mod endpoints;
pub mod host;
mod mesh_config;
mod protocol;
mod registry;
mod service;
mod virtual_service;
mod visibility;
mod workload;

pub use destination_rule::{DestinationRule, DestinationRules, RuleSubset};
pub use endpoint::{Endpoint, Health};
pub use host::{DOMAIN, resolve_short_name};
pub use mesh_config::*;
pub use protocol::{ListenerProtocol, Protocol};
pub use registry::{service_hostname, services};
pub use service::{NO_ADDRESS, Port, Registry, Resolution, Service, cluster_name};
pub use virtual_service::{HttpRule, MESH, VirtualService, VirtualServices};
pub use visibility::Visibility;
pub use workload::{Workload, Workloads};

use super::resource::{Metadata, Resource, Spec};

/// The namespace whose configuration counts for all.
pub const ROOT_NAMESPACE: &str = "istio-system";

/// Accepted objects and the mesh's own settings.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    /// In the order of the input.
    pub resources: Vec<Resource>,
    /// `MeshConfig` overrides, as written under `mesh:` of istio's ConfigMap.
    pub mesh_config: MeshConfig,
    /// Pods and WorkloadEntries.
    pub workloads: Workloads,
    /// Services of both registries, oldest first.
    pub services: Vec<Service>,
    /// VirtualServices, oldest first.
    pub virtual_services: VirtualServices,
    /// DestinationRules.
    pub destination_rules: DestinationRules,
    /// Positions of Gateways in `resources`, oldest first.
    gateways: Vec<usize>,
    endpoints: endpoints::EndpointIndex,
}

impl Cluster {
    /// Indexes objects.
    pub fn new(resources: Vec<Resource>, mesh_config: MeshConfig) -> Self {
        let workloads = Workloads::new(&resources);
        let services = registry::services(&resources);
        let endpoints = endpoints::endpoints(&resources, &workloads);
        let mut gateways: Vec<usize> = (0..resources.len()).filter(|&at| matches!(resources[at].spec, Spec::Gateway(_))).collect();
        gateways.sort_by_cached_key(|&at| {
            let metadata = &resources[at].metadata;
            (created(metadata), metadata.name.clone(), metadata.namespace.clone())
        });
        Self {
            virtual_services: VirtualServices::new(&resources),
            destination_rules: DestinationRules::new(&resources),
            workloads,
            services,
            gateways,
            endpoints,
            resources,
            mesh_config,
        }
    }

    /// The endpoints of a service, all ports.
    pub fn endpoints(&self, service: &Service) -> &[Endpoint] {
        self.endpoints.get(&(service.hostname.clone(), service.namespace.clone())).map_or(&[], Vec::as_slice)
    }

    /// Gateways, oldest first.
    pub fn gateways(&self) -> impl Iterator<Item = (&Resource, &super::resource::Gateway)> {
        self.gateways.iter().filter_map(|&at| match &self.resources[at].spec {
            Spec::Gateway(gateway) => Some((&self.resources[at], gateway.as_ref())),
            _ => None,
        })
    }
}

/// When an object was made. One that does not say was made at the beginning of 2026.
pub(crate) fn created(metadata: &Metadata) -> String {
    metadata.creation_timestamp.clone().unwrap_or_else(|| "2026-01-01T00:00:00Z".into())
}
