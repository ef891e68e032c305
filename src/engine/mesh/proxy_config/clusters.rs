//! `istioctl proxy-config cluster` (`configdump/cluster.go`).

use super::{Filter, Row, noted};
use crate::engine::xds::{Cluster, ProxyConfig};

/// The parts of a cluster's name, as far as it has them.
pub(super) struct Name<'a> {
    pub direction: &'a str,
    pub subset: &'a str,
    pub host: &'a str,
    pub port: u32,
}

/// Reads `direction|port|subset|host`; any other name is a host.
pub(super) fn parse(name: &str) -> Name<'_> {
    match name.splitn(4, '|').collect::<Vec<_>>()[..] {
        [direction, port, subset, host] => Name { direction, subset, host, port: port.parse().unwrap_or_default() },
        _ => Name { direction: "", subset: "", host: name, port: 0 },
    }
}

/// By host, subset, port and direction.
pub(super) fn key(name: &str) -> (&str, &str, u32, &str) {
    let Name { direction, subset, host, port } = parse(name);
    (host, subset, port, direction)
}

pub(super) fn sorted<'a>(all: &'a [Cluster], filter: &Filter) -> Vec<&'a Cluster> {
    let mut clusters: Vec<&Cluster> = all.iter().filter(|cluster| filter.takes_cluster(cluster)).collect();
    clusters.sort_by_key(|cluster| key(&cluster.name));
    clusters
}

pub(super) fn rows(config: &ProxyConfig, filter: &Filter) -> Vec<Row> {
    sorted(&config.clusters, filter).into_iter().map(of_cluster).collect()
}

fn of_cluster(cluster: &Cluster) -> Row {
    let Name { direction, subset, host, port } = parse(&cluster.name);
    let discovery = if cluster.r#type.is_empty() { "STATIC" } else { &cluster.r#type };
    let (port, subset, direction) = if direction.is_empty() && port == 0 {
        ("-".to_owned(), "-", "-")
    } else {
        (port.to_string(), if subset.is_empty() { "-" } else { subset }, direction)
    };
    let cells = [host, &port, subset, direction, discovery].map(str::to_owned);
    Row {
        resource: cluster.name.clone(),
        cells: cells.into_iter().chain([noted(cluster.metadata.as_ref())]).collect(),
        origins: cluster.origin.iter().cloned().collect(),
    }
}
