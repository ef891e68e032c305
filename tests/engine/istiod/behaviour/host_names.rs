//! Which virtual host a Host header meets, what short names stand for, and how host patterns compare.

use meshwright::engine::envoy;

use super::{document, gateway, get, hosts, knows, out, sidecar, to, virtual_host, virtual_service};

fn meets(config: &meshwright::engine::xds::ProxyConfig, host: &str) -> String {
    envoy::run(config, &out("10.96.0.2", 80, host, "/")).virtual_host
}

fn edge(server_hosts: &str, name: &str, http: &str) -> String {
    document(
        "networking",
        "Gateway",
        "edge",
        "shop",
        &format!("{{selector: {{istio: ingressgateway}}, servers: [{{port: {{number: 80, name: http, protocol: HTTP}}, hosts: [{server_hosts}]}}]}}"),
    ) + &http
        .split('|')
        .enumerate()
        .map(|(at, host)| virtual_service(&format!("{name}{at}"), "shop", &format!("{{hosts: ['{host}'], gateways: [edge], http: [{}]}}", to("r", "web"))))
        .collect::<String>()
}

/// `matchVirtualHost` in `pilot/pkg/simulation/traffic.go`.
#[test]
fn an_exact_name_goes_before_the_longest_end_and_that_before_everything() {
    let config = gateway(&edge("'*'", "v", "a.b.example.com|*.b.example.com|*.example.com"));
    let met = |host: &str| envoy::run(&config, &meshwright::engine::envoy::Call { mode: envoy::Mode::Gateway, ..out("", 8080, host, "/") }).virtual_host;
    assert_eq!(met("a.b.example.com"), "a.b.example.com:80");
    assert_eq!(met("x.b.example.com"), "*.b.example.com:80");
    assert_eq!(met("x.y.b.example.com"), "*.b.example.com:80");
    assert_eq!(met("x.example.com"), "*.example.com:80");
    assert_eq!(met("example.com"), "", "the name without anything in front is another one");
}

/// `matchVirtualHost` in `pilot/pkg/simulation/traffic.go`, and `IgnorePortInHostMatching` in `pilot/pkg/networking/core/httproute.go`.
#[test]
fn the_port_in_a_host_header_does_not_count() {
    let config = sidecar("");
    assert_eq!(meets(&config, "cart.shop.svc.cluster.local:80"), meets(&config, "cart.shop.svc.cluster.local"));
    assert_eq!(meets(&config, "cart:9999"), "cart.shop.svc.cluster.local:80");
}

/// `GenerateAltVirtualHosts` in `pilot/pkg/networking/core/httproute.go`.
#[test]
fn a_service_answers_to_its_name_in_every_length_and_to_its_address() {
    let config = sidecar("");
    for host in ["cart", "cart.shop", "cart.shop.svc", "cart.shop.svc.cluster.local", "10.96.0.2"] {
        assert_eq!(meets(&config, host), "cart.shop.svc.cluster.local:80", "{host}");
    }
}

/// `GenerateAltVirtualHosts` in `pilot/pkg/networking/core/httproute.go`.
#[test]
fn the_bare_name_is_that_of_the_clients_namespace() {
    assert_eq!(meets(&sidecar(""), "web"), "web.shop.svc.cluster.local:80");
    assert_eq!(meets(&sidecar(""), "web.other"), "web.other.svc.cluster.local:80");
}

/// `ResolveShortnameToFQDN` in `pilot/pkg/model/config.go`.
#[test]
fn a_name_without_a_dot_stands_in_the_namespace_of_its_rule() {
    let elsewhere = virtual_service("v", "other", &format!("{{hosts: [cart.shop.svc.cluster.local], http: [{}]}}", to("r", "web")));
    assert_eq!(super::clusters(&get(&sidecar(&elsewhere), "/")), ["outbound|80||web.other.svc.cluster.local"]);
}

/// `ResolveShortnameToFQDN` in `pilot/pkg/model/config.go`.
#[test]
fn a_name_with_a_dot_is_taken_as_it_stands() {
    let config = sidecar(&virtual_service("v", "shop", &format!("{{hosts: [cart], http: [{}]}}", to("r", "web.other"))));
    assert_eq!(super::clusters(&get(&config, "/")), ["outbound|80||web.other"]);
    assert!(!knows(&config, "outbound|80||web.other"), "nobody is called so");
}

/// `ResolveShortnameToFQDN` in `pilot/pkg/model/config.go`.
#[test]
fn everything_and_addresses_are_no_short_names() {
    let star = gateway(&edge("'*'", "v", "*"));
    assert_eq!(hosts(&star, "http.8080"), ["*:80"]);
    let by_address = sidecar(&virtual_service("v", "shop", &format!("{{hosts: [10.96.0.2], http: [{}]}}", to("by-address", "web"))));
    assert!(hosts(&by_address, "80").iter().any(|host| host == "10.96.0.2:80"), "{:?}", hosts(&by_address, "80"));
}

/// `resolveGatewayName` in `pilot/pkg/model/config.go`; it would take `./edge` for the own namespace too, but the webhook refuses that.
#[test]
fn a_gateway_is_meant_by_its_name_at_home_and_by_its_namespace_elsewhere() {
    let server = document(
        "networking",
        "Gateway",
        "edge",
        "shop",
        "{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}",
    );
    let meant = |namespace: &str, reference: &str| {
        let bound = virtual_service(
            "v",
            namespace,
            &format!("{{hosts: [a.example.com], gateways: ['{reference}'], http: [{}]}}", to("r", "web.shop.svc.cluster.local")),
        );
        hosts(&gateway(&format!("{server}{bound}")), "http.8080") == ["a.example.com:80"]
    };
    for (namespace, reference) in [("shop", "edge"), ("other", "shop/edge"), ("other", "edge.shop"), ("other", "edge.shop.svc.cluster.local")] {
        assert!(meant(namespace, reference), "{reference} in {namespace}");
    }
    for (namespace, reference) in [("other", "edge"), ("shop", "other/edge")] {
        assert!(!meant(namespace, reference), "{reference} in {namespace}");
    }
}

/// `Name.Matches` in `pkg/config/host/name.go`: symmetric, so that a narrower host meets a wider server and the other way round.
#[test]
fn a_wide_and_a_narrow_name_match_whichever_of_them_is_the_servers() {
    assert_eq!(hosts(&gateway(&edge("'*.example.com'", "v", "a.example.com")), "http.8080"), ["a.example.com:80"]);
    assert_eq!(hosts(&gateway(&edge("a.example.com", "v", "*.example.com")), "http.8080"), ["a.example.com:80"]);
}

/// `Name.SubsetOf` in `pkg/config/host/name.go`: not symmetric, as the hosts of a Sidecar show.
#[test]
fn a_narrow_name_is_part_of_a_wide_one_and_not_the_other_way_round() {
    let entry = super::service_entry("e", "shop", "{hosts: ['*.example.com'], resolution: NONE, ports: [{number: 80, name: http, protocol: HTTP}]}");
    let imported = |host: &str| {
        let scope = document("networking", "Sidecar", "s", "shop", &format!("{{egress: [{{hosts: ['./{host}']}}]}}"));
        knows(&sidecar(&format!("{entry}{scope}")), "outbound|80||*.example.com")
    };
    assert!(imported("*.example.com") && imported("*.com") && !imported("a.example.com"));
}

/// `Name.Matches` in `pkg/config/host/name.go`.
#[test]
fn a_wildcard_does_not_match_the_name_behind_it() {
    assert_eq!(hosts(&gateway(&edge("'*.example.com'", "v", "example.com")), "http.8080"), ["blackhole:80"]);
}

/// `MoreSpecific` in `pkg/config/host/names.go`: as rules for hosts are looked up, whole names first, then the longest.
#[test]
fn whole_names_go_before_wildcards_and_longer_ones_before_shorter() {
    let rule = |name: &str, host: &str, policy: &str| {
        super::destination_rule(name, "shop", &format!("{{host: '{host}', trafficPolicy: {{loadBalancer: {{simple: {policy}}}}}}}"))
    };
    let wide = rule("a", "*.cluster.local", "RANDOM");
    let longer = rule("b", "*.shop.svc.cluster.local", "ROUND_ROBIN");
    let whole = rule("c", "cart.shop.svc.cluster.local", "LEAST_REQUEST");
    let chosen = |config: &str| super::xds_cluster(&sidecar(config), "outbound|80||cart.shop.svc.cluster.local").lb_policy.clone();
    assert_eq!(chosen(&wide), "RANDOM");
    assert_eq!(chosen(&format!("{wide}{longer}")), "", "round robin is Envoy's default");
    assert_eq!(chosen(&format!("{wide}{longer}{whole}")), "LEAST_REQUEST");
    assert_eq!(virtual_host(&sidecar(""), "80", "cart.shop.svc.cluster.local:80").name, "cart.shop.svc.cluster.local:80");
}
