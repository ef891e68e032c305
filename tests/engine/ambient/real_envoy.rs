//! A real Envoy takes what a waypoint is told.

use std::{collections::BTreeMap, fs, process::Command};

use meshwright::engine::xds::ProxyConfig;
use serde_json::{Value, json};

use super::{behind_waypoint, cluster, push, waypoint};
use crate::replay::find_envoy;

/// Filters that only Istio's own build of Envoy has.
const OF_ISTIO: &[&str] = &["io.istio", "istio.", "envoy.filters.network.metadata_exchange", "type.googleapis.com/stats.PluginConfig"];

/// A static bootstrap: endpoints go where EDS would bring them, Istio's own filters are left out, the rest is as it is pushed.
fn bootstrap(config: &ProxyConfig) -> Value {
    let endpoints: BTreeMap<&str, Value> =
        config.endpoints.iter().map(|assignment| (assignment.cluster_name.as_str(), serde_json::to_value(assignment).unwrap())).collect();
    let mut clusters: Vec<Value> = config.clusters.iter().map(|cluster| serde_json::to_value(cluster).unwrap()).collect();
    for cluster in &mut clusters {
        if cluster["type"] == "EDS" {
            let name = cluster["name"].as_str().unwrap().to_owned();
            cluster["type"] = "STATIC".into();
            cluster.as_object_mut().unwrap().remove("edsClusterConfig");
            cluster["loadAssignment"] = endpoints.get(name.as_str()).cloned().unwrap_or_else(|| json!({"clusterName": name}));
        }
    }
    // What a proxy's own bootstrap brings along.
    clusters.extend(["sds-grpc", "envoy_accesslog_service"].map(|name| {
        json!({"name": name, "type": "STATIC", "typedExtensionProtocolOptions": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions", "explicitHttpConfig": {"http2ProtocolOptions": {}}}}})
    }));
    let mut listeners = serde_json::to_value(&config.listeners).unwrap();
    strip(&mut listeners);
    let routes: BTreeMap<&str, Value> = config.routes.iter().map(|routes| (routes.name.as_str(), serde_json::to_value(routes).unwrap())).collect();
    bring_routes(&mut listeners, &routes);
    clusters.iter_mut().for_each(strip);
    json!({
        "node": {"id": "waypoint", "cluster": "waypoint"},
        "bootstrapExtensions": [{"name": "envoy.bootstrap.internal_listener",
            "typedConfig": {"@type": "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener"}}],
        "staticResources": {"listeners": listeners, "clusters": clusters},
    })
}

/// Routes go where RDS would bring them.
fn bring_routes(value: &mut Value, routes: &BTreeMap<&str, Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| bring_routes(item, routes)),
        Value::Object(fields) => {
            if let Some(rds) = fields.remove("rds") {
                let name = rds["routeConfigName"].as_str().unwrap();
                fields.insert("routeConfig".into(), routes[name].clone());
            }
            fields.values_mut().for_each(|field| bring_routes(field, routes));
        }
        _ => {}
    }
}

fn strip(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| {
                let config = &item["typedConfig"];
                let kinds = [&item["name"], &config["@type"], &config["typeUrl"]].map(|text| text.as_str().unwrap_or_default());
                !kinds.iter().any(|kind| OF_ISTIO.iter().any(|ours| kind.contains(ours))) || config.is_null()
            });
            items.iter_mut().for_each(strip);
        }
        Value::Object(fields) => fields.values_mut().for_each(strip),
        _ => {}
    }
}

/// A real Envoy takes a proxy's configuration as it is pushed.
#[track_caller]
pub(in crate::engine) fn takes(config: &ProxyConfig) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bootstrap.json");
    fs::write(&path, serde_json::to_vec_pretty(&bootstrap(config)).unwrap()).unwrap();
    let told = Command::new(find_envoy()).args(["--mode", "validate", "--log-level", "warning", "-c"]).arg(&path).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    assert!(told.status.success() && out.contains("OK"), "{out}\n{err}");
}

#[test]
fn it_takes_services_routes_subsets_and_policies() {
    let config = "
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: shop}
spec:
  parentRefs: [{group: '', kind: Service, name: cart}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /v2}, headers: [{name: x, value: z}]}]
    filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}]}}]
    backendRefs: [{name: cart, port: 80}]
  - backendRefs: [{name: cart, port: 80, weight: 9}, {name: cart, port: 9000, weight: 1}]
    timeouts: {request: 3s}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec:
  host: cart.shop.svc.cluster.local
  trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3}, loadBalancer: {consistentHash: {httpHeaderName: x}}, tls: {mode: SIMPLE, sni: a.example}}
  subsets: [{name: v1, labels: {version: v1}}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow, namespace: shop}
spec:
  targetRefs: [{group: '', kind: Service, name: cart}]
  rules:
  - from: [{source: {principals: ['*/sa/web', 'cluster.local/*', 'a*'], notNamespaces: [x], ipBlocks: [10.0.0.0/8]}}, {source: {serviceAccounts: [web]}}]
    to: [{operation: {methods: [GET], paths: [/a*, '/b/{*}'], hosts: ['*.example'], ports: ['80']}}]
    when: [{key: 'request.headers[x]', values: [z]}, {key: 'request.auth.claims[a]', values: [b]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: deny, namespace: shop}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: waypoint}], action: DENY, rules: [{from: [{source: {namespaces: [bad]}}]}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: outside, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}
spec: {hosts: [api.example.com], ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, protocol: TLS}], resolution: DNS}
";
    takes(&waypoint(config));
}

#[test]
fn it_takes_a_waypoint_for_all_traffic_and_one_for_nothing() {
    let all = behind_waypoint(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint}}\n",
    )
    .replace("name: waypoint, namespace: shop", "name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: all}");
    takes(&push(&cluster(&all), "shop", "waypoint"));
    let none = super::WAYPOINT.split("---").next().unwrap();
    takes(&push(&cluster(none), "shop", "waypoint"));
}

/// The tunnels of a sidecar and a gateway are the waypoint's own in kind.
#[test]
fn it_takes_what_opens_tunnels_elsewhere() {
    let cluster = cluster(&behind_waypoint(""));
    for (namespace, pod) in [("default", "old-1"), ("istio-system", "edge-1")] {
        let mut config = push(&cluster, namespace, pod);
        config.listeners.retain(|listener| listener.name == "connect_originate");
        config.clusters.retain(|cluster| cluster.name == "connect_originate" || cluster.name.contains("cart"));
        assert_eq!(config.listeners.len(), 1, "{pod}");
        takes(&config);
    }
}
