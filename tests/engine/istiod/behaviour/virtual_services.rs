//! Which VirtualServices count for a host: at a sidecar the first (`pilot/pkg/model/virtualservice.go`, `sidecar.go`), at a gateway all of
//! them (`pilot/pkg/networking/core/gateway.go`).

use super::{CART_80, clusters, document, document_with, gateway, get, hosts, made, names, service_entry, sidecar, to, virtual_host, virtual_service};

fn at(name: &str, namespace: &str, day: u32, spec: &str) -> String {
    document_with("networking", "VirtualService", &made(name, namespace, day), spec)
}

fn for_cart(route: &str) -> String {
    format!("{{hosts: [cart.shop.svc.cluster.local], http: [{}]}}", to(route, "web.shop.svc.cluster.local"))
}

/// `sortConfigByCreationTime` in `pilot/pkg/model/config.go`.
#[test]
fn the_older_virtual_service_goes_first() {
    let config = sidecar(&(at("a", "shop", 9, &for_cart("young")) + &at("z", "shop", 1, &for_cart("old"))));
    assert_eq!(get(&config, "/").route, "old");
}

/// `sortConfigByCreationTime` in `pilot/pkg/model/config.go`.
#[test]
fn of_the_same_age_the_name_decides_and_then_the_namespace() {
    let by_name = sidecar(&(at("b", "other", 1, &for_cart("b")) + &at("a", "shop", 1, &for_cart("a"))));
    assert_eq!(get(&by_name, "/").route, "a");
    let by_namespace = sidecar(&(at("a", "shop", 1, &for_cart("in-shop")) + &at("a", "other", 1, &for_cart("in-other"))));
    assert_eq!(get(&by_namespace, "/").route, "in-other");
}

/// `BuildSidecarOutboundVirtualHosts` in `pilot/pkg/networking/core/httproute.go`: a host that has its virtual host gets no second one.
#[test]
fn two_virtual_services_of_a_host_are_not_merged_in_the_mesh() {
    let first = "{hosts: [cart], http: [{name: first, match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}]}";
    let config = sidecar(&(at("a", "shop", 1, first) + &at("b", "shop", 2, &for_cart("second"))));
    assert_eq!(names(&config, "80", CART_80), ["first"]);
    assert_eq!(get(&config, "/b").response.status, Some(404));
}

/// `buildSidecarVirtualHostsForVirtualService` in `pilot/pkg/networking/core/route/route.go`.
#[test]
fn a_host_that_nobody_registers_is_known_on_port_80_only() {
    let entry = service_entry("e", "shop", "{hosts: [e.example.com], resolution: DNS, ports: [{number: 81, name: http, protocol: HTTP}]}");
    let config = sidecar(&(entry + &virtual_service("v", "shop", &format!("{{hosts: [nobody.example.com], http: [{}]}}", to("r", "web")))));
    assert!(hosts(&config, "80").contains(&"nobody.example.com:80".to_owned()));
    assert!(!hosts(&config, "81").iter().any(|host| host.starts_with("nobody")), "{:?}", hosts(&config, "81"));
}

/// `separateVSHostsAndServices` in `route.go` and `selectVirtualServices` in `httproute.go`.
#[test]
fn a_wildcard_captures_each_service_that_it_matches() {
    let config =
        sidecar(&virtual_service("v", "shop", &format!("{{hosts: ['*.shop.svc.cluster.local'], http: [{}]}}", to("caught", "web.other.svc.cluster.local"))));
    for host in [CART_80, "web.shop.svc.cluster.local:80"] {
        assert_eq!(names(&config, "80", host), ["caught"], "{host}");
    }
    assert_eq!(names(&config, "80", "web.other.svc.cluster.local:80"), ["default"]);
}

/// `separateVSHostsAndServices` in `route.go` and `selectVirtualServices` in `httproute.go`.
#[test]
fn a_wildcard_leaves_a_service_to_a_rule_that_means_it() {
    let wide = at("a", "shop", 1, &format!("{{hosts: ['*.shop.svc.cluster.local'], http: [{}]}}", to("wide", "web.other.svc.cluster.local")));
    let config = sidecar(&(wide + &at("b", "shop", 2, &for_cart("own"))));
    assert_eq!((names(&config, "80", CART_80), names(&config, "80", "web.shop.svc.cluster.local:80")), (vec!["own".to_owned()], vec!["wide".to_owned()]));
}

fn edge() -> String {
    document(
        "networking",
        "Gateway",
        "edge",
        "shop",
        "{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}",
    )
}

fn at_edge(name: &str, day: u32, hosts: &str, http: &str) -> String {
    at(name, "shop", day, &format!("{{hosts: [{hosts}], gateways: [edge], http: [{http}]}}"))
}

fn some(name: &str, path: &str) -> String {
    format!("{{name: {name}, match: [{{uri: {{prefix: {path}}}}}], route: [{{destination: {{host: web}}}}]}}")
}

/// `buildGatewayHTTPRouteConfig` in `pilot/pkg/networking/core/gateway.go`.
#[test]
fn virtual_services_of_a_host_at_a_gateway_follow_each_other_in_their_order() {
    let config = gateway(&(edge() + &at_edge("b", 2, "a.example.com", &some("second", "/b")) + &at_edge("c", 1, "a.example.com", &some("first", "/a"))));
    assert_eq!(names(&config, "http.8080", "a.example.com:80"), ["first", "second"]);
}

/// `SortVHostRoutes` in `pilot/pkg/networking/core/route/route.go`.
#[test]
fn what_takes_all_is_moved_behind_the_rest_at_a_gateway() {
    let config = gateway(&(edge() + &at_edge("a", 1, "a.example.com", &to("all", "web")) + &at_edge("b", 2, "a.example.com", &some("some", "/b"))));
    assert_eq!(names(&config, "http.8080", "a.example.com:80"), ["some", "all"]);
}

/// `buildGatewayHTTPRouteConfig` in `pilot/pkg/networking/core/gateway.go`: the port of the server, whatever the pod listens on.
#[test]
fn a_virtual_host_at_a_gateway_bears_the_servers_port() {
    let config = gateway(&(edge() + &at_edge("a", 1, "a.example.com", &to("r", "web"))));
    assert_eq!(hosts(&config, "http.8080"), ["a.example.com:80"]);
}

/// `collapseDuplicateRoutes` in `pilot/pkg/networking/core/gateway.go`.
#[test]
fn hosts_with_the_very_same_routes_share_a_virtual_host_named_after_the_first() {
    let config = gateway(&(edge() + &at_edge("a", 1, "b.example.com, a.example.com", &to("r", "web"))));
    assert_eq!(hosts(&config, "http.8080"), ["a.example.com:80"]);
    let domains = &virtual_host(&config, "http.8080", "a.example.com:80").domains;
    assert!(domains.contains(&"b.example.com".to_owned()), "{domains:?}");
    let apart = gateway(&(edge() + &at_edge("a", 1, "b.example.com, a.example.com", &to("r", "web")) + &at_edge("b", 2, "b.example.com", &some("more", "/b"))));
    assert_eq!(hosts(&apart, "http.8080"), ["a.example.com:80", "b.example.com:80"]);
}

/// `buildSidecarVirtualHostsForVirtualService` in `pilot/pkg/networking/core/route/route.go`: without `gateways` a rule is for the mesh alone.
#[test]
fn a_rule_of_the_mesh_is_not_for_gateways_and_one_of_gateways_not_for_the_mesh() {
    let mesh = at("a", "shop", 1, &format!("{{hosts: [cart], http: [{}]}}", to("mesh", "web")));
    let both = at("b", "shop", 2, &format!("{{hosts: [cart.shop.svc.cluster.local], gateways: [edge], http: [{}]}}", to("edge", "web")));
    let text = edge() + &mesh + &both;
    assert_eq!(names(&sidecar(&text), "80", CART_80), ["mesh"]);
    assert_eq!(names(&gateway(&text), "http.8080", CART_80), ["edge"]);
    assert_eq!(clusters(&get(&sidecar(&text), "/")), ["outbound|80||web.shop.svc.cluster.local"]);
}
