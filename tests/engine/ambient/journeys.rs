//! Whole ways: `src/proxy/outbound.rs` and `src/proxy/inbound.rs` of ztunnel, the waypoint between them, and clients that have an Envoy.

use meshwright::engine::{
    envoy::{Stage, Verdict},
    mesh::{HopRole, Load, Request},
};

use super::{WAYPOINT, behind_waypoint, journey, way};

const URL: &str = "http://cart.shop/";

fn policy(spec: &str) -> String {
    format!("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: p, namespace: shop}}\nspec: {{{spec}}}\n---\n")
}

const WAYPOINT_ONLY: &str = "selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {serviceAccounts: [waypoint]}}]}]";

#[test]
fn ztunnel_to_ztunnel() {
    assert_eq!(way("", "web-1.shop", URL), ("200 cart.shop".into(), vec!["client ztunnel web-1.shop".into(), "server ztunnel cart-1.shop".into()]));
}

#[test]
fn through_the_waypoint() {
    let (answer, hops) = way(WAYPOINT, "web-1.shop", URL);
    assert_eq!(answer, "200 cart.shop");
    assert_eq!(hops, ["client ztunnel web-1.shop", "waypoint waypoint.shop", "server ztunnel cart-1.shop"]);
}

#[test]
fn behind_the_waypoint_the_waypoint_is_the_one_who_calls() {
    let only = |account: &str| behind_waypoint(&policy(&WAYPOINT_ONLY.replace("[waypoint]", &format!("[{account}]"))));
    assert_eq!(way(&only("waypoint"), "web-1.shop", URL).0, "200 cart.shop");
    // ztunnel refuses the tunnel to the waypoint, which answers for it.
    assert_eq!(way(&only("web"), "web-1.shop", URL).0, "503");
    let told = journey(&only("web"), "web-1.shop", URL);
    assert!(told.summary.starts_with("The ztunnel of cart-1.shop closes the connection, and the proxy that asked for it answers 503."), "{}", told.summary);
}

#[test]
fn the_waypoint_asks_http_rules_of_who_called() {
    let get = behind_waypoint(&policy(
        "targetRefs: [{group: '', kind: Service, name: cart}], rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {methods: [GET]}}]}]",
    ));
    assert_eq!(way(&get, "web-1.shop", URL).0, "200 cart.shop");
    let (answer, hops) = way(&get, "web-1.shop", "POST http://cart.shop/");
    assert_eq!((answer.as_str(), hops.last().unwrap().as_str()), ("403", "waypoint waypoint.shop"));
    assert_eq!(way(&get, "cart-1.shop", URL).0, "403", "it is another caller");
    assert!(journey(&get, "cart-1.shop", URL).summary.starts_with("The waypoint waypoint.shop answers 403 itself."));
}

#[test]
fn bytes_and_what_nobody_declared_go_through_it_too() {
    assert_eq!(way(WAYPOINT, "web-1.shop", "http://cart.shop:7000/").0, "200 cart.shop");
    assert_eq!(way(WAYPOINT, "web-1.shop", "http://cart.shop:9000/").0, "200 cart.shop");
    let split = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: cart, namespace: shop}\nspec:\n  parentRefs: [{group: '', kind: Service, name: cart}]\n  \
                 rules: [{filters: [{type: RequestRedirect, requestRedirect: {hostname: new.example, statusCode: 301}}]}]\n";
    assert_eq!(way(&behind_waypoint(split), "web-1.shop", URL).0, "301 http://new.example/");
}

#[test]
fn policies_of_layer_4_are_ztunnels_at_both_ways() {
    let deny = policy("selector: {matchLabels: {app: cart}}, action: DENY, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]");
    assert_eq!(way(&deny, "web-1.shop", URL).0, "connection closed");
    let told = journey(&deny, "web-1.shop", URL);
    let last = told.hops.last().unwrap();
    let step = last.outcome.trace.iter().find(|step| step.stage == Stage::Policy).unwrap();
    assert_eq!((step.verdict, step.subject.as_str()), (Verdict::Chosen, "shop/p"));
    assert_eq!(*step.origin.as_ref().unwrap().path, *"spec.rules[0]");
    assert!(told.summary.contains("shop/p: this DENY policy matches"), "{}", told.summary);
    // Through the waypoint the sender is another one.
    assert_eq!(way(&behind_waypoint(&deny), "web-1.shop", URL).0, "200 cart.shop");
}

/// Gateways and sidecars do not go to waypoints by themselves: `findServiceWaypoint` in `endpoint_builder.go` asks for
/// `istio.io/ingress-use-waypoint`, and for gateways alone.
#[test]
fn an_envoy_passes_the_waypoint_by() {
    let policies = policy("targetRefs: [{group: '', kind: Service, name: cart}], rules: [{to: [{operation: {methods: [PUT]}}]}]");
    let (answer, hops) = way(&behind_waypoint(&policies), "old-1.default", URL);
    assert_eq!((answer.as_str(), hops), ("200 cart.shop", vec!["client sidecar old-1.default".to_owned(), "server ztunnel cart-1.shop".into()]));
    let strict = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: d, namespace: shop}\nspec: {mtls: {mode: STRICT}}\n---\n";
    assert_eq!(way(strict, "old-1.default", URL).0, "200 cart.shop", "it opens a tunnel");
    let from_ztunnel = policy("rules: [{from: [{source: {serviceAccounts: [default/old]}}]}]");
    assert_eq!(way(&from_ztunnel, "old-1.default", URL).0, "200 cart.shop", "its identity is its own");
    assert_eq!(way(&from_ztunnel, "web-1.shop", URL).0, "connection closed");
    assert_eq!(way(&policy(WAYPOINT_ONLY), "old-1.default", URL).0, "503");
}

const EDGE: &str = "apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge, namespace: istio-system}
spec: {hosts: ['*'], gateways: [edge], http: [{route: [{destination: {host: cart.shop.svc.cluster.local, port: {number: 80}}}]}]}
---
";

#[test]
fn a_gateway_goes_to_the_waypoint_where_the_service_says_so() {
    let put = policy("targetRefs: [{group: '', kind: Service, name: cart}], rules: [{to: [{operation: {methods: [PUT]}}]}]");
    let by_default = behind_waypoint(&format!("{EDGE}{put}")).replace("{number: 80, name: http, protocol: HTTP}", "{number: 8080, name: http, protocol: HTTP}");
    let (answer, hops) = way(&by_default, "outside", "http://shop.example/");
    assert_eq!((answer.as_str(), hops.last().unwrap().as_str()), ("200 cart.shop", "server ztunnel cart-1.shop"));
    let told_to = by_default.replace("istio.io/use-waypoint: waypoint}", "istio.io/use-waypoint: waypoint, istio.io/ingress-use-waypoint: 'true'}");
    let (answer, hops) = way(&told_to, "outside", "http://shop.example/");
    assert_eq!((answer.as_str(), hops), ("403", vec!["ingress gateway edge-1.istio-system".to_owned(), "waypoint waypoint.shop".into()]));
    assert_eq!(way(&told_to, "outside", "PUT http://shop.example/").0, "200 cart.shop");
}

#[test]
fn outside_of_ambient_mode_it_is_plain_text() {
    assert_eq!(way("", "bare-1.default", URL), ("200 cart.shop".into(), vec!["no sidecar bare-1.default".into(), "server ztunnel cart-1.shop".into()]));
    let strict = |home: &str| {
        format!("apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: d, namespace: {home}}}\nspec: {{mtls: {{mode: STRICT}}}}\n---\n")
    };
    assert_eq!(way(&strict("shop"), "bare-1.default", URL).0, "connection closed");
    // To a sidecar ztunnel speaks plain text: its certificate is for tunnels (`Protocol::TCP` in `src/proxy/outbound.rs`).
    assert_eq!(way("", "web-1.shop", "http://old.default/").0, "200 old");
    assert_eq!(way(&strict("default"), "web-1.shop", "http://old.default/").0, "connection closed");
}

#[test]
fn what_nobody_knows_is_passed_on_and_what_nobody_serves_is_closed() {
    assert_eq!(way("", "web-1.shop", "http://www.example.com/").0, "200 passthrough");
    assert_eq!(way("", "web-1.shop", "http://cart.shop:81/").0, "connection closed");
    assert_eq!(way("", "web-1.shop", "http://nobody/").0, "no such host");
    let empty = "apiVersion: v1\nkind: Service\nmetadata: {name: empty, namespace: shop}\nspec: {clusterIP: 10.96.0.9, selector: {app: none}, ports: [{name: http, port: 80}]}\n";
    assert_eq!(way(empty, "web-1.shop", "http://empty.shop/").0, "connection closed");
}

/// `find_upstream` in `src/state.rs`: who calls a pod by its address passes a waypoint for workloads, and none for services.
#[test]
fn a_pod_called_by_its_address_has_waypoints_for_workloads() {
    let direct = "http://10.1.0.1:8080/";
    let (answer, hops) = way(WAYPOINT, "web-1.shop", direct);
    assert_eq!((answer.as_str(), hops.len()), ("200 cart-1.shop", 2));
    let all = WAYPOINT.replace("name: waypoint, namespace: shop", "name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: all}")
        + "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint}}\n";
    let (answer, hops) = way(&all, "web-1.shop", direct);
    assert_eq!(hops, ["client ztunnel web-1.shop", "waypoint waypoint.shop", "server ztunnel cart-1.shop"]);
    assert!(answer.starts_with("200"), "{answer}");
}

#[test]
fn an_external_host_may_be_behind_a_waypoint() {
    let entry = "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: outside, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}\nspec: {hosts: \
                 [api.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}\n---\n";
    let deny =
        policy("targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: outside}], action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]");
    let config = behind_waypoint(&format!("{entry}{deny}"));
    let (answer, hops) = way(&config, "web-1.shop", "http://api.example.com/");
    assert_eq!((answer.as_str(), hops), ("200 api.example.com", vec!["client ztunnel web-1.shop".to_owned(), "waypoint waypoint.shop".into()]));
    assert_eq!(way(&config, "web-1.shop", "http://api.example.com/admin").0, "403");
}

/// Several requests are sent by the waypoint, and its DestinationRules hold.
#[test]
fn a_load_is_told_at_the_waypoint() {
    let scene = super::scene(WAYPOINT);
    let journey = scene.send(&Request { from: "web-1.shop".into(), url: URL.into(), ..Request::default() }).unwrap();
    let run = scene.load(&journey, &Load { repeat: 3, status: "503".into(), ..Load::default() }).unwrap().unwrap();
    assert_eq!((run.proxy.as_str(), run.role, run.outcome.runs.as_ref().map(Vec::len)), ("waypoint.shop", HopRole::Waypoint, Some(3)));
    assert!(run.pods.values().all(|pod| pod.starts_with("cart-")) && !run.pods.is_empty(), "{:?}", run.pods);
}

#[test]
fn who_can_call_says_how() {
    let labels: Vec<String> = super::scene(WAYPOINT).callers().into_iter().map(|caller| caller.label).collect();
    assert!(labels.contains(&"web-1 (shop, ambient)".into()), "{labels:?}");
    assert!(labels.iter().all(|label| !label.contains("waypoint")), "{labels:?}");
}
