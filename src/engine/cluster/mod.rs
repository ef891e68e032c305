//! A cluster: the objects that were accepted, indexed the way the control plane looks them up.
//!
//! Knows resources, but no proxy and no xDS beyond the note of where something came from.

mod addresses;
mod ambient;
mod controllers;
pub mod credential;
mod destination_rule;
pub mod endpoint;
mod endpoints;
mod gateway;
mod gateway_api;
pub mod host;
mod ingress;
mod injection;
mod mesh_config;
mod namespaces;
mod nearness;
mod policies;
mod protocol;
mod registry;
mod service;
mod sidecar;
mod telemetry;
mod virtual_service;
mod visibility;
mod workload;

pub use ambient::{Ambient, TrafficType, UseWaypoint, Waypoint, is_waypoint_proxy, takes_tunnels};
pub use destination_rule::{DestinationRule, DestinationRules, RuleSubset};
pub use endpoint::{Endpoint, Health};
pub use endpoints::MOST_ENDPOINTS;
pub use gateway::{Gateway, GatewayProxies};
pub(crate) use gateway_api::REDIRECT_PREFIX;
pub use gateway_api::has_grpc_routes;
pub use host::{DOMAIN, resolve_short_name};
pub use ingress::is_taken as is_ingress_taken;
pub use mesh_config::*;
pub use nearness::{Nearness, PREFER_CLOSE, TRAFFIC_DISTRIBUTION};
pub(crate) use policies::mode as mtls_mode;
pub use policies::{MergedMtls, MtlsMode, Policies, Policy, PolicySubject};
pub use protocol::{ListenerProtocol, Protocol};
pub use registry::{service_hostname, services};
pub use service::{NO_ADDRESS, Port, Registry, Resolution, Service, cluster_name};
pub use sidecar::{Sidecar, Sidecars};
pub use telemetry::{ProviderLog, Telemetries, WorkloadMode};
pub use virtual_service::{HttpRule, MESH, RouteSemantics, VirtualService, VirtualServices};
pub use visibility::Visibility;
pub use workload::{Workload, Workloads, has_ended, is_ready};

use std::collections::BTreeMap;

use self::addresses::Addresses;
use super::{
    index::Index,
    resource::{Labels, Metadata, Resource},
};

/// The namespace whose configuration counts for all.
pub const ROOT_NAMESPACE: &str = "istio-system";

/// Accepted objects and the mesh's own settings.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    /// In the order of the input; behind them the Pods that its controllers make, and what istiod deploys for Gateways.
    pub resources: Vec<Resource>,
    /// Controllers that make fewer Pods here than they want, by their place in `resources`, with how many they make.
    pub fewer_pods: Vec<(usize, usize)>,
    /// How many of them are written.
    written: usize,
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
    /// PeerAuthentications, RequestAuthentications and AuthorizationPolicies.
    pub policies: Policies,
    /// Telemetries.
    pub telemetries: Telemetries,
    /// Who is in ambient mode, and behind which waypoint.
    pub ambient: Ambient,
    /// Gateways of both APIs, oldest first.
    pub gateways: Vec<Gateway>,
    endpoints: endpoints::EndpointIndex,
    /// Whether there are no more endpoints than [`MOST_ENDPOINTS`].
    pub has_all_endpoints: bool,
    sidecars: Sidecars,
    /// Positions in `services`, by host name and namespace.
    by_host: Index<String, BTreeMap<String, usize>>,
}

impl Cluster {
    /// Indexes objects.
    pub fn new(mut resources: Vec<Resource>, mesh_config: MeshConfig) -> Self {
        let written = resources.len();
        let workloads = Workloads::new(&resources);
        let mut addresses = Addresses::new(&resources);
        addresses::give_to_services(&mut resources, &mut addresses);
        let controllers::Made { pods, fewer } = controllers::pods(&resources, &workloads, &mut addresses);
        resources.extend(pods);
        resources.extend(ambient::deploy(&resources));
        resources.extend(gateway_api::deploy::deploy(&resources, &mut addresses));
        let workloads = if resources.len() == written { workloads } else { Workloads::new(&resources) };
        let mut services = registry::services(&resources);
        for service in &mut services {
            service.visibility.apply_default(mesh_config.default_service_export_to.as_deref());
        }
        let (endpoints, has_all_endpoints) = endpoints::endpoints(&resources, &workloads);
        let mut converted = gateway_api::convert(&resources);
        let (gateways, virtual_services) = ingress::convert(&resources, &mesh_config);
        converted.gateways.extend(gateways);
        converted.virtual_services.extend(virtual_services);
        Self {
            virtual_services: VirtualServices::new(&resources, converted.virtual_services, &mesh_config),
            gateways: gateway::gateways(&resources, converted.gateways),
            destination_rules: DestinationRules::new(&resources, &mesh_config),
            sidecars: Sidecars::new(&resources, mesh_config.root_namespace()),
            by_host: by_host(&services),
            ambient: Ambient::new(&resources),
            policies: Policies::new(&resources, mesh_config.root_namespace()),
            telemetries: Telemetries::new(&resources, mesh_config.root_namespace()),
            workloads,
            services,
            endpoints,
            has_all_endpoints,
            written,
            fewer_pods: fewer,
            resources,
            mesh_config,
        }
    }

    /// The objects that are written somewhere.
    pub fn written(&self) -> &[Resource] {
        &self.resources[..self.written]
    }

    /// The endpoints of a service, all ports.
    pub fn endpoints(&self, service: &Service) -> &[Endpoint] {
        self.endpoints.get(&service.hostname).and_then(|of_host| of_host.get(&service.namespace)).map_or(&[], Vec::as_slice)
    }

    /// The services of a host name, one a namespace, by namespace.
    pub fn services_of_host(&self, host: &str) -> impl Iterator<Item = &Service> {
        self.by_host.get(host).into_iter().flat_map(BTreeMap::values).map(|&at| &self.services[at])
    }

    /// The Sidecar that holds for a workload.
    pub fn sidecar(&self, namespace: &str, labels: &Labels) -> Option<Sidecar<'_>> {
        self.sidecars.find(&self.resources, namespace, labels)
    }
}

/// When an object was made. One that does not say was made at the beginning of 2026.
pub(crate) fn created(metadata: &Metadata) -> String {
    metadata.creation_timestamp.clone().unwrap_or_else(|| "2026-01-01T00:00:00Z".into())
}

/// Of several services with one host name in one namespace the oldest counts, one of Kubernetes before all others.
fn by_host(services: &[Service]) -> Index<String, BTreeMap<String, usize>> {
    let mut by_host: Index<String, BTreeMap<String, usize>> = Index::default();
    for (at, service) in services.iter().enumerate() {
        let of_namespace = by_host.entry(service.hostname.clone()).or_default();
        let known = of_namespace.entry(service.namespace.clone()).or_insert(at);
        if services[*known].registry != Registry::Kubernetes && service.registry == Registry::Kubernetes {
            *known = at;
        }
    }
    by_host
}
