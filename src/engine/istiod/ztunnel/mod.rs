//! What ztunnel is told: workloads, services and the policies that it can enforce.
//!
//! Retells `pilot/pkg/serviceregistry/kube/controller/ambient` of istio/istio at 1.26.4: `workloads.go`, `services.go`,
//! `policies.go` and `authorization.go`. There are no waypoint policies among them, for `PILOT_AUTO_ALLOW_WAYPOINT_POLICY` is off.

mod authorization;
mod peer;

use std::collections::BTreeMap;

use crate::engine::{
    cluster::{self, Cluster, NO_ADDRESS, Registry, Resolution, UseWaypoint, takes_tunnels},
    source::Origin,
    ztunnel::{LoadBalancing, Mode, Place, Protocol, Service, State, WaypointAddress, Workload},
};

/// All of it; every ztunnel is told the same.
pub fn ztunnel_state(cluster: &Cluster) -> State {
    let mut state = State { policies: authorization::policies(cluster), ..State::default() };
    state.policies.extend(peer::policies(cluster));
    let mut at_address: BTreeMap<String, usize> = BTreeMap::new();
    for workload in cluster.workloads.iter().filter(|workload| !workload.address.is_empty() && !workload.has_ended) {
        at_address.entry(workload.address.clone()).or_insert(state.workloads.len());
        state.workloads.push(of_workload(cluster, workload));
    }
    let mut by_key: BTreeMap<String, usize> = BTreeMap::new();
    for service in cluster.services.iter().filter(|service| service.resolution != Resolution::Alias) {
        let Some(told) = of_service(cluster, service) else { continue };
        let key = told.key();
        // One host may be a service for each of its addresses.
        if let Some(&at) = by_key.get(&key) {
            state.services[at].addresses.extend(told.addresses);
        } else {
            by_key.insert(key.clone(), state.services.len());
            state.services.push(told);
        }
        for endpoint in cluster.endpoints(service) {
            let Some(port) = service.ports.iter().find(|port| port.name == endpoint.service_port) else { continue };
            let at = *at_address.entry(endpoint.address.clone()).or_insert_with(|| {
                state.workloads.push(unknown(service, endpoint));
                state.workloads.len() - 1
            });
            state.workloads[at].services.entry(key.clone()).or_default().insert(port.number, endpoint.port);
        }
    }
    state
}

fn of_workload(cluster: &Cluster, workload: &cluster::Workload) -> Workload {
    let captured = cluster.ambient.captured(&workload.namespace, &workload.name).filter(|_| workload.is_pod);
    let is_waypoint = cluster.ambient.waypoint_of_proxy(&workload.namespace, &workload.labels).is_some();
    let (waypoint, no_waypoint) = waypoint(cluster.ambient.waypoint_of_workload(workload));
    let mut policies = authorization::bound(cluster, &workload.namespace, &workload.labels);
    policies.extend(peer::bound(cluster, &workload.namespace, &workload.labels));
    let is_address = workload.address.parse::<std::net::IpAddr>().is_ok();
    Workload {
        name: workload.name.clone(),
        namespace: workload.namespace.clone(),
        addresses: is_address.then(|| workload.address.clone()).into_iter().collect(),
        hostname: if is_address { String::new() } else { workload.address.clone() },
        identity: workload.identity.trim_start_matches("spiffe://").to_owned(),
        protocol: if cluster.ambient.ends_tunnels(workload) || is_waypoint || takes_tunnels(&workload.labels) { Protocol::Hbone } else { Protocol::Tcp },
        waypoint,
        no_waypoint,
        policies,
        is_healthy: workload.is_ready,
        locality: places(workload.ambient_locality.as_deref().unwrap_or(&workload.locality)),
        node: workload.node.to_string(),
        services: BTreeMap::new(),
        origin: captured.cloned(),
    }
}

/// An endpoint of which nothing is known but where it is.
fn unknown(service: &cluster::Service, endpoint: &cluster::Endpoint) -> Workload {
    let is_address = endpoint.address.parse::<std::net::IpAddr>().is_ok();
    Workload {
        name: service.name.clone(),
        namespace: service.namespace.clone(),
        addresses: is_address.then(|| endpoint.address.clone()).into_iter().collect(),
        hostname: if is_address { String::new() } else { endpoint.address.clone() },
        identity: endpoint.identity.trim_start_matches("spiffe://").to_owned(),
        is_healthy: endpoint.health.is_fit(),
        locality: places(&endpoint.locality),
        ..Workload::default()
    }
}

/// None for ranges of addresses, which ztunnel cannot be told.
fn of_service(cluster: &Cluster, service: &cluster::Service) -> Option<Service> {
    let mut addresses: Vec<String> = service.addresses.iter().filter(|address| !address.is_empty() && *address != NO_ADDRESS).cloned().collect();
    if addresses.iter().any(|address| address.contains('/')) {
        return None;
    }
    if addresses.is_empty() && service.registry == Registry::ServiceEntry {
        addresses.extend(cluster.ambient.auto_address(&service.namespace, &service.hostname).map(str::to_owned));
    }
    let (waypoint, no_waypoint) = waypoint(cluster.ambient.waypoint_of_service(service));
    Some(Service {
        namespace: service.namespace.clone(),
        hostname: service.hostname.clone(),
        addresses,
        ports: service.ports.iter().map(|port| (port.number, 0)).collect(),
        waypoint,
        no_waypoint,
        takes_unhealthy: service.publishes_unready,
        load_balancing: load_balancing(service),
        origin: Some(service.origin.clone()),
    })
}

/// What a node's own workloads are asked for goes before any nearness.
fn load_balancing(service: &cluster::Service) -> Option<LoadBalancing> {
    const CLOSE: &[Place] = &[Place::Region, Place::Zone, Place::Subzone];
    let of = |mode, routing_preference, origin: &Origin| LoadBalancing { mode, routing_preference, origin: origin.clone() };
    let own_node = service.near.own_node.as_ref().map(|origin| of(Mode::Strict, &[Place::Node], origin));
    own_node.or_else(|| service.near.for_ztunnel.as_ref().map(|origin| of(Mode::Failover, CLOSE, origin)))
}

fn places(locality: &str) -> [String; 3] {
    let mut parts = locality.splitn(3, '/').map(str::to_owned);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

fn waypoint(found: UseWaypoint<'_>) -> (Option<WaypointAddress>, Option<(String, Origin)>) {
    match found {
        UseWaypoint::Bound { waypoint, origin } => (Some(WaypointAddress { service: format!("{}/{}", waypoint.namespace, waypoint.hostname), origin }), None),
        UseWaypoint::Unusable { reason, origin } => (None, Some((reason, origin))),
        UseWaypoint::Off { origin } => (None, Some(("the label says none".into(), origin))),
        UseWaypoint::Unasked => (None, None),
    }
}
