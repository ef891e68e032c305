//! The control plane: what istiod 1.26 pushes to one proxy of a cluster.
//!
//! Knows resources through their cluster, and writes xDS; it never sees a request.

mod access_log;
mod chains;
mod clusters;
mod egress;
mod endpoints;
mod gateway;
mod hbone;
mod hcm;
mod inbound;
mod ingress;
mod inspection;
mod locality;
mod metadata;
mod outbound;
mod proxy;
mod route;
mod scope;
mod security;
mod tcp;
mod waypoint;
mod ztunnel;

pub use proxy::{Proxy, ProxyType};
pub use ztunnel::ztunnel_state;

use std::collections::BTreeSet;

use self::{
    clusters::{Outbound, black_hole, inbound_clusters, inbound_passthrough, outbound_clusters, passthrough},
    endpoints::load_assignment,
    gateway::{Merged, delivered_secrets, gateway_listeners, gateway_routes},
    inbound::{Target, inbound_listeners, targets},
    outbound::{outbound_listeners, outbound_routes},
    scope::Scope,
};
use super::{
    cluster::Cluster,
    side_by_side::both,
    xds::{self, Listener, ProxyConfig, TypedConfig},
};

/// The listeners, routes, clusters and endpoints of one proxy.
pub fn push(cluster: &Cluster, proxy: &Proxy) -> ProxyConfig {
    let scope = Scope::new(cluster, proxy);
    if proxy.r#type == ProxyType::Waypoint {
        return waypoint::push(&scope);
    }
    let upstreams = || upstreams(&scope);
    let downstreams = || if proxy.r#type == ProxyType::Gateway { gateway_downstreams(&scope) } else { sidecar_downstreams(&scope) };
    let (upstreams, downstreams) = if scope.services.len() < MANY { (upstreams(), downstreams()) } else { both(upstreams, downstreams) };
    ProxyConfig { clusters: upstreams.clusters, endpoints: upstreams.endpoints, ..downstreams }
}

/// Services whose configuration takes so long that it is worth a second thread: some milliseconds.
const MANY: usize = 100;

/// The clusters and endpoints of a sidecar or gateway.
fn upstreams(scope: &Scope) -> ProxyConfig {
    let mut config = ProxyConfig::default();
    // Room for a port and two subsets of each, so that a thousand services' clusters are not moved again and again.
    config.clusters.reserve(3 * scope.services.len());
    config.endpoints.reserve(3 * scope.services.len());
    outbound_clusters(scope, |_| true, |outbound| add_outbound(scope, &mut config, outbound));
    config.clusters.push(black_hole(scope.mesh()));
    if scope.cluster.ambient.is_on() {
        config.clusters.push(hbone::connect_originate_cluster(scope, &[]));
    }
    if scope.proxy.r#type == ProxyType::Sidecar {
        config.clusters.push(passthrough(scope.mesh()));
        config.clusters.extend(ways_in(scope, &targets(scope)));
    }
    config
}

/// The clusters of a sidecar's way in.
fn ways_in(scope: &Scope, targets: &[Target]) -> Vec<xds::Cluster> {
    let mut clusters = inbound_clusters(scope, targets);
    if hbone::ends_tunnels(scope) {
        clusters.push(waypoint::main_internal_cluster());
    }
    clusters.push(inbound_passthrough(scope.mesh()));
    clusters
}

/// The listeners, routes and secrets of a gateway.
fn gateway_downstreams(scope: &Scope) -> ProxyConfig {
    let merged = Merged::new(scope);
    let mut listeners = gateway_listeners(scope, &merged);
    listeners.extend(tunnels(scope));
    let routes = route_names(&listeners).iter().map(|name| gateway_routes(scope, &merged, name)).collect();
    ProxyConfig { secrets: Some(delivered_secrets(scope, &merged)), listeners, routes, ..ProxyConfig::default() }
}

/// The listeners and routes of a sidecar.
fn sidecar_downstreams(scope: &Scope) -> ProxyConfig {
    let mut listeners = outbound_listeners(scope);
    listeners.extend(tunnels(scope));
    listeners.extend(inbound_listeners(scope, &targets(scope)));
    let routes = outbound_routes(scope, &route_names(&listeners));
    ProxyConfig { listeners, routes, ..ProxyConfig::default() }
}

/// A cluster, with its endpoints where Envoy asks for them.
fn add_outbound(scope: &Scope, config: &mut ProxyConfig, outbound: Outbound) {
    if outbound.cluster.r#type == "EDS" {
        config.endpoints.push(load_assignment(scope, &outbound));
    }
    config.clusters.push(outbound.cluster);
}

/// The listener that opens tunnels, where anybody may be reached by them.
fn tunnels(scope: &Scope) -> Option<Listener> {
    scope.cluster.ambient.is_on().then(|| hbone::connect_originate_listener(scope))
}

/// What [`push`] gives a sidecar for the way in alone.
pub fn push_inbound(cluster: &Cluster, proxy: &Proxy) -> ProxyConfig {
    let scope = Scope::new(cluster, proxy);
    let targets = targets(&scope);
    ProxyConfig { listeners: inbound_listeners(&scope, &targets), clusters: ways_in(&scope, &targets), ..ProxyConfig::default() }
}

/// The route configurations that listeners ask for.
fn route_names(listeners: &[Listener]) -> BTreeSet<String> {
    let filters = listeners.iter().flat_map(|listener| listener.filter_chains.iter().chain(&listener.default_filter_chain)).flat_map(|chain| &chain.filters);
    let name = |config: &TypedConfig| match config {
        TypedConfig::HttpConnectionManager(manager) => manager.rds.as_ref().map(|rds| rds.route_config_name.clone()),
        _ => None,
    };
    filters.filter_map(|filter| filter.typed_config.as_ref().and_then(name)).collect()
}
