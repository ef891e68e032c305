//! The endpoints of a cluster.

use crate::engine::xds::{Cluster, ClusterLoadAssignment, LocalityLbEndpoints, ProxyConfig};

/// An endpoint as the load balancer sees it.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine::envoy) struct Host {
    /// `address:port`, or the path of a socket.
    pub(in crate::engine::envoy) address: String,
    /// The name it was looked up by.
    pub(in crate::engine::envoy) hostname: String,
    pub(super) priority: u32,
    /// The group that it stands in; groups of one priority are its localities.
    pub(super) locality: usize,
    pub(super) locality_weight: f64,
    pub(super) weight: f64,
    /// Whether EDS says that it may be used.
    pub(in crate::engine::envoy) is_healthy: bool,
}

/// A cluster by its name.
pub(in crate::engine::envoy) fn cluster<'a>(config: &'a ProxyConfig, name: &str) -> Option<&'a Cluster> {
    config.clusters.iter().find(|cluster| cluster.name == name)
}

/// All endpoints of a cluster. One that goes to the original destination has that one.
pub(in crate::engine::envoy) fn hosts(config: &ProxyConfig, cluster: &Cluster, original_destination: &str) -> Vec<Host> {
    if cluster.r#type == "ORIGINAL_DST" {
        let address = original_destination.to_owned();
        return vec![Host { address, hostname: String::new(), priority: 0, locality: 0, locality_weight: 1.0, weight: 1.0, is_healthy: true }];
    }
    let localities = assignment(config, cluster).map(|assignment| assignment.endpoints.as_slice()).unwrap_or_default();
    localities.iter().enumerate().flat_map(|(at, locality)| of_locality(at, locality, original_destination)).collect()
}

/// What a cluster is told of its endpoints, where it is told of them.
pub(in crate::engine::envoy) fn assignment<'a>(config: &'a ProxyConfig, cluster: &'a Cluster) -> Option<&'a ClusterLoadAssignment> {
    match cluster.r#type.as_ref() {
        "ORIGINAL_DST" => None,
        "EDS" => eds(config, cluster),
        _ => cluster.load_assignment.as_ref(),
    }
}

/// `, at priority 1 in r1/z2`, where the endpoints of a cluster are of several priorities.
pub(in crate::engine::envoy) fn rank(assignment: Option<&ClusterLoadAssignment>, host: &Host) -> String {
    let Some(assignment) = assignment.filter(|assignment| assignment.endpoints.iter().any(|group| group.priority > 0)) else { return String::new() };
    let place = assignment.endpoints.get(host.locality).and_then(|group| group.locality.as_ref());
    let parts = place.map(|place| [&place.region, &place.zone, &place.sub_zone].map(String::as_str).join("/")).unwrap_or_default();
    let place = parts.trim_end_matches('/');
    format!(", at priority {}{}{place}", host.priority, if place.is_empty() { "" } else { " in " })
}

fn eds<'a>(config: &'a ProxyConfig, cluster: &Cluster) -> Option<&'a ClusterLoadAssignment> {
    let service = cluster.eds_cluster_config.as_ref().map(|eds| eds.service_name.as_str()).filter(|name| !name.is_empty()).unwrap_or(&cluster.name);
    config.endpoints.iter().find(|assignment| assignment.cluster_name == service)
}

fn of_locality(at: usize, locality: &LocalityLbEndpoints, original_destination: &str) -> Vec<Host> {
    let host = |endpoint: &crate::engine::xds::LbEndpoint| {
        let target = endpoint.endpoint.as_ref();
        // Another listener of this Envoy that is told no more goes on to where the connection was going.
        let goes_on = || Some(original_destination.to_owned()).filter(|_| endpoint.internal_address().is_some());
        let address = endpoint.destination().or_else(goes_on)?;
        let named = endpoint.socket_address().filter(|socket| socket.address.parse::<std::net::IpAddr>().is_err()).map(|socket| socket.address.clone());
        let hostname = target.map(|target| target.hostname.clone()).filter(|name| !name.is_empty()).or(named).unwrap_or_default();
        Some(Host {
            address,
            hostname,
            priority: locality.priority,
            locality: at,
            locality_weight: f64::from(locality.load_balancing_weight.unwrap_or(0)),
            weight: f64::from(endpoint.load_balancing_weight.unwrap_or(1).max(1)),
            is_healthy: !matches!(endpoint.health_status.as_ref(), "UNHEALTHY" | "DRAINING" | "TIMEOUT"),
        })
    };
    locality.lb_endpoints.iter().filter_map(host).collect()
}
