//! Whatever the objects say, nothing panics, and a way ends.

use meshwright::engine::{
    cluster::{Cluster, MeshConfig},
    istiod::{self, Proxy, ProxyType},
    manifest,
    mesh::{Request, Scene},
    resource::load,
    source::SourceFile,
};

use super::{WAYPOINT, WORLD, way};

/// Objects that no API server would take, as the engine may still be given them.
const NONSENSE: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: '', istio.io/use-waypoint-namespace: ''}}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: waypoint, namespace: shop, labels: {istio.io/use-waypoint: waypoint, istio.io/waypoint-for: '?'}}, spec: {gatewayClassName: istio-waypoint, listeners: [{}, {protocol: HBONE, port: 15008, allowedRoutes: {namespaces: {from: Selector}}}]}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: ''}, spec: {gatewayClassName: istio-waypoint}}
---
{apiVersion: v1, kind: Service, metadata: {name: waypoint, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}, spec: {clusterIP: x, selector: {gateway.networking.k8s.io/gateway-name: waypoint}, ports: [{port: 15008}, {port: 0}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop, labels: {istio.io/use-waypoint: waypoint, istio.io/use-waypoint-namespace: nowhere}}, spec: {clusterIP: None, selector: {app: cart}, ports: [{}, {name: http, port: 80, targetPort: x}]}}
---
{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: s, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}, spec: {hosts: ['', '*', a.b], addresses: [x, 1.2.3.4/99, '::'], resolution: DNS, ports: [{}, {number: 80, protocol: HTTP}]}}
---
{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: a, namespace: shop}, spec: {selector: {}, action: DENY, rules: [{}, {from: [{}], to: [{}], when: [{}]}, {from: [{source: {ipBlocks: [x, 1.2.3.4/99, '::/129'], principals: ['', '*', '**'], serviceAccounts: ['', a/b/c]}}], to: [{operation: {ports: [x, '99999']}}]}]}}
---
{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: b, namespace: shop}, spec: {targetRefs: [{}, {kind: Service}, {kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}], rules: [{when: [{key: ''}]}]}}
---
{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: p, namespace: shop}, spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: X}, portLevelMtls: {x: {mode: STRICT}, '8080': {mode: STRICT}, '-1': {}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: cart-1, namespace: shop, labels: {app: cart, istio.io/use-waypoint: waypoint}}, spec: {containers: []}, status: {podIP: '::1'}}
";

#[test]
fn nonsense_is_told_and_sent_without_a_panic() {
    let documents: Vec<_> = [WORLD, WAYPOINT, NONSENSE].iter().flat_map(|text| manifest::read(&SourceFile::new("x.yaml", *text)).documents).collect();
    let loaded = load(&documents);
    assert!(loaded.resources.len() > 18, "{:#?}", loaded.diagnostics);
    let cluster = Cluster::new(loaded.resources, MeshConfig::default());
    assert!(!istiod::ztunnel_state(&cluster).workloads.is_empty());
    for namespace in ["shop", "default", ""] {
        for name in ["waypoint", "", "x"] {
            let labels = [("gateway.networking.k8s.io/gateway-name", name), ("gateway.istio.io/managed", "istio.io-mesh-controller")];
            let labels = labels.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
            let proxy = Proxy { r#type: ProxyType::Waypoint, namespace: namespace.into(), labels, ip: "10.1.0.1".into(), ..Proxy::default() };
            assert_eq!(istiod::push(&cluster, &proxy).listeners.len(), 3);
        }
    }
    let scene = Scene::of([&manifest::read(&SourceFile::new("x.yaml", format!("{WORLD}\n---\n{WAYPOINT}\n---\n{NONSENSE}")))], MeshConfig::default());
    for caller in scene.callers() {
        for url in
            ["http://cart.shop/", "http://waypoint.shop:15008/", "http://[::1]:80/", "http://a.b/", "https://10.1.0.2:15008/", "http://198.51.100.1:15008/"]
        {
            let journey = scene.send(&Request { from: caller.id.clone(), url: url.into(), ..Request::default() }).unwrap();
            assert!(journey.hops.len() <= 8);
        }
    }
}

#[test]
fn a_waypoint_that_is_called_itself_is_closed_to_its_clients() {
    assert_eq!(way(WAYPOINT, "web-1.shop", "http://waypoint.shop:15008/").0, "connection closed");
}

/// `fetchWaypointForTarget` gives none, so the label does nothing.
#[test]
fn a_waypoint_that_is_missing_is_passed_by() {
    let missing = WAYPOINT.replace("metadata: {name: waypoint", "metadata: {name: another");
    assert_eq!(
        way(&missing, "web-1.shop", "http://cart.shop/"),
        ("200 cart.shop".into(), vec!["client ztunnel web-1.shop".into(), "server ztunnel cart-1.shop".into()])
    );
}

#[test]
fn a_route_from_the_waypoint_to_itself_ends() {
    let route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: cart, namespace: shop}\nspec:\n  parentRefs: [{group: '', kind: Service, name: cart}]\n  \
                 rules: [{backendRefs: [{name: waypoint, port: 15008}]}]\n";
    let (answer, hops) = way(&format!("{WAYPOINT}{route}"), "web-1.shop", "http://cart.shop/");
    assert!(hops.len() <= 8, "{answer}: {hops:?}");
}
