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
    inbound::{inbound_listeners, targets},
    outbound::{outbound_listeners, outbound_routes},
    scope::Scope,
};
use super::{
    cluster::Cluster,
    xds::{Listener, ProxyConfig, TypedConfig},
};

/// The listeners, routes, clusters and endpoints of one proxy.
pub fn push(cluster: &Cluster, proxy: &Proxy) -> ProxyConfig {
    let scope = Scope::new(cluster, proxy);
    if proxy.r#type == ProxyType::Waypoint {
        return waypoint::push(&scope);
    }
    let mut config = ProxyConfig::default();
    // Room for a port and two subsets of each, so that a thousand services' clusters are not moved again and again.
    config.clusters.reserve(3 * scope.services.len());
    config.endpoints.reserve(3 * scope.services.len());
    outbound_clusters(&scope, |_| true, |outbound| add_outbound(&scope, &mut config, outbound));
    config.clusters.push(black_hole(scope.mesh()));
    if cluster.ambient.is_on() {
        config.clusters.push(hbone::connect_originate_cluster(&scope, &[]));
    }
    if proxy.r#type == ProxyType::Gateway {
        let merged = Merged::new(&scope);
        config.secrets = Some(delivered_secrets(&scope, &merged));
        config.listeners = gateway_listeners(&scope, &merged);
        config.listeners.extend(tunnels(&scope));
        config.routes = route_names(&config.listeners).iter().map(|name| gateway_routes(&scope, &merged, name)).collect();
        return config;
    }
    let targets = targets(&scope);
    config.clusters.push(passthrough(scope.mesh()));
    config.clusters.extend(inbound_clusters(&scope, &targets));
    if hbone::ends_tunnels(&scope) {
        config.clusters.push(waypoint::main_internal_cluster());
    }
    config.clusters.push(inbound_passthrough(scope.mesh()));
    config.listeners = outbound_listeners(&scope);
    config.listeners.extend(tunnels(&scope));
    config.listeners.extend(inbound_listeners(&scope, &targets));
    config.routes = outbound_routes(&scope, &route_names(&config.listeners));
    config
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
    let mut clusters = inbound_clusters(&scope, &targets);
    clusters.push(inbound_passthrough(scope.mesh()));
    if hbone::ends_tunnels(&scope) {
        clusters.push(waypoint::main_internal_cluster());
    }
    ProxyConfig { listeners: inbound_listeners(&scope, &targets), clusters, ..ProxyConfig::default() }
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
