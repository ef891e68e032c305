//! Makes of one proxy's xDS a static bootstrap that a stock Envoy runs on loopback.
//!
//! What decides where a request goes stays as istiod would push it. Left out is what a stock Envoy lacks or loopback cannot
//! have: Istio's own filters, TLS towards backends, original destinations, access logs and tracing.

use std::{collections::HashMap, net::SocketAddr};

use meshwright::engine::xds::ProxyConfig;
use serde_json::{Value, json};

/// Filters of a stock Envoy; all others are Istio's.
const STOCK_FILTERS: &[&str] = &[
    "envoy.filters.network.http_connection_manager",
    "envoy.filters.network.tcp_proxy",
    "envoy.filters.http.router",
    "envoy.filters.http.fault",
    "envoy.filters.http.cors",
    "envoy.filters.http.grpc_stats",
];

/// Builds the bootstrap. `stubs` gives the loopback address that stands in for an endpoint's `address:port`.
pub fn bootstrap(config: &ProxyConfig, listener: &str, stubs: &HashMap<String, SocketAddr>) -> Value {
    let config = serde_json::to_value(config).unwrap();
    let routes: HashMap<&str, &Value> = list(&config["routes"]).iter().map(|route| (route["name"].as_str().unwrap(), route)).collect();
    let endpoints: HashMap<&str, &Value> =
        list(&config["endpoints"]).iter().map(|assignment| (assignment["clusterName"].as_str().unwrap(), assignment)).collect();
    let listener = list(&config["listeners"]).iter().find(|candidate| candidate["name"] == listener).unwrap_or_else(|| panic!("no listener {listener}"));
    let clusters: Vec<Value> = list(&config["clusters"]).iter().map(|cluster| static_cluster(cluster, &endpoints, stubs)).collect();
    json!({
        "admin": {"address": {"socketAddress": {"address": "127.0.0.1", "portValue": 0}}},
        "staticResources": {"listeners": [loopback_listener(listener, &routes)], "clusters": clusters}
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn loopback_listener(listener: &Value, routes: &HashMap<&str, &Value>) -> Value {
    let chain = |chain: &Value| {
        let mut chain = chain.clone();
        chain.as_object_mut().unwrap().remove("transportSocket");
        chain["filters"] = list(&chain["filters"]).iter().filter(|filter| is_stock(filter)).map(|filter| inline_routes(filter, routes)).collect();
        chain
    };
    let mut kept = json!({
        "name": listener["name"],
        "address": {"socketAddress": {"address": "127.0.0.1", "portValue": 0}},
        "filterChains": list(&listener["filterChains"]).iter().map(chain).collect::<Vec<_>>(),
        "listenerFilters": list(&listener["listenerFilters"]).iter().filter(|filter| filter["name"] != "envoy.filters.listener.original_dst").collect::<Vec<_>>(),
    });
    if let Some(default) = listener.get("defaultFilterChain") {
        kept["defaultFilterChain"] = chain(default);
    }
    for field in ["listenerFiltersTimeout", "continueOnListenerFiltersTimeout"] {
        if let Some(value) = listener.get(field) {
            kept[field] = value.clone();
        }
    }
    kept
}

fn is_stock(filter: &Value) -> bool {
    STOCK_FILTERS.contains(&filter["name"].as_str().unwrap_or_default())
}

fn inline_routes(filter: &Value, routes: &HashMap<&str, &Value>) -> Value {
    let mut filter = filter.clone();
    let config = filter["typedConfig"].as_object_mut().unwrap();
    for field in ["accessLog", "tracing"] {
        config.remove(field);
    }
    if let Some(rds) = config.remove("rds") {
        let name = rds["routeConfigName"].as_str().unwrap();
        config.insert("routeConfig".into(), (*routes.get(name).unwrap_or_else(|| panic!("no route configuration {name}"))).clone());
    }
    if let Some(http_filters) = config.get("httpFilters") {
        let stock: Vec<Value> = list(http_filters).iter().filter(|filter| is_stock(filter)).cloned().collect();
        config.insert("httpFilters".into(), stock.into());
    }
    filter
}

fn static_cluster(cluster: &Value, endpoints: &HashMap<&str, &Value>, stubs: &HashMap<String, SocketAddr>) -> Value {
    let name = cluster["name"].as_str().unwrap();
    let assignment = cluster.get("loadAssignment").or_else(|| endpoints.get(name).copied());
    let on_loopback: Vec<Value> = assignment
        .map(|assignment| list(&assignment["endpoints"]))
        .unwrap_or_default()
        .iter()
        .flat_map(|locality| list(&locality["lbEndpoints"]))
        .filter_map(|endpoint| {
            let socket = &endpoint["endpoint"]["address"]["socketAddress"];
            let stub = stubs.get(&format!("{}:{}", socket["address"].as_str()?, socket["portValue"]))?;
            Some(json!({"endpoint": {"address": {"socketAddress": {"address": stub.ip().to_string(), "portValue": stub.port()}}}}))
        })
        .collect();
    let mut kept = json!({
        "name": name, "type": "STATIC", "connectTimeout": "1s",
        "loadAssignment": {"clusterName": name, "endpoints": [{"lbEndpoints": on_loopback}]}
    });
    for field in ["circuitBreakers", "outlierDetection", "typedExtensionProtocolOptions", "maxRequestsPerConnection", "commonLbConfig"] {
        if let Some(value) = cluster.get(field) {
            kept[field] = value.clone();
        }
    }
    // A stock load balancer policy stays; the one that goes with original destinations cannot.
    match cluster["lbPolicy"].as_str() {
        None | Some("CLUSTER_PROVIDED") => {}
        Some(policy) => kept["lbPolicy"] = policy.into(),
    }
    kept
}
