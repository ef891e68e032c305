//! How rules become Envoy's routes, and what clusters are called (`pilot/pkg/networking/core/route/route.go`, `pilot/pkg/model/service.go`).

use meshwright::engine::envoy::{self, Call};

use super::{CART, CART_80, clusters, document, gateway, get, knows, names, out, service_entry, sidecar, to, virtual_host, virtual_service};

/// The rules of the host `cart`.
fn cart(http: &str) -> meshwright::engine::xds::ProxyConfig {
    sidecar(&virtual_service("cart", "shop", &format!("{{hosts: [cart], http: [{http}]}}")))
}

fn rule(name: &str, matching: &str) -> String {
    format!("{{name: {name}, match: [{matching}], route: [{{destination: {{host: web}}}}]}}")
}

fn met(config: &meshwright::engine::xds::ProxyConfig, path: &str) -> String {
    get(config, path).route
}

/// `BuildHTTPRoutesForVirtualService` in `pilot/pkg/networking/core/route/route.go`.
#[test]
fn every_match_of_a_rule_is_a_route() {
    let config = cart(&rule("r", "{uri: {exact: /a}, name: one}, {uri: {exact: /b}, name: two}"));
    assert_eq!(names(&config, "80", CART_80), ["r.one", "r.two"]);
}

/// `BuildHTTPRoutesForVirtualService` in `pilot/pkg/networking/core/route/route.go`: the order of the rules is that of the routes.
#[test]
fn the_first_route_that_matches_has_the_request() {
    let config = cart(&[rule("wide", "{uri: {prefix: /a}}"), rule("narrow", "{uri: {exact: /a/b}}")].join(", "));
    assert_eq!(met(&config, "/a/b"), "wide");
}

/// `IsCatchAllRoute` in `pilot/pkg/networking/core/route/route.go`.
#[test]
fn nothing_is_built_behind_a_rule_that_takes_all() {
    for all in ["{uri: {prefix: /}}", "{uri: {regex: '.*'}}"] {
        assert_eq!(names(&cart(&[rule("all", all), to("never", "web")].join(", ")), "80", CART_80), ["all"], "{all}");
    }
}

/// `IsCatchAllRoute` in `pilot/pkg/networking/core/route/route.go`.
#[test]
fn what_asks_for_more_than_the_path_or_less_than_all_of_it_does_not_end_the_building() {
    for some in [
        "{uri: {prefix: /}, headers: {x: {exact: '1'}}}",
        "{uri: {regex: '/.*'}}",
        "{uri: {prefix: /}, queryParams: {x: {exact: '1'}}}",
        "{method: {regex: '.*'}}",
    ] {
        assert_eq!(names(&cart(&[rule("some", some), to("rest", "web")].join(", ")), "80", CART_80), ["some", "rest"], "{some}");
    }
}

/// `TranslateRoute` in `pilot/pkg/networking/core/route/route.go`.
#[test]
fn a_route_is_named_after_its_rule_and_its_match() {
    let config = cart(
        "{name: r, match: [{uri: {exact: /a}, name: m}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /b}, name: m}], route: [{destination: {host: web}}]}",
    );
    assert_eq!(names(&config, "80", CART_80), ["r.m", ".m"]);
}

/// `BuildDefaultHTTPOutboundRoute` in `pilot/pkg/networking/core/route/route.go`.
#[test]
fn the_route_of_a_service_without_rules_is_called_default() {
    assert_eq!(names(&sidecar(""), "80", CART_80), ["default"]);
}

/// `applyHTTPRouteDestination` in `pilot/pkg/networking/core/route/route.go`.
#[test]
fn the_weight_of_a_single_destination_does_not_count() {
    let config = cart("{route: [{destination: {host: web}, weight: 7}]}");
    let action = virtual_host(&config, "80", CART_80).routes[0].route.clone().unwrap();
    assert_eq!((action.cluster.as_deref(), action.weighted_clusters), (Some("outbound|80||web.shop.svc.cluster.local"), None));
}

/// `applyHTTPRouteDestination` in `pilot/pkg/networking/core/route/route.go`.
#[test]
fn of_several_destinations_those_without_weight_are_dropped() {
    let outcome = get(
        &cart("{route: [{destination: {host: web}, weight: 1}, {destination: {host: db, port: {number: 8888}}}, {destination: {host: cart}, weight: 3}]}"),
        "/",
    );
    let shares: Vec<(&str, f64)> = outcome.clusters.iter().map(|cluster| (cluster.name.as_str(), cluster.share)).collect();
    assert_eq!(shares, [("outbound|80||web.shop.svc.cluster.local", 0.25), ("outbound|80||cart.shop.svc.cluster.local", 0.75)]);
}

fn with_header(config: &meshwright::engine::xds::ProxyConfig, header: Option<(&str, &str)>) -> String {
    let headers = header.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    envoy::run(config, &Call { headers, ..out("10.96.0.2", 80, "cart", "/") }).route
}

/// `canBeConvertedToPresentMatch` in `pilot/pkg/networking/core/route/route.go`. The webhook takes it among `withoutHeaders` alone.
#[test]
fn the_expression_of_one_star_asks_whether_a_header_is_there() {
    let config = cart(&[rule("gone", "{withoutHeaders: {x-a: {regex: '*'}}}"), to("rest", "web")].join(", "));
    assert_eq!(virtual_host(&config, "80", CART_80).routes[0].r#match.headers[0].present_match, Some(true));
    assert_eq!((with_header(&config, Some(("x-a", "any"))), with_header(&config, None)), ("rest".into(), "gone".into()));
    let there = cart(&[rule("there", "{headers: {x-a: {}}}"), to("rest", "web")].join(", "));
    assert_eq!((with_header(&there, Some(("x-a", "any"))), with_header(&there, None)), ("there".into(), "rest".into()));
}

/// `TranslateRouteMatch` in `pilot/pkg/networking/core/route/route.go`: `TreatMissingHeaderAsEmpty` is set for these.
#[test]
fn a_header_that_must_not_be_counts_as_empty_where_it_is_missing() {
    let config = cart(&[rule("without", "{withoutHeaders: {x-a: {exact: bad}}}"), to("rest", "web")].join(", "));
    assert!(virtual_host(&config, "80", CART_80).routes[0].r#match.headers[0].treat_missing_header_as_empty);
    let routes = [None, Some(("x-a", "yes")), Some(("x-a", "bad"))].map(|header| with_header(&config, header));
    assert_eq!(routes, ["without", "without", "rest"]);
}

/// `TranslateRouteMatch` in `pilot/pkg/networking/core/route/route.go`; Envoy compares the path without its query.
#[test]
fn an_exact_path_leaves_out_the_query() {
    let config = cart(&[rule("exact", "{uri: {exact: /a}}"), to("rest", "web")].join(", "));
    assert_eq!((met(&config, "/a?x=1"), met(&config, "/a/")), ("exact".into(), "rest".into()));
}

/// `TranslateRouteMatch` in `pilot/pkg/networking/core/route/route.go`: a VirtualService's prefix knows no segments.
#[test]
fn a_prefix_of_a_virtual_service_goes_on_within_a_segment() {
    let config = cart(&[rule("prefix", "{uri: {prefix: /foo}}"), to("rest", "web")].join(", "));
    assert_eq!(met(&config, "/foobar"), "prefix");
}

/// `TranslateRouteMatch` in `pilot/pkg/networking/core/route/route.go`: one of the Gateway API or an Ingress is a `PathSeparatedPrefix`.
#[test]
fn a_prefix_of_the_gateway_api_ends_with_a_segment() {
    let config = sidecar(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r, namespace: shop}
spec: {parentRefs: [{group: '', kind: Service, name: cart}], rules: [{matches: [{path: {type: PathPrefix, value: /foo}}], backendRefs: [{name: web, port: 80}]}]}\n",
    );
    let status = |path: &str| get(&config, path).response.status;
    assert_eq!((status("/foo/bar"), status("/foo"), status("/foobar")), (Some(200), Some(200), Some(404)));
}

/// `BuildSubsetKey` in `pilot/pkg/model/service.go`.
#[test]
fn clusters_out_are_named_by_port_subset_and_host_and_clusters_in_by_their_port() {
    let config = sidecar(&super::destination_rule("d", "shop", "{host: cart, subsets: [{name: v1, labels: {version: v1}}]}"));
    assert!(knows(&config, &format!("outbound|80||{CART}")) && knows(&config, &format!("outbound|80|v1|{CART}")));
    assert!(knows(&config, "inbound|8080||"), "the port of the workload, not that of the service");
}

/// `GetDestinationCluster` in `pilot/pkg/networking/core/route/route.go`, `buildNameToServiceMapForHTTPRoutes` in `core/gateway.go`.
#[test]
fn a_destination_without_a_port_is_the_only_port_of_its_service() {
    let entry = service_entry("e", "shop", "{hosts: [e.example.com], resolution: DNS, ports: [{number: 8443, name: http, protocol: HTTP}]}");
    let server = document(
        "networking",
        "Gateway",
        "edge",
        "shop",
        "{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}",
    );
    let config = gateway(
        &(entry + &server + &virtual_service("v", "shop", &format!("{{hosts: [a.example.com], gateways: [edge], http: [{}]}}", to("r", "e.example.com")))),
    );
    let route = &virtual_host(&config, "http.8080", "a.example.com:80").routes[0];
    assert_eq!(route.route.as_ref().unwrap().cluster.as_deref(), Some("outbound|8443||e.example.com"));
}

/// `BuildSidecarOutboundVirtualHosts` in `pilot/pkg/networking/core/httproute.go`: of services it knows those that have the listener's port.
#[test]
fn a_sidecar_takes_the_listeners_port_for_a_service_that_does_not_have_it() {
    let entry = service_entry("e", "shop", "{hosts: [e.example.com], resolution: DNS, ports: [{number: 8443, name: http, protocol: HTTP}]}");
    let config = sidecar(&(entry + &virtual_service("cart", "shop", &format!("{{hosts: [cart], http: [{}]}}", to("r", "e.example.com")))));
    assert_eq!(clusters(&get(&config, "/")), ["outbound|80||e.example.com"]);
}

/// `GetDestinationCluster` in `pilot/pkg/networking/core/route/route.go`: no error, and no cluster of that name either.
#[test]
fn a_destination_without_a_port_is_the_listeners_port_where_its_service_has_several() {
    let outcome = get(&cart(&to("r", "db")), "/");
    assert_eq!((clusters(&outcome), outcome.response.status), (vec!["outbound|80||db.shop.svc.cluster.local"], Some(503)));
}

/// `GetDestinationCluster` in `pilot/pkg/networking/core/route/route.go`: the same where nobody knows the service.
#[test]
fn a_destination_that_nobody_knows_is_named_by_the_listeners_port() {
    let kind = document("networking", "VirtualService", "cart", "shop", &format!("{{hosts: [cart], http: [{}]}}", to("r", "nobody")));
    assert_eq!(clusters(&get(&sidecar(&kind), "/")), ["outbound|80||nobody.shop.svc.cluster.local"]);
}

/// `TranslateRouteMatch` in `pilot/pkg/networking/core/route/route.go`: `UseIngressSemantics`.
#[test]
fn a_prefix_of_an_ingress_ends_with_a_segment() {
    let config = super::gateway(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: shop, annotations: {kubernetes.io/ingress.class: istio}}
spec: {rules: [{host: a.example.com, http: {paths: [{path: /foo, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}\n",
    );
    let status = |path: &str| {
        let call = envoy::Call { mode: envoy::Mode::Gateway, ..super::out("", 8080, "a.example.com", path) };
        envoy::run(&config, &call).response.status
    };
    assert_eq!(["/foo", "/foo/bar", "/foobar"].map(status), [Some(200), Some(200), Some(404)]);
}
