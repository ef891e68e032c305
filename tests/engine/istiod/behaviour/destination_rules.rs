//! Which DestinationRule counts for a service (`pilot/pkg/model/push_context.go`), how several become one
//! (`pilot/pkg/model/destination_rule.go`), and what its policy comes to (`pilot/pkg/networking/util/util.go`, `pilot/pkg/networking/core/cluster_traffic_policy.go`).

use meshwright::engine::xds::{Cluster, ProxyConfig};

use super::{cluster, destination_rule, document_with, knows, made, push, sidecar, xds_cluster};

const WEB: &str = "outbound|80||web.other.svc.cluster.local";
const CART_80: &str = "outbound|80||cart.shop.svc.cluster.local";

fn balance(policy: &str) -> String {
    format!("loadBalancer: {{simple: {policy}}}")
}

fn rule(name: &str, namespace: &str, more: &str, policy: &str) -> String {
    destination_rule(name, namespace, &format!("{{host: web.other.svc.cluster.local, {more}trafficPolicy: {{{}}}}}", balance(policy)))
}

fn policy(config: &ProxyConfig) -> &str {
    &xds_cluster(config, WEB).lb_policy
}

/// `destinationRule` in `pilot/pkg/model/push_context.go`.
#[test]
fn the_clients_namespace_goes_before_the_services_and_that_before_the_root() {
    let root = rule("r", "istio-system", "", "RANDOM");
    let service = rule("r", "other", "", "ROUND_ROBIN");
    let client = rule("r", "shop", "", "LEAST_REQUEST");
    assert_eq!(policy(&sidecar(&root)), "RANDOM");
    assert_eq!(policy(&sidecar(&(root.clone() + &service))), "", "round robin is Envoy's default");
    assert_eq!(policy(&sidecar(&(root + &service + &client))), "LEAST_REQUEST");
}

/// `destinationRule` in `pilot/pkg/model/push_context.go`.
#[test]
fn a_client_in_the_root_namespace_asks_the_services_namespace_first() {
    let text = rule("r", "istio-system", "", "RANDOM") + &rule("r", "other", "", "ROUND_ROBIN");
    assert_eq!(policy(&push(&cluster(&text), "istio-system", "edge-1")), "");
}

/// `destinationRule` in `pilot/pkg/model/push_context.go`: `rootNamespaceLocal`.
#[test]
fn a_private_rule_of_the_root_namespace_is_for_its_clients() {
    let text = rule("r", "istio-system", "exportTo: ['.'], ", "RANDOM") + &rule("r", "other", "", "ROUND_ROBIN");
    assert_eq!(policy(&push(&cluster(&text), "istio-system", "edge-1")), "RANDOM");
    assert_eq!(policy(&sidecar(&text)), "");
}

/// `MostSpecificHostMatch` in `pilot/pkg/model/config.go`.
#[test]
fn the_nearest_host_wins_and_takes_nothing_from_wider_ones() {
    let wide = destination_rule(
        "wide",
        "shop",
        "{host: '*.other.svc.cluster.local', trafficPolicy: {connectionPool: {tcp: {maxConnections: 3}}, loadBalancer: {simple: RANDOM}}}",
    );
    let narrow = destination_rule("narrow", "shop", "{host: web.other.svc.cluster.local, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 1s}}}}");
    let config = sidecar(&(wide + &narrow));
    let web = xds_cluster(&config, WEB);
    assert_eq!((web.lb_policy.as_ref(), max_connections(web)), ("LEAST_REQUEST", Some(u32::MAX)));
}

/// `destinationRule` in `pilot/pkg/model/push_context.go`: one rule is taken, by its namespace, before hosts are compared elsewhere.
#[test]
fn a_wide_rule_of_the_clients_namespace_goes_before_a_near_one_of_the_services() {
    let wide = destination_rule("wide", "shop", &format!("{{host: '*.cluster.local', trafficPolicy: {{{}}}}}", balance("RANDOM")));
    assert_eq!(policy(&sidecar(&(wide + &rule("near", "other", "", "ROUND_ROBIN")))), "RANDOM");
}

fn max_connections(cluster: &Cluster) -> Option<u32> {
    cluster.circuit_breakers.as_ref().unwrap().thresholds[0].max_connections
}

fn of_day(name: &str, day: u32, spec: &str) -> String {
    document_with("networking", "DestinationRule", &made(name, "shop", day), spec)
}

/// `mergeDestinationRule` in `pilot/pkg/model/destination_rule.go`.
#[test]
fn of_two_rules_for_a_host_the_older_ones_policy_is_taken_whole() {
    let text = of_day("b", 1, "{host: cart, trafficPolicy: {connectionPool: {tcp: {maxConnections: 3}}}}")
        + &of_day("a", 2, "{host: cart, trafficPolicy: {loadBalancer: {simple: RANDOM}}}");
    let config = sidecar(&text);
    let cart = xds_cluster(&config, CART_80);
    assert_eq!((max_connections(cart), cart.lb_policy.as_ref()), (Some(3), "LEAST_REQUEST"));
    let late = sidecar(
        &(of_day("b", 1, "{host: cart, subsets: [{name: v1, labels: {version: v1}}]}")
            + &of_day("a", 2, "{host: cart, trafficPolicy: {loadBalancer: {simple: RANDOM}}}")),
    );
    assert_eq!(xds_cluster(&late, CART_80).lb_policy, "RANDOM", "where the older one has none, the younger one's");
}

/// `mergeDestinationRule` in `pilot/pkg/model/destination_rule.go`.
#[test]
fn subsets_of_two_rules_are_added_and_the_first_of_a_name_stays() {
    let text = of_day("b", 1, "{host: cart, subsets: [{name: one, labels: {version: v1}}]}")
        + &of_day("a", 2, "{host: cart, subsets: [{name: one, labels: {version: v2}}, {name: two, labels: {version: v2}}]}");
    let config = sidecar(&text);
    let endpoints = |subset: &str| super::super::endpoints(&config, &format!("outbound|80|{subset}|cart.shop.svc.cluster.local"));
    assert_eq!((endpoints("one"), endpoints("two")), (vec!["10.1.0.2:7000".to_owned()], vec!["10.1.0.3:7002".to_owned()]));
}

/// `mergeDestinationRule` in `pilot/pkg/model/destination_rule.go`: `EnableEnhancedDestinationRuleMerge`.
#[test]
fn rules_that_are_exported_differently_are_not_merged() {
    let text = of_day("a", 1, "{host: cart, exportTo: ['.'], subsets: [{name: one, labels: {version: v1}}]}")
        + &of_day("b", 2, "{host: cart, exportTo: [other], subsets: [{name: two, labels: {version: v2}}]}");
    let config = sidecar(&text);
    assert!(knows(&config, "outbound|80|one|cart.shop.svc.cluster.local"));
    assert!(!knows(&config, "outbound|80|two|cart.shop.svc.cluster.local"));
}

/// `DestinationRule` in `pilot/pkg/model/sidecar.go`.
#[test]
fn a_rule_for_chosen_workloads_goes_before_one_for_all() {
    let text = of_day("all", 1, "{host: cart, trafficPolicy: {loadBalancer: {simple: RANDOM}}}")
        + &of_day("web", 2, "{host: cart, workloadSelector: {matchLabels: {app: web}}, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}");
    let cluster = cluster(&text);
    assert_eq!(xds_cluster(&push(&cluster, "shop", "web-1"), CART_80).lb_policy, "");
    assert_eq!(xds_cluster(&push(&cluster, "shop", "cart-1"), CART_80).lb_policy, "RANDOM");
}

/// `MergeSubsetTrafficPolicy` in `pilot/pkg/networking/util/util.go`.
#[test]
fn the_policy_of_a_port_takes_the_place_of_all_four_parts() {
    let config = sidecar(&destination_rule(
        "d",
        "shop",
        "{host: cart, trafficPolicy: {connectionPool: {tcp: {maxConnections: 3}}, loadBalancer: {simple: RANDOM}, outlierDetection: {consecutive5xxErrors: 2}, tls: {mode: DISABLE},
          portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {connectTimeout: 2s}}}]}}",
    ));
    let cart = xds_cluster(&config, CART_80);
    assert_eq!((max_connections(cart), cart.lb_policy.as_ref()), (Some(u32::MAX), "LEAST_REQUEST"));
    assert!(cart.outlier_detection.is_none());
    assert!(!cart.transport_socket_matches.is_empty(), "mTLS is on again");
    assert_eq!(cart.connect_timeout.unwrap().to_string(), "2s");
}

/// `MergeSubsetTrafficPolicy` in `pilot/pkg/networking/util/util.go`.
#[test]
fn a_subset_overrides_section_by_section() {
    let config = sidecar(&destination_rule(
        "d",
        "shop",
        "{host: cart, trafficPolicy: {connectionPool: {tcp: {maxConnections: 3}}, loadBalancer: {simple: RANDOM}},
          subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}]}",
    ));
    let v1 = xds_cluster(&config, "outbound|80|v1|cart.shop.svc.cluster.local");
    assert_eq!((v1.lb_policy.as_ref(), max_connections(v1)), ("", Some(3)));
}

/// `applyLoadBalancer` in `pilot/pkg/networking/core/cluster_traffic_policy.go`.
#[test]
fn without_a_policy_the_endpoint_with_the_least_requests_is_chosen() {
    assert_eq!(xds_cluster(&sidecar(""), CART_80).lb_policy, "LEAST_REQUEST");
}

/// `getDefaultCircuitBreakerThresholds` in `pilot/pkg/networking/core/cluster_traffic_policy.go`.
#[test]
fn without_a_policy_circuit_breakers_have_no_limit() {
    let config = sidecar("");
    let limits = &xds_cluster(&config, CART_80).circuit_breakers.as_ref().unwrap().thresholds[0];
    assert_eq!([limits.max_connections, limits.max_pending_requests, limits.max_requests, limits.max_retries], [Some(u32::MAX); 4]);
}

/// `DefaultMeshConfig` in `pkg/config/mesh/mesh.go`.
#[test]
fn without_a_policy_a_connection_may_take_ten_seconds() {
    assert_eq!(xds_cluster(&sidecar(""), CART_80).connect_timeout.unwrap().to_string(), "10s");
}
