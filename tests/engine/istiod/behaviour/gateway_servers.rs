//! Servers of Gateways: which hosts they serve (`pilot/pkg/networking/core/gateway.go`), and how those of several Gateways become one
//! proxy's listeners (`pilot/pkg/model/gateway.go`).

use meshwright::engine::{
    envoy::{self, Call, Mode},
    xds::ProxyConfig,
};

use super::{document, document_with, gateway, hosts, made, names, out, to, virtual_service};
use crate::engine::istiod::{chains, listener};

fn edge(name: &str, day: u32, servers: &str) -> String {
    document_with("networking", "Gateway", &made(name, "shop", day), &format!("{{selector: {{istio: ingressgateway}}, servers: [{servers}]}}"))
}

fn http(port: u32, hosts: &str) -> String {
    format!("{{port: {{number: {port}, name: http-{port}, protocol: HTTP}}, hosts: [{hosts}]}}")
}

fn https(name: &str, hosts: &str) -> String {
    format!("{{port: {{number: 443, name: {name}, protocol: HTTPS}}, hosts: [{hosts}], tls: {{mode: SIMPLE, credentialName: c}}}}")
}

fn bound(namespace: &str, hosts: &str) -> String {
    virtual_service("v", namespace, &format!("{{hosts: [{hosts}], gateways: [shop/edge], http: [{}]}}", to("r", "web.shop.svc.cluster.local")))
}

/// `pickMatchingGatewayHosts` in `pilot/pkg/networking/core/gateway.go`.
#[test]
fn a_server_takes_hosts_from_the_namespaces_that_it_names() {
    let served = |server: &str, namespace: &str| hosts(&gateway(&(edge("edge", 1, &http(80, server)) + &bound(namespace, "a.example.com"))), "http.8080");
    assert_eq!(served("other/a.example.com", "other"), ["a.example.com:80"]);
    assert_eq!(served("other/a.example.com", "shop"), ["blackhole:80"]);
    assert_eq!(served("./a.example.com", "shop"), ["a.example.com:80"], "its own namespace, whichever that of the proxy is");
    assert_eq!(served("./a.example.com", "other"), ["blackhole:80"]);
    assert_eq!(served("'*/a.example.com'", "other"), ["a.example.com:80"]);
}

/// `Names.Intersection` in `pkg/config/host/names.go`.
#[test]
fn of_a_wide_and_a_narrow_name_the_narrow_one_is_served() {
    let served = |server: &str, host: &str| hosts(&gateway(&(edge("edge", 1, &http(80, server)) + &bound("shop", host))), "http.8080");
    assert_eq!(served("'*.example.com'", "a.example.com"), ["a.example.com:80"]);
    assert_eq!(served("a.example.com", "'*.example.com'"), ["a.example.com:80"]);
    assert_eq!(served("'*.example.com'", "'*.a.example.com'"), ["*.a.example.com:80"]);
}

/// `buildGatewayHTTPRouteConfig` in `pilot/pkg/networking/core/gateway.go`.
#[test]
fn a_port_at_which_no_hosts_meet_answers_404_for_all() {
    let config = gateway(&(edge("edge", 1, &http(80, "a.example.com")) + &bound("shop", "b.example.com")));
    assert_eq!(hosts(&config, "http.8080"), ["blackhole:80"]);
    let outcome = envoy::run(&config, &Call { mode: Mode::Gateway, ..out("", 8080, "a.example.com", "/") });
    assert_eq!(outcome.response.status, Some(404));
}

fn destinations(config: &ProxyConfig, name: &str) -> Vec<String> {
    chains(listener(config, name)).into_iter().map(|(_, destination)| destination).collect()
}

const TCP_80: &str = "{port: {number: 80, name: tcp, protocol: TCP}, hosts: ['*']}";

/// `mergeGateways` in `pilot/pkg/model/gateway.go`.
#[test]
fn the_first_plain_protocol_of_a_port_wins_by_age_and_the_others_are_skipped() {
    let tcp_route = virtual_service("t", "shop", "{hosts: ['*'], gateways: [tcp], tcp: [{route: [{destination: {host: db, port: {number: 3306}}}]}]}");
    let text = |http_day, tcp_day| edge("edge", http_day, &http(80, "'*'")) + &edge("tcp", tcp_day, TCP_80) + &tcp_route;
    assert_eq!(destinations(&gateway(&text(1, 2)), "0.0.0.0_8080"), ["routes http.8080"]);
    assert_eq!(destinations(&gateway(&text(2, 1)), "0.0.0.0_8080"), ["outbound|3306||db.shop.svc.cluster.local"]);
}

/// `mergeGateways` and `CheckDuplicates` in `pilot/pkg/model/gateway.go`.
#[test]
fn a_server_with_a_tls_host_that_an_older_one_has_is_dropped_as_a_whole() {
    let text = edge("edge", 1, &https("first", "a.example.com")) + &edge("late", 2, &https("second", "a.example.com, b.example.com"));
    assert_eq!(destinations(&gateway(&text), "0.0.0.0_8443"), ["routes https.443.first.edge.shop"]);
}

/// `CheckDuplicates` in `pilot/pkg/model/gateway.go`: the same host at another address is no duplicate.
#[test]
fn the_same_tls_host_at_another_address_stays() {
    let elsewhere = https("second", "a.example.com").replace("{port:", "{bind: 10.1.9.7, port:");
    let config = gateway(&(edge("edge", 1, &https("first", "a.example.com")) + &edge("late", 2, &elsewhere)));
    assert_eq!(destinations(&config, "0.0.0.0_8443"), ["routes https.443.first.edge.shop"]);
    assert_eq!(destinations(&config, "10.1.9.7_8443"), ["routes https.443.second.late.shop.10.1.9.7"]);
}

/// `gatewayRDSRouteName` in `pilot/pkg/model/gateway.go`.
#[test]
fn routes_are_named_by_port_and_those_of_https_by_server_and_gateway_too() {
    let config = gateway(&(edge("edge", 1, &format!("{}, {}", http(80, "a.example.com"), https("web", "a.example.com"))) + &bound("shop", "a.example.com")));
    let mut routes: Vec<&str> = config.routes.iter().map(|routes| routes.name.as_str()).collect();
    routes.sort_unstable();
    assert_eq!(routes, ["http.8080", "https.443.web.edge.shop"]);
}

/// `resolvePorts` in `pilot/pkg/model/gateway.go`.
#[test]
fn a_servers_port_is_translated_by_the_service_that_has_it() {
    let config = gateway(&edge("edge", 1, &format!("{}, {}", http(80, "a.example.com"), http(9999, "a.example.com"))));
    let mut listeners: Vec<&str> = config.listeners.iter().map(|listener| listener.name.as_str()).collect();
    listeners.sort_unstable();
    assert_eq!(listeners, ["0.0.0.0_8080", "0.0.0.0_9999"], "a port that no Service leads to stays as it is");
}

/// `buildGatewayHTTPRouteConfig` in `pilot/pkg/networking/core/gateway.go`: `RequireTls` is answered before a route is looked for.
#[test]
fn a_server_that_redirects_answers_301_whatever_the_path() {
    let redirecting = "{port: {number: 80, name: http, protocol: HTTP}, hosts: [a.example.com], tls: {httpsRedirect: true}}";
    let some = virtual_service(
        "v",
        "shop",
        "{hosts: [a.example.com], gateways: [edge], http: [{name: some, match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}]}",
    );
    let config = gateway(&(edge("edge", 1, redirecting) + &some));
    for path in ["/a", "/b"] {
        let outcome = envoy::run(&config, &Call { mode: Mode::Gateway, ..out("", 8080, "a.example.com", path) });
        assert_eq!((outcome.response.status, outcome.route.as_str()), (Some(301), ""), "{path}");
        assert_eq!(outcome.response.headers["location"], format!("https://a.example.com{path}"));
    }
    assert_eq!(names(&config, "http.8080", "a.example.com:80"), ["some"]);
}

/// `mergeGateways` in `pilot/pkg/model/gateway.go`: plain HTTP servers of one port share their routes.
#[test]
fn plain_servers_of_one_port_share_their_routes() {
    let both = edge("edge", 1, &http(80, "a.example.com")) + &edge("more", 2, &http(80, "b.example.com"));
    let text = both
        + &bound("shop", "a.example.com")
        + &document("networking", "VirtualService", "w", "shop", &format!("{{hosts: [b.example.com], gateways: [more], http: [{}]}}", to("r", "cart")));
    assert_eq!(hosts(&gateway(&text), "http.8080"), ["a.example.com:80", "b.example.com:80"]);
}

fn front(name: &str, day: u32, labels: &str, target: u32) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service
metadata: {{name: {name}, namespace: istio-system, creationTimestamp: '2025-03-{day:02}T00:00:00Z', labels: {{{labels}}}}}
spec: {{clusterIP: 10.96.9.{day}, selector: {{istio: ingressgateway}}, ports: [{{name: http2, port: 80, targetPort: {target}}}]}}\n"
    )
}

/// `resolvePorts` in `pilot/pkg/model/gateway.go`, over the targets that `SetServiceTargets` in `pilot/pkg/model/context.go` sorts.
#[test]
fn of_several_services_with_a_servers_port_the_oldest_translates_it() {
    let listeners = |services: &str| {
        let config = gateway(&(edge("edge", 1, &http(80, "a.example.com")) + services));
        config.listeners.iter().map(|listener| listener.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(listeners(&(front("a", 9, "", 9009) + &front("z", 8, "", 9008))), ["0.0.0.0_9008"], "both are older than the world's own Service");
    assert_eq!(listeners(&(front("z", 8, "", 9008) + &front("a", 8, "", 9009))), ["0.0.0.0_9009"], "of one age the host name decides");
    let kept_out = front("z", 8, "experimental.istio.io/disable-gateway-port-translation: 'true'", 9008);
    assert_eq!(listeners(&(front("a", 9, "", 9009) + &kept_out)), ["0.0.0.0_9009"], "a Service can keep its ports to itself");
}

/// `mergeGateways` in `pilot/pkg/model/push_context.go`: the annotation goes before the selector, and a port is the service's.
#[test]
fn a_gateway_may_be_for_the_proxies_behind_a_service_of_its_namespace() {
    let edge = |namespace: &str, service: &str, port: u32| {
        let metadata = format!("{{name: edge, namespace: {namespace}, annotations: {{internal.istio.io/gateway-service: '{service}'}}}}");
        let config = gateway(&document_with("networking", "Gateway", &metadata, &format!("{{selector: {{no: pod}}, servers: [{}]}}", http(port, "'*'"))));
        config.listeners.iter().map(|listener| listener.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(edge("istio-system", "other.example.com,edge.istio-system.svc.cluster.local", 80), ["0.0.0.0_8080"]);
    assert_eq!(edge("istio-system", "edge.istio-system.svc.cluster.local", 8081), [""; 0], "not a port of the service");
    assert_eq!(edge("shop", "edge.istio-system.svc.cluster.local", 80), [""; 0], "not a service of its namespace");
}
