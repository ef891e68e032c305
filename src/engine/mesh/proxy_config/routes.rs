//! `istioctl proxy-config route` (`configdump/route.go`).

use std::collections::BTreeSet;

use super::{Filter, Row, listeners, noted};
use crate::engine::xds::{ProxyConfig, Route, RouteConfiguration, TypedConfig, VirtualHost};

/// So many domains of a virtual host are shown.
const MOST_DOMAINS: usize = 2;

/// A row for each route: of what RDS delivers, then of what stands in listeners, which Envoy shows as well.
pub(super) fn rows(config: &ProxyConfig, filter: &Filter) -> Vec<Row> {
    sorted(&config.routes, filter).into_iter().chain(inline(config).filter(|routes| filter.takes_route(routes))).flat_map(of_configuration).collect()
}

/// By port, where the names are ports; the others afterwards.
pub(super) fn sorted<'a>(all: &'a [RouteConfiguration], filter: &Filter) -> Vec<&'a RouteConfiguration> {
    let mut routes: Vec<&RouteConfiguration> = all.iter().filter(|routes| filter.takes_route(routes)).collect();
    routes.sort_by_key(|routes| routes.name.parse::<u64>().unwrap_or(u64::MAX));
    routes
}

fn inline(config: &ProxyConfig) -> impl Iterator<Item = &RouteConfiguration> {
    let chains = config.listeners.iter().flat_map(|listener| listener.filter_chains.iter().chain(&listener.default_filter_chain));
    chains.flat_map(|chain| &chain.filters).filter_map(|filter| match &filter.typed_config {
        Some(TypedConfig::HttpConnectionManager(manager)) => manager.route_config.as_ref(),
        _ => None,
    })
}

fn of_configuration(routes: &RouteConfiguration) -> Vec<Row> {
    let mut rows = Vec::new();
    for host in &routes.virtual_hosts {
        let row = |path: String, owner: String| vec![routes.name.clone(), host.name.clone(), domains(&host.domains), path, owner];
        if host.routes.is_empty() {
            let cells = row("/*".to_owned(), "404".to_owned());
            rows.push(Row { resource: routes.name.clone(), cells, origins: host.origin.iter().cloned().collect() });
        }
        for route in host.routes.iter().filter(|route| !is_passthrough(route)) {
            let cells = row(listeners::path(&route.r#match), noted(route.metadata.as_ref()));
            rows.push(Row { resource: routes.name.clone(), cells, origins: origins(host, route) });
        }
    }
    rows
}

/// The rule and its destinations; where no rule is behind it, whatever made the virtual host.
fn origins(host: &VirtualHost, route: &Route) -> Vec<crate::engine::xds::Origin> {
    let weighted = route.route.iter().flat_map(|action| &action.weighted_clusters).flat_map(|weighted| &weighted.clusters);
    let own: Vec<_> = route.origin.iter().chain(weighted.filter_map(|cluster| cluster.origin.as_ref())).cloned().collect();
    if own.is_empty() { host.origin.iter().cloned().collect() } else { own }
}

fn is_passthrough(route: &Route) -> bool {
    route.route.as_ref().and_then(|action| action.cluster.as_deref()) == Some("PassthroughCluster")
}

/// The shortest of a virtual host's names without a port; of more than two the others are counted.
fn domains(domains: &[String]) -> String {
    if let [only] = domains {
        return only.clone();
    }
    let has_no_port = |domain: &&String| !domain.contains(':') || (domain.matches(':').count() > 2 && domain.ends_with(']'));
    let names: Vec<&str> = domains.iter().filter(has_no_port).map(String::as_str).collect();
    let known: BTreeSet<&str> = names.iter().copied().collect();
    let is_longer_form = |name: &str| [".svc.cluster.local", ".svc"].iter().any(|end| name.strip_suffix(end).is_some_and(|short| known.contains(short)));
    let names: Vec<&str> = names.into_iter().filter(|name| !is_longer_form(name)).collect();
    match names.get(MOST_DOMAINS..) {
        Some(more) if !more.is_empty() => format!("{} + {} more...", names[..MOST_DOMAINS].join(", "), more.len()),
        _ => names.join(", "),
    }
}
