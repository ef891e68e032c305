//! CDS and EDS.

use super::{endpoints, push, sidecar, xds_cluster};

#[test]
fn endpoints_are_the_ready_pods_that_a_service_selects_at_their_own_ports() {
    let config = sidecar("");
    assert_eq!(endpoints(&config, "outbound|80||cart.shop.svc.cluster.local"), ["10.1.0.2:7000", "10.1.0.3:7002"]);
    assert_eq!(endpoints(&config, "outbound|80||web.other.svc.cluster.local"), [""; 0]);
    let with_list = sidecar(
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: cart-1, namespace: shop, labels: {kubernetes.io/service-name: cart}}
addressType: IPv4\nports: [{name: http, port: 1234, protocol: TCP}]
endpoints: [{addresses: [10.1.0.2], conditions: {ready: true}}, {addresses: [10.1.0.9], conditions: {ready: false}}]\n",
    );
    assert_eq!(endpoints(&with_list, "outbound|80||cart.shop.svc.cluster.local"), ["10.1.0.2:1234"]);
    assert_eq!(endpoints(&with_list, "outbound|80||web.shop.svc.cluster.local"), [""; 0], "Kubernetes would have written that list too");
}

const RULE: &str = "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec:
  host: cart
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 7, connectTimeout: 3s}}
    loadBalancer: {simple: RANDOM}
    portLevelSettings: [{port: {number: 81}, loadBalancer: {simple: ROUND_ROBIN}}]
  subsets:
  - {name: v1, labels: {version: v1}, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 4}}}
  - {name: v2, labels: {version: v2}, trafficPolicy: {tls: {mode: DISABLE}}}
";

#[test]
fn subsets_have_their_own_endpoints_and_lay_their_policy_over_the_rule() {
    let config = sidecar(RULE);
    assert_eq!(endpoints(&config, "outbound|80|v1|cart.shop.svc.cluster.local"), ["10.1.0.2:7000"]);
    assert_eq!(endpoints(&config, "outbound|80|v2|cart.shop.svc.cluster.local"), ["10.1.0.3:7002"]);
    let v1 = xds_cluster(&config, "outbound|80|v1|cart.shop.svc.cluster.local");
    assert_eq!((v1.lb_policy.as_ref(), v1.connect_timeout.unwrap().to_string()), ("RANDOM", "3s".into()));
    assert_eq!(v1.circuit_breakers.as_ref().unwrap().thresholds[0].max_connections, Some(7));
    assert_eq!(v1.outlier_detection.as_ref().unwrap().consecutive_5xx, Some(4));
    assert_eq!(v1.transport_socket_matches.len(), 2, "mTLS is chosen endpoint by endpoint");
    let v2 = xds_cluster(&config, "outbound|80|v2|cart.shop.svc.cluster.local");
    assert!(v2.transport_socket_matches.is_empty() && v2.transport_socket.is_none());
}

#[test]
fn the_rule_of_the_clients_namespace_comes_before_that_of_the_services() {
    let rule = |namespace: &str, policy: &str| {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: r, namespace: {namespace}}}\nspec: {{host: web.other.svc.cluster.local, trafficPolicy: {{loadBalancer: {{simple: {policy}}}}}}}\n---\n"
        )
    };
    let name = "outbound|80||web.other.svc.cluster.local";
    let both = super::cluster(&format!("{}{}", rule("shop", "RANDOM"), rule("other", "ROUND_ROBIN")));
    assert_eq!(xds_cluster(&push(&both, "shop", "web-1"), name).lb_policy, "RANDOM");
    assert_eq!(xds_cluster(&push(&both, "istio-system", "edge-1"), name).lb_policy, "", "round robin is Envoy's default");
    let root = super::cluster(&rule("istio-system", "RANDOM"));
    assert_eq!(xds_cluster(&push(&root, "shop", "web-1"), name).lb_policy, "RANDOM");
}

#[test]
fn the_resolution_of_a_service_entry_decides_how_its_endpoints_are_found() {
    let entry = |resolution: &str, rest: &str| {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: e, namespace: shop}}\nspec: {{hosts: [api.example.com], resolution: {resolution}, ports: [{{number: 80, name: http, protocol: HTTP}}]{rest}}}\n"
        )
    };
    let name = "outbound|80||api.example.com";
    let dns = sidecar(&entry("DNS", ""));
    let assignment = xds_cluster(&dns, name).load_assignment.as_ref().unwrap();
    assert_eq!(assignment.endpoints[0].lb_endpoints[0].socket_address().unwrap().address, "api.example.com");
    assert_eq!(xds_cluster(&sidecar(&entry("NONE", "")), name).r#type, "ORIGINAL_DST");
    let fixed = sidecar(&entry("STATIC", ", endpoints: [{address: 198.51.100.7, ports: {http: 8080}}]"));
    assert_eq!(endpoints(&fixed, name), ["198.51.100.7:8080"]);
}
