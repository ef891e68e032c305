//! Tests of the data plane: xDS and a call in, an outcome out.

mod balance;
mod bounds;
mod connections;
mod filters;
pub mod refusal;
mod resilience;
mod routing;
mod security;

use meshwright::engine::{
    envoy::{self, Call, Outcome, Verdict},
    xds::ProxyConfig,
};
use serde_json::{Value, json};

const HCM: &str = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const TCP_PROXY: &str = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";
const FAULT: &str = "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault";
const CORS: &str = "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy";

/// A filter chain that serves HTTP by the route configuration `80`.
fn http_chain() -> Value {
    let filter = |name: &str| json!({"name": format!("envoy.filters.http.{name}")});
    let router = json!({"name": "envoy.filters.http.router", "typedConfig": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}});
    json!({"filters": [{"name": "hcm", "typedConfig": {"@type": HCM, "rds": {"routeConfigName": "80"}, "normalizePath": true,
        "httpFilters": [filter("fault"), filter("cors"), router]}}]})
}

/// A filter chain that passes bytes to a cluster.
fn tcp_chain(cluster: &str) -> Value {
    json!({"filters": [{"name": "tcp", "typedConfig": {"@type": TCP_PROXY, "cluster": cluster}}]})
}

fn listener(address: &str, port: u32, chains: &Value) -> Value {
    json!({"name": format!("{address}_{port}"), "address": {"socketAddress": {"address": address, "portValue": port}}, "filterChains": chains})
}

/// A cluster with endpoints `10.0.0.1`, `10.0.0.2`, …
fn cluster(name: &str, endpoints: usize) -> Value {
    let endpoint = |at: usize| json!({"endpoint": {"address": {"socketAddress": {"address": format!("10.0.0.{at}"), "portValue": 80}}}});
    let endpoints: Vec<Value> = (1..=endpoints).map(endpoint).collect();
    json!({"name": name, "type": "STATIC", "loadAssignment": {"clusterName": name, "endpoints": [{"lbEndpoints": endpoints}]}})
}

/// A proxy that listens for HTTP on port 80 and has one virtual host `web` with these routes; clusters `a` and `b` have an endpoint each.
fn proxy(routes: &Value) -> ProxyConfig {
    proxy_with(routes, &json!([cluster("a", 1), cluster("b", 1)]))
}

fn proxy_with(routes: &Value, clusters: &Value) -> ProxyConfig {
    config(&json!({
        "listeners": [listener("0.0.0.0", 80, &json!([http_chain()]))],
        "routes": [{"name": "80", "ignorePortInHostMatching": true, "virtualHosts": [{"name": "web", "domains": ["web"], "includeRequestAttemptCount": true, "routes": routes}]}],
        "clusters": clusters,
        "endpoints": [],
    }))
}

fn config(value: &Value) -> ProxyConfig {
    serde_json::from_value(value.clone()).unwrap()
}

/// A route for everything.
fn everything(action: &Value) -> Value {
    let mut route = json!({"name": "all", "match": {"prefix": "/"}});
    route.as_object_mut().unwrap().extend(action.as_object().unwrap().clone());
    json!([route])
}

/// `GET http://web/`, changed by `changes`.
fn call(changes: &Value) -> Call {
    let mut call = json!({"host": "web", "path": "/", "port": 80});
    call.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    serde_json::from_value(call).unwrap()
}

fn run(config: &ProxyConfig, changes: &Value) -> Outcome {
    envoy::run(config, &call(changes))
}

/// The reasons for which candidates were left.
fn losses(outcome: &Outcome) -> Vec<&str> {
    outcome.trace.iter().filter(|step| step.verdict == Verdict::Lost).map(|step| step.reason.as_str()).collect()
}

/// `[(cluster, share)]`.
fn shares(outcome: &Outcome) -> Vec<(&str, f64)> {
    outcome.clusters.iter().map(|cluster| (cluster.name.as_str(), cluster.share)).collect()
}
