//! What a waypoint is told: a listener that ends tunnels, one that finds out whose traffic it is, and a cluster for each port of
//! each service that it stands before.
//!
//! Retells `waypoint.go`, `listener_waypoint.go` and `cluster_waypoint.go` in `pilot/pkg/networking/core` of istio/istio at 1.26.4, as
//! istiod is installed for ambient mode (`PILOT_ENABLE_AMBIENT`), with one network and no layered policies.

mod chains;
mod listeners;
mod matching;

use std::collections::{BTreeSet, HashSet};

use serde_json::json;

pub(super) use self::listeners::connect_terminate;
use self::listeners::main_internal;
use super::{
    Scope, add_outbound,
    clusters::{HttpOptions, outbound_clusters, raw_buffer, thresholds, vip_clusters},
    hbone::{self, CONNECT_ORIGINATE},
};
use crate::engine::{
    cluster::{MESH, MeshExtensionProvider, NO_ADDRESS, Registry, Service, VirtualService, Workload, host::overlap},
    xds::{Address, CircuitBreakers, Cluster, ClusterLoadAssignment, Endpoint, InternalAddress, LbEndpoint, LocalityLbEndpoints, ProxyConfig},
};

/// The listener and cluster behind the ends of tunnels.
pub(super) const MAIN_INTERNAL: &str = "main_internal";
/// The cluster of what is addressed to workloads.
const ENCAP: &str = "encap";

/// A waypoint and what it stands before.
struct Realm<'a> {
    scope: &'a Scope<'a>,
    /// One for each host, oldest first.
    services: Vec<&'a Service>,
    hosts: BTreeSet<&'a str>,
    workloads: Vec<&'a Workload>,
    /// All that the waypoint's namespace sees, in the order in which they count.
    rules: Vec<&'a VirtualService>,
}

/// The listeners, clusters and endpoints of a waypoint; its routes are in its listeners.
pub(super) fn push(scope: &Scope) -> ProxyConfig {
    let realm = Realm::new(scope);
    let mut config = ProxyConfig::default();
    let outside = realm.outside();
    outbound_clusters(scope, |service| outside.contains(service.hostname.as_str()), |outbound| add_outbound(scope, &mut config, outbound));
    for outbound in realm.services.iter().flat_map(|service| vip_clusters(scope, service)) {
        add_outbound(scope, &mut config, outbound);
    }
    config.clusters.extend([main_internal_cluster(), to_listener(ENCAP, CONNECT_ORIGINATE)]);
    // Servers of the waypoint's own namespace are trusted by their names alone.
    let own = format!("spiffe://{}/ns/{}/sa/", scope.mesh().trust_domain(), scope.proxy.namespace);
    config.clusters.push(hbone::connect_originate_cluster(scope, &[own]));
    config.listeners = vec![connect_terminate(scope), main_internal(&realm), hbone::connect_originate_listener(scope)];
    config
}

impl<'a> Realm<'a> {
    fn new(scope: &'a Scope<'a>) -> Self {
        let (cluster, proxy) = (scope.cluster, scope.proxy);
        let mut realm = Self {
            scope,
            services: Vec::new(),
            hosts: BTreeSet::new(),
            workloads: Vec::new(),
            rules: cluster.virtual_services.of_gateway(MESH, &proxy.namespace),
        };
        let Some(own) = cluster.ambient.waypoint_of_proxy(&proxy.namespace, &proxy.labels) else { return realm };
        for service in cluster.services.iter().filter(|service| service.external_name.is_empty()) {
            if cluster.ambient.waypoint_of_service(service).bound() == Some(own) && realm.hosts.insert(&service.hostname) {
                realm.services.push(service);
            }
        }
        realm.workloads = cluster.workloads.iter().filter(|workload| cluster.ambient.waypoint_of_workload(workload).bound() == Some(own)).collect();
        realm
    }

    /// The addresses under which a service is called.
    fn addresses(&self, service: &'a Service) -> Vec<&'a str> {
        let of_host = self.scope.cluster.services_of_host(&service.hostname).filter(|other| other.namespace == service.namespace);
        let mut own: Vec<&str> =
            of_host.chain([service]).flat_map(|service| &service.addresses).map(String::as_str).filter(|address| *address != NO_ADDRESS).collect();
        own.dedup();
        if own.is_empty() && service.registry == Registry::ServiceEntry {
            own.extend(self.scope.cluster.ambient.auto_address(&service.namespace, &service.hostname));
        }
        if own.is_empty() { vec![NO_ADDRESS] } else { own }
    }

    /// The VirtualServices that hold for a service: of its own namespace or the waypoint's (`getVirtualServiceForWaypoint`).
    fn rules_of(&self, service: &Service) -> impl Iterator<Item = &'a VirtualService> {
        let home = |rules: &VirtualService| rules.namespace == self.scope.proxy.namespace || rules.namespace == service.namespace;
        self.rules.iter().copied().filter(move |rules| home(rules) && rules.hosts.iter().any(|host| overlap(host, &service.hostname)))
    }

    /// Hosts that routes of the waypoint's services lead to and that are not its own or lie outside the mesh, and providers of the
    /// mesh (`filterWaypointOutboundServices`, `extraServicesForProxy`).
    fn outside(&self) -> HashSet<&'a str> {
        let is_external = |host: &str| self.services.iter().any(|service| service.hostname == host && service.mesh_external);
        let of_rules = self.scope.cluster.virtual_services.iter().filter(|rules| rules.gateways.iter().any(|gateway| gateway == MESH));
        let named = of_rules.filter(|rules| rules.hosts.iter().any(|host| self.hosts.contains(host.as_str()))).flat_map(destinations);
        let mut outside: HashSet<&str> = named.filter(|host| !self.hosts.contains(host) || is_external(host)).collect();
        for service in self.scope.mesh().extension_providers.iter().filter_map(MeshExtensionProvider::service) {
            outside.insert(service.split_once('/').map_or(service, |(_, host)| host));
        }
        outside
    }
}

/// The hosts that a VirtualService sends to.
fn destinations(rules: &VirtualService) -> impl Iterator<Item = &str> {
    let http = rules.http.iter().flat_map(|rule| {
        let routes = rule.rule.route.iter().filter_map(|route| route.destination.as_ref());
        routes.chain(rule.rule.mirror.as_deref()).chain(rule.rule.mirrors.iter().filter_map(|mirror| mirror.destination.as_ref()))
    });
    let tcp = rules.tcp.iter().flat_map(|rule| &rule.route).filter_map(|route| route.destination.as_ref());
    let tls = rules.tls.iter().flat_map(|rule| &rule.route).filter_map(|route| route.destination.as_ref());
    http.chain(tcp).chain(tls).map(|destination| destination.host.as_str())
}

/// The cluster behind the ends of tunnels.
pub(super) fn main_internal_cluster() -> Cluster {
    to_listener(MAIN_INTERNAL, MAIN_INTERNAL)
}

/// The cluster whose one endpoint is a listener of this Envoy.
fn to_listener(name: &str, listener: &str) -> Cluster {
    let mut options = HttpOptions::default();
    options.use_downstream_protocol();
    options.set_common("idleTimeout", json!("300s"));
    let address =
        Address { envoy_internal_address: Some(InternalAddress { server_listener_name: listener.into(), ..InternalAddress::default() }), ..Address::default() };
    let endpoint = LbEndpoint { endpoint: Some(Endpoint { address: Some(address), hostname: String::new() }), ..LbEndpoint::default() };
    let group = LocalityLbEndpoints { lb_endpoints: vec![endpoint], ..LocalityLbEndpoints::default() };
    let mut cluster = Cluster {
        name: name.into(),
        alt_stat_name: format!("{name};"),
        r#type: "STATIC".into(),
        circuit_breakers: Some(CircuitBreakers { thresholds: vec![thresholds()] }),
        load_assignment: Some(ClusterLoadAssignment { cluster_name: name.into(), endpoints: vec![group], origin: None }),
        transport_socket: Some(hbone::internal_socket("internal_upstream", raw_buffer(), &[])),
        ..Cluster::default()
    };
    options.write(&mut cluster);
    cluster
}
