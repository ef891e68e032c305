//! EDS: the endpoints of a cluster, by the place they are in.

use std::sync::LazyLock;

use super::{
    Scope,
    clusters::{Outbound, policy_tls_mode, subset_policy},
    hbone,
    locality::{apply_locality, locality},
    metadata,
    outbound::socket,
};
use crate::engine::{
    cluster::{DestinationRule, Endpoint, Health, MtlsMode, Port, Service, endpoint::selects},
    xds::{self, ClusterLoadAssignment, LbEndpoint, LocalityLbEndpoints, Metadata, Note, Word},
};

/// What an endpoint is asked for where its cluster has several sockets.
pub(super) const SOCKET_MATCH: &str = "envoy.transport_socket_match";

/// The cluster that endpoints are for.
pub(super) struct ForCluster<'a> {
    pub service: &'a Service,
    pub port: &'a Port,
    pub subset: &'a str,
    pub rule: Option<&'a DestinationRule>,
    /// Whether it is one by which a waypoint sends on what is for a service of its own.
    pub is_inbound_vip: bool,
}

/// The endpoints of a cluster that has them over EDS.
pub(super) fn load_assignment(scope: &Scope, outbound: &Outbound) -> ClusterLoadAssignment {
    let of =
        ForCluster { service: outbound.service, port: outbound.port, subset: &outbound.subset, rule: outbound.rule, is_inbound_vip: outbound.is_inbound_vip };
    let (cluster_name, own_node) = (outbound.cluster.name.clone(), outbound.service.near.own_node.clone());
    if let Some(endpoints) = hbone::ingress_waypoint(scope, &of) {
        return ClusterLoadAssignment { cluster_name, endpoints, origin: own_node };
    }
    let groups = by_locality(chosen(scope, &of, false));
    let mut assignment = ClusterLoadAssignment { cluster_name, endpoints: localities(scope, &of, &groups), origin: None };
    let policy = subset_policy(outbound.rule, &outbound.subset, outbound.port.number);
    apply_locality(scope, policy, outbound.service, &mut assignment, Some(&groups));
    assignment.origin = own_node.or(assignment.origin);
    assignment
}

/// Endpoints grouped by locality, each group with the sum of its weights. `with_names`: names that DNS resolves count too.
pub(super) fn locality_endpoints(scope: &Scope, of: &ForCluster, with_names: bool) -> Vec<LocalityLbEndpoints> {
    localities(scope, of, &by_locality(chosen(scope, of, with_names)))
}

fn localities(scope: &Scope, of: &ForCluster, groups: &ByLocality) -> Vec<LocalityLbEndpoints> {
    let tls_mode = policy_tls_mode(of.rule, of.subset, of.port.number);
    // Of endpoints that can, a rule chooses all or none, else each as its policies say.
    let policies = &scope.cluster.policies;
    let takes_mtls = |endpoint: &Endpoint| match tls_mode {
        _ if !endpoint.has_mtls => false,
        Some(mode) => mode == "ISTIO_MUTUAL",
        None => policies.mtls(&endpoint.namespace, &endpoint.labels).of_port(endpoint.port) != MtlsMode::Disable,
    };
    let build = |endpoint: &Endpoint| hbone::tunnelled(scope, of, endpoint, lb_endpoint(endpoint, takes_mtls(endpoint)));
    groups.iter().map(|(place, endpoints)| group(place, endpoints, build)).collect()
}

/// The endpoints of one place, with the sum of their weights.
pub(super) fn group(place: &str, endpoints: &[&Endpoint], build: impl Fn(&Endpoint) -> LbEndpoint) -> LocalityLbEndpoints {
    LocalityLbEndpoints {
        locality: Some(locality(place)),
        load_balancing_weight: Some(endpoints.iter().map(|endpoint| endpoint.weight.max(1)).fold(0, u32::saturating_add)),
        lb_endpoints: endpoints.iter().map(|endpoint| build(endpoint)).collect(),
        priority: 0,
    }
}

fn chosen<'a>(scope: &Scope<'a>, of: &ForCluster, with_names: bool) -> impl Iterator<Item = &'a Endpoint> {
    let labels = of.rule.and_then(|rule| rule.subset(of.subset)).map(|subset| &subset.subset.labels);
    let is_usable = move |endpoint: &Endpoint| with_names || endpoint.port == 0 || endpoint.address.parse::<std::net::IpAddr>().is_ok();
    let is_told = told(scope, of.service);
    let all = scope.cluster.endpoints(of.service).iter();
    all.filter(move |e| e.service_port == of.port.name && is_told(e) && labels.is_none_or(|labels| selects(labels, &e.labels)) && is_usable(e))
}

/// Which endpoints a proxy is told of for a service (`filterIstioEndpoint`, `SupportsUnhealthyEndpoints`): those on its own node, where the
/// service wants that, and those that are not ready, where near ones go first and Envoy has to know how many of them it can count on.
pub(super) fn told(scope: &Scope, service: &Service) -> impl Fn(&Endpoint) -> bool {
    let takes_unready = service.near.for_envoy.is_some();
    let own_node = service.near.own_node.as_ref().map(|_| scope.node().to_owned());
    move |endpoint| {
        (endpoint.health.is_fit() || takes_unready && endpoint.health == Health::Unhealthy) && own_node.as_ref().is_none_or(|node| **node == *endpoint.node)
    }
}

/// Endpoints by the place that they are in, in the order of places.
pub(super) type ByLocality<'a> = Vec<(&'a str, Vec<&'a Endpoint>)>;

pub(super) fn by_locality<'a>(endpoints: impl Iterator<Item = &'a Endpoint>) -> ByLocality<'a> {
    let mut groups = ByLocality::new();
    for endpoint in endpoints {
        match groups.binary_search_by(|(place, _)| place.cmp(&endpoint.locality.as_str())) {
            Ok(at) => groups[at].1.push(endpoint),
            Err(at) => groups.insert(at, (&endpoint.locality, vec![endpoint])),
        }
    }
    groups
}

pub(super) fn lb_endpoint(endpoint: &Endpoint, takes_mtls: bool) -> LbEndpoint {
    static MTLS: LazyLock<Note> = LazyLock::new(|| "istio".into());
    let notes = |key, note| [(key, note)].into_iter().collect();
    let workload = (metadata::ISTIO, notes("workload", endpoint.telemetry.clone().into()));
    let filter_metadata =
        if takes_mtls { [(SOCKET_MATCH, notes("tlsMode", MTLS.clone())), workload].into_iter().collect() } else { [workload].into_iter().collect() };
    LbEndpoint {
        endpoint: Some(xds::Endpoint { address: Some(address(endpoint)), hostname: String::new() }),
        health_status: match endpoint.health {
            Health::Healthy => "HEALTHY".into(),
            Health::Unhealthy => "UNHEALTHY".into(),
            Health::Unknown | Health::Leaving => Word::default(),
        },
        metadata: Some(Metadata { filter_metadata }),
        load_balancing_weight: Some(endpoint.weight.max(1)),
    }
}

fn address(endpoint: &Endpoint) -> xds::Address {
    if endpoint.port == 0 {
        return xds::Address { pipe: Some(xds::Pipe { path: endpoint.address.clone() }), ..xds::Address::default() };
    }
    socket(&endpoint.address, endpoint.port)
}
