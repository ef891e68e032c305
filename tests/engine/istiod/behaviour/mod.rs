//! What istiod pushes and what Envoy does with it, one behaviour a test, each beside the file of istio/istio at 1.26.4 that it follows.
//!
//! Scenes are small: the world of the tests around, a few lines of configuration, and a call through one proxy.

mod authentication;
mod authorization;
mod delegates;
mod destination_rules;
mod exports;
mod gateway_servers;
mod host_names;
mod mesh_settings;
mod nearness;
mod outbound_listeners;
mod protocols;
mod resilience;
mod route_building;
mod service_entries;
mod sidecars;
mod simulation;
mod virtual_services;

use meshwright::engine::{
    envoy::{self, Call, Mode, Outcome, Protocol, Tls},
    xds::ProxyConfig,
};

use super::{cluster, gateway, push, routes, sidecar, virtual_host, xds_cluster};

const CART: &str = "cart.shop.svc.cluster.local";
const CART_80: &str = "cart.shop.svc.cluster.local:80";

/// A document of Istio's, by its kind, name and namespace and the flow-style text of its `spec`.
fn document(group: &str, kind: &str, name: &str, namespace: &str, spec: &str) -> String {
    document_with(group, kind, &format!("{{name: {name}, namespace: {namespace}}}"), spec)
}

fn document_with(group: &str, kind: &str, metadata: &str, spec: &str) -> String {
    format!("---\napiVersion: {group}.istio.io/v1\nkind: {kind}\nmetadata: {metadata}\nspec: {spec}\n")
}

fn virtual_service(name: &str, namespace: &str, spec: &str) -> String {
    document("networking", "VirtualService", name, namespace, spec)
}

fn destination_rule(name: &str, namespace: &str, spec: &str) -> String {
    document("networking", "DestinationRule", name, namespace, spec)
}

/// Metadata with the time at which an object was made.
fn made(name: &str, namespace: &str, day: u32) -> String {
    format!("{{name: {name}, namespace: {namespace}, creationTimestamp: '2026-03-{day:02}T00:00:00Z'}}")
}

fn service_entry(name: &str, namespace: &str, spec: &str) -> String {
    document("networking", "ServiceEntry", name, namespace, spec)
}

/// A route to one destination, with a name.
fn to(name: &str, host: &str) -> String {
    format!("{{name: {name}, route: [{{destination: {{host: {host}}}}}]}}")
}

/// `GET` on a connection that iptables has captured on its way out.
fn out(address: &str, port: u32, host: &str, path: &str) -> Call {
    Call { address: address.into(), port, host: host.into(), path: path.into(), ..Call::default() }
}

/// `GET` of a host at `cart`'s address.
fn get(config: &ProxyConfig, path: &str) -> Outcome {
    envoy::run(config, &out("10.96.0.2", 80, "cart", path))
}

/// A connection that is no HTTP, on its way out.
fn tcp(address: &str, port: u32) -> Call {
    Call { protocol: Protocol::Tcp, ..out(address, port, "", "") }
}

/// `GET` of the workload itself.
fn inbound(port: u32, tls: Tls) -> Call {
    Call { mode: Mode::Inbound, tls, ..out("10.1.0.1", port, "web", "/") }
}

/// The clusters that a call goes to.
fn clusters(outcome: &Outcome) -> Vec<&str> {
    outcome.clusters.iter().map(|cluster| cluster.name.as_str()).collect()
}

/// Names of the routes of a virtual host.
fn names(config: &ProxyConfig, route_config: &str, host: &str) -> Vec<String> {
    virtual_host(config, route_config, host).routes.iter().map(|route| route.name.clone()).collect()
}

/// Names of the virtual hosts of a route configuration.
fn hosts(config: &ProxyConfig, route_config: &str) -> Vec<String> {
    routes(config, route_config).virtual_hosts.iter().map(|host| host.name.clone()).collect()
}

/// Whether a proxy knows a cluster.
fn knows(config: &ProxyConfig, cluster: &str) -> bool {
    config.clusters.iter().any(|known| known.name == cluster)
}
