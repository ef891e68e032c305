//! `istioctl proxy-config endpoint` (`clusters/clusters.go`), and the endpoints in `all` (`configdump/endpoint.go`).

use super::{Filter, Row, clusters};
use crate::engine::xds::{ClusterLoadAssignment, LbEndpoint, Locality, ProxyConfig};

/// A row for each endpoint of each cluster, by address, port and cluster. Nothing has failed yet, so the outlier check is `OK`;
/// a cluster that looks names up is shown with the name, as no name is looked up here.
pub(super) fn rows(config: &ProxyConfig, filter: &Filter) -> Vec<Row> {
    let of_clusters = config.clusters.iter().filter_map(|cluster| Some((cluster.name.as_str(), cluster.load_assignment.as_ref()?)));
    let of_eds = config.endpoints.iter().map(|assignment| (assignment.cluster_name.as_str(), assignment));
    let mut found: Vec<(String, u32, &str, &LbEndpoint)> = Vec::new();
    for (cluster, assignment) in of_eds.chain(of_clusters) {
        let endpoints = assignment.endpoints.iter().flat_map(|locality| &locality.lb_endpoints).filter(|endpoint| filter.takes_endpoint(endpoint, cluster));
        found.extend(endpoints.map(|endpoint| {
            let (address, port) = address(endpoint);
            (address, port, cluster, endpoint)
        }));
    }
    found.sort_by(|a, b| (&a.0, a.1, a.2).cmp(&(&b.0, b.1, b.2)));
    let row = |(address, port, cluster, endpoint): (String, u32, &str, &LbEndpoint)| {
        let place = if port == 0 { address } else { format!("{address}:{port}") };
        Row { resource: cluster.to_owned(), cells: vec![place, status(endpoint).to_owned(), "OK".to_owned(), cluster.to_owned()], origins: Vec::new() }
    };
    found.into_iter().map(row).collect()
}

/// As `all` shows them: by cluster, with the health that EDS tells and the locality.
pub(super) fn rows_of_eds(config: &ProxyConfig, filter: &Filter) -> Vec<Row> {
    let mut rows = Vec::new();
    for assignment in sorted(&config.endpoints, filter) {
        for group in &assignment.endpoints {
            rows.extend(group.lb_endpoints.iter().map(|endpoint| {
                let (address, port) = address(endpoint);
                let place = if port == 0 { address } else { format!("{address}:{port}") };
                let health = if endpoint.health_status.is_empty() { "UNKNOWN" } else { &endpoint.health_status };
                let cells = vec![format!("endpoint/{place}"), health.to_owned(), locality(group.locality.as_ref()), assignment.cluster_name.clone()];
                Row { resource: assignment.cluster_name.clone(), cells, origins: Vec::new() }
            }));
        }
    }
    rows
}

/// By cluster. A filter also takes the assignments that it leaves nothing of.
pub(super) fn sorted(all: &[ClusterLoadAssignment], filter: &Filter) -> Vec<ClusterLoadAssignment> {
    let mut assignments: Vec<ClusterLoadAssignment> = Vec::new();
    for assignment in all {
        let mut left = assignment.clone();
        left.endpoints.iter_mut().for_each(|group| group.lb_endpoints.retain(|endpoint| filter.takes_endpoint(endpoint, &assignment.cluster_name)));
        if !filter.asks_of_endpoints() || left.endpoints.iter().any(|group| !group.lb_endpoints.is_empty()) {
            assignments.push(left);
        }
    }
    assignments.sort_by(|a, b| clusters::key(&a.cluster_name).cmp(&clusters::key(&b.cluster_name)));
    assignments
}

/// Address and port; a socket's path has no port.
pub(super) fn address(endpoint: &LbEndpoint) -> (String, u32) {
    if let Some(socket) = endpoint.socket_address() {
        return (socket.address.clone(), socket.port_value);
    }
    let address = endpoint.endpoint.as_ref().and_then(|endpoint| endpoint.address.as_ref());
    match address.map(|address| (&address.pipe, &address.envoy_internal_address)) {
        Some((Some(pipe), _)) => (format!("unix://{}", pipe.path), 0),
        Some((_, Some(internal))) => (format!("envoy://{}/{}", internal.server_listener_name, internal.endpoint_id), 0),
        _ => ("unknown".to_owned(), 0),
    }
}

/// What Envoy makes of the health that EDS tells.
pub(super) fn status(endpoint: &LbEndpoint) -> &'static str {
    match endpoint.health_status.as_ref() {
        "UNHEALTHY" | "TIMEOUT" => "UNHEALTHY",
        "DRAINING" => "DRAINING",
        "DEGRADED" => "DEGRADED",
        _ => "HEALTHY",
    }
}

fn locality(locality: Option<&Locality>) -> String {
    let Some(Locality { region, zone, sub_zone }) = locality else { return String::new() };
    // A zone within no zone is left out.
    let parts: Vec<&str> = [zone, sub_zone].into_iter().map(String::as_str).take_while(|part| !part.is_empty()).collect();
    [&[region.as_str()], parts.as_slice()].concat().join("/")
}
