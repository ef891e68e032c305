//! Settings of the whole mesh that hold where no object says more (`DefaultMeshConfig` in `pkg/config/mesh/mesh.go`).

use meshwright::engine::{cluster::MeshConfig, xds::ProxyConfig};
use serde_json::{Value, json};

use super::{cluster, destination_rule, hosts, inbound, knows, names, push, service_entry, to, virtual_service, xds_cluster};
use crate::engine::istiod::cluster_with;

const CART: &str = "outbound|80||cart.shop.svc.cluster.local";
const WEB: &str = "outbound|80||web.other.svc.cluster.local";
const OPTIONS: &str = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

fn mesh(settings: Value) -> MeshConfig {
    serde_json::from_value(settings).unwrap()
}

/// What `web-1.shop` is told.
fn sidecar(text: &str, settings: Value) -> ProxyConfig {
    push(&cluster_with(text, mesh(settings)), "shop", "web-1")
}

fn seconds(config: &ProxyConfig, cluster: &str) -> String {
    xds_cluster(config, cluster).connect_timeout.unwrap().to_string()
}

/// `applyDefaultConnectionPool` in `pilot/pkg/networking/core/cluster_traffic_policy.go`.
#[test]
fn connections_may_take_as_long_as_the_mesh_says_unless_a_rule_says_it() {
    let rule = destination_rule("d", "shop", "{host: cart, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 2s}}}}");
    let config = sidecar(&rule, json!({"connectTimeout": "4s"}));
    assert_eq!([CART, WEB, "PassthroughCluster", "BlackHoleCluster"].map(|cluster| seconds(&config, cluster)), ["2s", "4s", "4s", "4s"]);
    assert_eq!(seconds(&sidecar("", json!({})), CART), "10s");
}

/// `applyTCPKeepalive` in `pilot/pkg/networking/core/cluster_builder.go`.
#[test]
fn a_rule_changes_single_fields_of_the_meshs_keepalive() {
    let rule = destination_rule("d", "shop", "{host: cart, trafficPolicy: {connectionPool: {tcp: {tcpKeepalive: {probes: 2, interval: 7s}}}}}");
    let config = sidecar(&rule, json!({"tcpKeepalive": {"probes": 5, "time": "60s"}}));
    let keepalive = |cluster: &str| xds_cluster(&config, cluster).upstream_connection_options.clone().unwrap()["tcpKeepalive"].clone();
    assert_eq!(keepalive(CART), json!({"keepaliveProbes": 2, "keepaliveTime": 60, "keepaliveInterval": 7}));
    assert_eq!(keepalive(WEB), json!({"keepaliveProbes": 5, "keepaliveTime": 60}));
    assert!(xds_cluster(&sidecar("", json!({})), CART).upstream_connection_options.is_none());
}

fn speaks_http2(config: &ProxyConfig, cluster: &str) -> bool {
    let options = xds_cluster(config, cluster).typed_extension_protocol_options.get(OPTIONS);
    options.is_some_and(|options| serde_json::to_value(options).unwrap()["explicitHttpConfig"].get("http2ProtocolOptions").is_some())
}

/// `shouldH2Upgrade` in `pilot/pkg/networking/core/cluster_traffic_policy.go`: a rule's word goes first, and the mesh's is for ports of HTTP.
#[test]
fn clients_upgrade_to_http2_by_the_mesh_or_a_rule() {
    let rule = |policy: &str| destination_rule("d", "shop", &format!("{{host: cart, trafficPolicy: {{connectionPool: {{http: {{{policy}}}}}}}}}"));
    let upgraded = sidecar(&rule("h2UpgradePolicy: DO_NOT_UPGRADE"), json!({"h2UpgradePolicy": "UPGRADE"}));
    assert!(!speaks_http2(&upgraded, CART) && speaks_http2(&upgraded, WEB));
    assert!(!speaks_http2(&upgraded, "outbound|3306||db.shop.svc.cluster.local"));
    assert!(speaks_http2(&sidecar(&rule("h2UpgradePolicy: UPGRADE"), json!({})), CART));
    assert!(!speaks_http2(&sidecar(&rule("useClientProtocol: true"), json!({"h2UpgradePolicy": "UPGRADE"})), CART));
    assert!(!speaks_http2(&sidecar("", json!({})), WEB));
}

/// `applyTrafficPolicy` in `pilot/pkg/networking/core/cluster_traffic_policy.go`: a server is handed what its port declares.
#[test]
fn the_servers_side_upgrades_nothing() {
    let rule = destination_rule("d", "shop", "{host: web, trafficPolicy: {connectionPool: {http: {h2UpgradePolicy: UPGRADE, maxRetries: 3}}}}");
    let config = sidecar(&rule, json!({"h2UpgradePolicy": "UPGRADE"}));
    assert!(speaks_http2(&config, "outbound|80||web.shop.svc.cluster.local"));
    assert!(!speaks_http2(&config, "inbound|8080||"));
    let limits = &xds_cluster(&config, "inbound|8080||").circuit_breakers.as_ref().unwrap().thresholds[0];
    assert_eq!(limits.max_retries, Some(3), "its limits are those of the rule all the same");
}

/// `buildInboundClustersFromServiceInstances` in `pilot/pkg/networking/core/cluster.go`.
#[test]
fn what_arrives_may_be_handed_on_to_localhost() {
    let endpoints = |settings: Value| {
        let outcome = meshwright::engine::envoy::run(&sidecar("", settings), &inbound(8080, meshwright::engine::envoy::Tls::Plaintext));
        outcome.clusters[0].endpoints.clone()
    };
    assert_eq!(endpoints(json!({"inboundTrafficPolicy": {"mode": "LOCALHOST"}})), ["127.0.0.1:8080"]);
    assert_eq!(endpoints(json!({})), ["10.1.0.1:8080"]);
    let local = sidecar("", json!({"inboundTrafficPolicy": {"mode": "LOCALHOST"}}));
    let own = xds_cluster(&local, "inbound|8080||");
    assert_eq!((own.r#type.as_ref(), own.upstream_bind_config.is_some()), ("STATIC", false));
}

const PLACES: &str = "{hosts: [places.example.com], location: MESH_INTERNAL, resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], \
                      endpoints: [{address: 198.51.100.1, locality: near/a}, {address: 198.51.100.2, locality: far/a}]}";
const PLACES_80: &str = "outbound|80||places.example.com";

/// Weight and priority of each place, and whether Envoy keeps to weights.
fn spread(rule: &str, settings: Value) -> (Vec<(u32, u32)>, bool) {
    let rule = if rule.is_empty() { String::new() } else { destination_rule("d", "shop", &format!("{{host: places.example.com, trafficPolicy: {{{rule}}}}}")) };
    let cluster = cluster_with(&(service_entry("e", "shop", PLACES) + &rule), mesh(settings));
    let workload = cluster.workloads.pod("shop", "web-1").unwrap();
    let proxy = meshwright::engine::istiod::Proxy { locality: "near/a".into(), ..meshwright::engine::istiod::Proxy::of_workload(workload) };
    let config = meshwright::engine::istiod::push(&cluster, &proxy);
    let assignment = config.endpoints.iter().find(|assignment| assignment.cluster_name == PLACES_80).unwrap();
    let places = assignment.endpoints.iter().map(|place| (place.load_balancing_weight.unwrap_or_default(), place.priority)).collect();
    (places, xds_cluster(&config, PLACES_80).common_lb_config.as_ref().unwrap().locality_weighted_lb_config.is_some())
}

/// `GetLocalityLbSetting` in `pilot/pkg/networking/core/loadbalancer/loadbalancer.go`. Places are in the order of their names, so `far` comes first.
#[test]
fn places_are_the_meshs_business_where_no_rule_speaks_of_them() {
    let shares = || json!({"localityLbSetting": {"distribute": [{"from": "near/*", "to": {"near/*": 90, "far/*": 10}}]}});
    let (outliers, own) = ("outlierDetection: {consecutive5xxErrors: 3}", "loadBalancer: {localityLbSetting: {enabled: false}}");
    assert_eq!(spread("", shares()), (vec![(10, 0), (90, 0)], true));
    assert_eq!(spread(own, shares()), (vec![(1, 0), (1, 0)], false));
    assert_eq!(spread(outliers, json!({})), (vec![(1, 1), (1, 0)], false), "the nearest first");
    assert_eq!(spread(outliers, json!({"localityLbSetting": {"enabled": false}})), (vec![(1, 0), (1, 0)], false));
}

/// `initServiceRegistry` and `initVirtualServices` in `pilot/pkg/model/push_context.go`: of the mesh's default only `.` and `*` count.
#[test]
fn what_says_nothing_of_it_is_exported_as_the_mesh_says() {
    let entry = |export: &str| {
        service_entry("e", "other", &format!("{{hosts: [e.example.com], {export}resolution: DNS, ports: [{{number: 80, name: http, protocol: HTTP}}]}}"))
    };
    let known = |export: &str, default: &str| knows(&sidecar(&entry(export), json!({"defaultServiceExportTo": [default]})), "outbound|80||e.example.com");
    assert!(known("", "*") && !known("", ".") && !known("", "~") && !known("", "shop") && known("exportTo: ['*'], ", "."));
    let rule = virtual_service("v", "other", &format!("{{hosts: [cart.shop.svc.cluster.local], http: [{}]}}", to("r", "web.shop.svc.cluster.local")));
    let routes = |default: &str| names(&sidecar(&rule, json!({"defaultVirtualServiceExportTo": [default]})), "80", super::CART_80);
    assert_eq!((routes("*"), routes(".")), (vec!["r".to_owned()], vec!["default".to_owned()]));
    assert!(!hosts(&sidecar("", json!({"defaultServiceExportTo": ["."]})), "80").contains(&"web.other.svc.cluster.local:80".to_owned()));
}

/// `setDestinationRules` in `pilot/pkg/model/push_context.go`.
#[test]
fn a_rule_of_the_services_namespace_may_be_private_by_default() {
    let rule = destination_rule("d", "other", "{host: web, trafficPolicy: {loadBalancer: {simple: RANDOM}}}");
    let policy = |settings: Value| xds_cluster(&sidecar(&rule, settings), WEB).lb_policy.to_string();
    assert_eq!(policy(json!({})), "RANDOM");
    assert_eq!(policy(json!({"defaultDestinationRuleExportTo": ["."]})), "LEAST_REQUEST");
}

/// `destinationRule` in `pilot/pkg/model/push_context.go`: the root namespace is the mesh's.
#[test]
fn rules_for_all_are_in_the_root_namespace_that_the_mesh_names() {
    let rule = destination_rule("d", "istio-config", "{host: web.other.svc.cluster.local, trafficPolicy: {loadBalancer: {simple: RANDOM}}}");
    let policy = |settings: Value| xds_cluster(&sidecar(&rule, settings), WEB).lb_policy.to_string();
    assert_eq!(policy(json!({"rootNamespace": "istio-config"})), "RANDOM");
    assert_eq!(policy(json!({})), "LEAST_REQUEST");
    assert_eq!(cluster(&rule).mesh_config.root_namespace(), "istio-system");
}
