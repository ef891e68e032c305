//! Which waypoint stands before what: `fetchWaypointForTarget` and its callers in
//! `pilot/pkg/serviceregistry/kube/controller/ambient/waypoints.go`.

use meshwright::engine::cluster::UseWaypoint;

use super::{WAYPOINT, behind_waypoint, cluster};

const GATEWAY: &str = "apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: NAME, namespace: HOME, labels: {LABELS}}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONEALLOWED}]}
---
";

fn gateway(name: &str, home: &str, labels: &str, allowed: &str) -> String {
    let allowed = if allowed.is_empty() { String::new() } else { format!(", allowedRoutes: {{namespaces: {{from: {allowed}}}}}") };
    GATEWAY.replace("NAME", name).replace("HOME", home).replace("LABELS", labels).replace("ALLOWED", &allowed)
}

fn namespace(labels: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{istio.io/dataplane-mode: ambient, {labels}}}}}\n---\n")
}

fn cart(labels: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: cart, namespace: shop, labels: {{{labels}}}}}\nspec: {{clusterIP: 10.96.0.1, selector: {{app: cart}}, ports: [{{name: \
         http, port: 80, targetPort: 8080}}]}}\n---\n"
    )
}

/// The waypoint of `cart`, or why it has none.
#[track_caller]
fn of_cart(config: &str) -> String {
    let cluster = cluster(config);
    let service = cluster.services.iter().find(|service| service.name == "cart").unwrap();
    told(&cluster.ambient.waypoint_of_service(service))
}

#[track_caller]
fn of_pod(config: &str) -> String {
    let cluster = cluster(config);
    told(&cluster.ambient.waypoint_of_workload(cluster.workloads.pod("shop", "cart-1").unwrap()))
}

fn told(found: &UseWaypoint<'_>) -> String {
    match found {
        UseWaypoint::Unasked => "unasked".into(),
        UseWaypoint::Off { .. } => "off".into(),
        UseWaypoint::Bound { waypoint, .. } => format!("{}/{}", waypoint.namespace, waypoint.name),
        UseWaypoint::Unusable { reason, .. } => reason.clone(),
    }
}

#[test]
fn a_service_names_it_or_its_namespace_does() {
    assert_eq!(of_cart(""), "unasked");
    assert_eq!(of_cart(WAYPOINT), "shop/waypoint");
    let both = gateway("one", "shop", "", "") + &gateway("two", "shop", "", "") + &namespace("istio.io/use-waypoint: one");
    assert_eq!(of_cart(&both), "shop/one");
    assert_eq!(of_cart(&(both.clone() + &cart("istio.io/use-waypoint: two"))), "shop/two");
    assert_eq!(of_cart(&(both + &cart("istio.io/use-waypoint: none"))), "off");
}

#[test]
fn a_waypoint_of_another_namespace_has_to_allow_it() {
    let wanted = cart("istio.io/use-waypoint: far, istio.io/use-waypoint-namespace: default");
    assert!(of_cart(&(gateway("far", "default", "", "") + &wanted)).contains("does not allow routes from the namespace shop"));
    assert!(of_cart(&(gateway("far", "default", "", "Same") + &wanted)).contains("does not allow routes"));
    assert_eq!(of_cart(&(gateway("far", "default", "", "All") + &wanted)), "default/far");
    let selector =
        |labels: &str| gateway("far", "default", "", "Selector").replace("from: Selector", &format!("from: Selector, selector: {{matchLabels: {{{labels}}}}}"));
    assert_eq!(of_cart(&(selector("kubernetes.io/metadata.name: shop") + &wanted)), "default/far");
    assert!(of_cart(&(selector("team: other") + &wanted)).contains("does not allow routes"));
}

#[test]
fn the_gateway_has_to_be_there_and_ready() {
    let wanted = cart("istio.io/use-waypoint: waypoint");
    assert!(of_cart(&wanted).contains("is not there"));
    // A Gateway of another class is no waypoint.
    let other = gateway("waypoint", "shop", "", "").replace("istio-waypoint", "istio").replace("HBONE", "HTTP");
    assert!(of_cart(&(other + &wanted)).contains("is not there"));
    // Its pods are written and none of them is ready.
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: waypoint-1, namespace: shop, labels: {gateway.networking.k8s.io/gateway-name: waypoint, gateway.istio.io/managed: \
               istio.io-mesh-controller}}\nspec: {containers: [{name: istio-proxy, image: p}]}\nstatus: {phase: Running, podIP: 10.1.8.1, conditions: [{type: Ready, status: \
               'False'}]}\n---\n";
    assert!(of_cart(&(gateway("waypoint", "shop", "", "") + pod + &wanted)).contains("none of its pods is ready"));
    assert_eq!(of_cart(&(gateway("waypoint", "shop", "", "") + &pod.replace("'False'", "'True'") + &wanted)), "shop/waypoint");
}

#[test]
fn its_label_says_whose_traffic_it_takes() {
    let wanted = cart("istio.io/use-waypoint: waypoint") + &namespace("istio.io/use-waypoint: waypoint");
    let of = |traffic: &str| {
        let config = gateway("waypoint", "shop", &format!("istio.io/waypoint-for: {traffic}"), "") + &wanted;
        (of_cart(&config) == "shop/waypoint", of_pod(&config) == "shop/waypoint")
    };
    assert_eq!(of("service"), (true, false));
    assert_eq!(of("workload"), (false, true));
    assert_eq!(of("all"), (true, true));
    assert_eq!(of("none"), (false, false));
    // Without the label it is for services.
    assert_eq!(of_pod(&(gateway("waypoint", "shop", "", "") + &wanted)), "the waypoint shop/waypoint is for service traffic, and this is workload traffic");
}

/// `services.go`: what is a waypoint has none, or it would call itself.
#[test]
fn a_waypoint_has_no_waypoint() {
    let config = gateway("waypoint", "shop", "istio.io/use-waypoint: waypoint, istio.io/waypoint-for: all", "") + &namespace("istio.io/use-waypoint: waypoint");
    let cluster = cluster(&config);
    let own = cluster.services.iter().find(|service| service.name == "waypoint").expect("its Service is stood in for");
    assert_eq!(told(&cluster.ambient.waypoint_of_service(own)), "unasked");
    assert_eq!(told(&cluster.ambient.waypoint_of_workload(cluster.workloads.pod("shop", "waypoint").unwrap())), "unasked");
}

/// `waypoint.yaml` of the chart, as the deployment controller applies it.
#[test]
fn what_istiod_deploys_for_it_is_there_but_is_nobodys_text() {
    let cluster = cluster(&behind_waypoint(""));
    let pod = cluster.workloads.pod("shop", "waypoint").expect("its Pod is stood in for");
    assert!(pod.identity.ends_with("cluster.local/ns/shop/sa/waypoint"), "{}", pod.identity);
    assert!(cluster.written().iter().all(|resource| resource.metadata.name != "waypoint" || resource.kind.to_string() == "Gateway"));
}
