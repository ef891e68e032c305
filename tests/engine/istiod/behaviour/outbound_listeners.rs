//! LDS of what goes out (`pilot/pkg/networking/core/listener.go`), and traffic that nobody has registered (`pilot/pkg/networking/core/httproute.go`,
//! `pilot/pkg/networking/util/util.go`).

use meshwright::engine::{envoy, xds::ProxyConfig};

use super::{clusters, hosts, out, push, service_entry, sidecar, tcp, virtual_host};
use crate::engine::istiod::{chains, cluster_with, listener};

fn entry(ports: &str, addresses: &str) -> String {
    service_entry("e", "shop", &format!("{{hosts: [e.example.com], addresses: [{addresses}], resolution: NONE, ports: [{ports}]}}"))
}

fn has(config: &ProxyConfig, name: &str) -> bool {
    config.listeners.iter().any(|listener| listener.name == name)
}

/// `buildSidecarOutboundHTTPListenerOpts` in `pilot/pkg/networking/core/listener.go`.
#[test]
fn http_of_all_hosts_shares_a_listener_for_the_port_and_routes_named_after_it() {
    let config = sidecar(&entry("{number: 80, name: http, protocol: HTTP}", "198.51.100.1"));
    assert!(has(&config, "0.0.0.0_80") && !has(&config, "198.51.100.1_80"));
    assert_eq!(chains(listener(&config, "0.0.0.0_80"))[0].1, "routes 80");
    assert!(hosts(&config, "80").contains(&"e.example.com:80".to_owned()));
}

/// `buildSidecarOutboundTCPListenerOpts` in `pilot/pkg/networking/core/listener.go`.
#[test]
fn tcp_and_what_is_not_declared_listen_at_the_address_of_the_service() {
    let config = sidecar(&entry("{number: 7000, name: tcp, protocol: TCP}, {number: 7001, name: any}", "198.51.100.1"));
    assert!(has(&config, "198.51.100.1_7000") && !has(&config, "0.0.0.0_7000"));
    assert!(has(&config, "198.51.100.1_7001") && !has(&config, "0.0.0.0_7001"));
}

/// `buildSidecarOutboundHTTPListenerOpts` in `pilot/pkg/networking/core/listener.go`, `BuildSidecarOutboundVirtualHosts` in `httproute.go`.
#[test]
fn a_port_that_declares_nothing_has_routes_of_its_own_for_any_host() {
    let config = sidecar(&entry("{number: 7001, name: any}", "198.51.100.1"));
    assert_eq!(hosts(&config, "e.example.com:7001"), ["e.example.com:7001"]);
    assert_eq!(virtual_host(&config, "e.example.com:7001", "e.example.com:7001").domains, ["*"]);
    let outcome = envoy::run(&config, &out("198.51.100.1", 7001, "whatever.example.org", "/"));
    assert_eq!(clusters(&outcome), ["outbound|7001||e.example.com"]);
}

/// `buildSidecarOutboundListener` in `pilot/pkg/networking/core/listener.go`.
#[test]
fn a_range_of_addresses_is_a_chain_of_the_listener_for_the_port() {
    let config = sidecar(&entry("{number: 7000, name: tcp, protocol: TCP}", "198.51.100.0/24"));
    let chain = &listener(&config, "0.0.0.0_7000").filter_chains[0];
    let range = &chain.filter_chain_match.as_ref().unwrap().prefix_ranges[0];
    assert_eq!((range.address_prefix.as_str(), range.prefix_len), ("198.51.100.0", Some(24)));
    assert_eq!(clusters(&envoy::run(&config, &tcp("198.51.100.9", 7000))), ["outbound|7000||e.example.com"]);
    assert_eq!(clusters(&envoy::run(&config, &tcp("203.0.113.9", 7000))), ["PassthroughCluster"]);
}

/// `CopyEndpoints` in `pilot/pkg/model/endpointshards.go`: the index of instances asks for no health.
#[test]
fn a_headless_service_has_a_listener_for_every_pod_whether_it_is_ready_or_not() {
    let pod = |at: u8, ready: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: db-{at}, namespace: shop, labels: {{app: db}}}}\nspec: {{containers: [{{name: db, image: db}}]}}\n\
             status: {{phase: Running, podIP: 10.9.9.{at}, conditions: [{{type: Ready, status: '{ready}'}}]}}\n"
        )
    };
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {clusterIP: None, selector: {app: db}, ports: [{name: tcp, port: 7000}]}\n";
    let config = sidecar(&(service.to_owned() + &pod(1, "True") + &pod(2, "False")));
    assert!(has(&config, "10.9.9.1_7000") && has(&config, "10.9.9.2_7000"));
}

/// `convertServices` in `pilot/pkg/serviceregistry/serviceentry/conversion.go`: a range is an address where it holds one only, which in IPv6
/// takes 128 bits.
#[test]
fn a_range_of_a_single_address_is_a_listener_of_its_own() {
    let names = |address: &str| {
        let config = sidecar(&entry("{number: 7000, name: tcp, protocol: TCP}", address));
        config.listeners.iter().map(|listener| listener.name.clone()).filter(|name| name.ends_with("_7000")).collect::<Vec<_>>()
    };
    assert_eq!(names("198.51.100.9/32"), ["198.51.100.9_7000"]);
    assert_eq!(names("'2001:db8::9/128'"), ["2001:db8::9_7000"]);
    assert_eq!(names("'2001:db8::9/32'"), ["0.0.0.0_7000"]);
}

/// `conflictsWith` in `pilot/pkg/networking/core/listener.go`: the bits behind a range's mask do not count.
#[test]
fn of_two_services_with_one_range_the_first_has_it() {
    let of = |name: &str, range: &str| {
        let ports = "[{number: 7000, name: tcp, protocol: TCP}]";
        service_entry(name, "shop", &format!("{{hosts: [{name}.example.com], addresses: [{range}], resolution: NONE, ports: {ports}}}"))
    };
    for (ranges, address) in [(["198.51.100.1/24", "198.51.100.2/24"], "198.51.100.2"), (["'2001:db8:1::/32'", "'2001:db8:2::/32'"], "2001:db8:2::1")] {
        let config = sidecar(&(of("a", ranges[0]) + &of("b", ranges[1])));
        assert_eq!(listener(&config, "0.0.0.0_7000").filter_chains.len(), 1, "{ranges:?}");
        assert_eq!(clusters(&envoy::run(&config, &tcp(address, 7000))), ["outbound|7000||a.example.com"]);
    }
}

/// `buildSidecarOutboundListener` in `pilot/pkg/networking/core/listener.go`.
#[test]
fn a_service_without_an_address_takes_the_port_everywhere() {
    let config = sidecar(&entry("{number: 7000, name: tcp, protocol: TCP}", ""));
    assert!(has(&config, "0.0.0.0_7000"));
    assert_eq!(clusters(&envoy::run(&config, &tcp("203.0.113.9", 7000))), ["outbound|7000||e.example.com"]);
}

fn registry_only() -> ProxyConfig {
    let mesh = serde_json::from_value(serde_json::json!({"outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}})).unwrap();
    push(&cluster_with("", mesh), "shop", "web-1")
}

/// `buildCatchAllVirtualHost` in `pilot/pkg/networking/core/httproute.go`.
#[test]
fn a_host_that_nobody_knows_is_passed_through_by_allow_any() {
    let outcome = envoy::run(&sidecar(""), &out("203.0.113.9", 80, "else.example.org", "/"));
    assert_eq!((outcome.virtual_host.as_str(), clusters(&outcome)), ("allow_any", vec!["PassthroughCluster"]));
}

/// `buildCatchAllVirtualHost` in `pilot/pkg/networking/core/httproute.go`.
#[test]
fn a_host_that_nobody_knows_is_answered_502_where_only_the_registry_counts() {
    let outcome = envoy::run(&registry_only(), &out("203.0.113.9", 80, "else.example.org", "/"));
    assert_eq!((outcome.virtual_host.as_str(), outcome.response.status), ("block_all", Some(502)));
}

/// `buildOutboundCatchAllNetworkFiltersOnly` in `pilot/pkg/networking/core/listener_builder.go`.
#[test]
fn bytes_to_nobody_pass_or_fall_into_the_black_hole() {
    assert_eq!(clusters(&envoy::run(&sidecar(""), &tcp("203.0.113.9", 7777))), ["PassthroughCluster"]);
    assert_eq!(clusters(&envoy::run(&registry_only(), &tcp("203.0.113.9", 7777))), ["BlackHoleCluster"]);
}

/// `buildVirtualOutboundListener` and `buildInboundBlackhole` in `pilot/pkg/networking/core/listener_builder.go` and `listener_inbound.go`:
/// what is sent to the ports of the proxy itself would go round in circles.
#[test]
fn connections_to_the_ports_that_capture_fall_into_the_black_hole() {
    for (port, taken_by) in [(15001, "virtualOutbound"), (15006, "virtualInbound")] {
        let outcome = envoy::run(&sidecar(""), &tcp("203.0.113.9", port));
        assert_eq!((outcome.listener.as_str(), clusters(&outcome)), (taken_by, vec!["BlackHoleCluster"]));
    }
}
