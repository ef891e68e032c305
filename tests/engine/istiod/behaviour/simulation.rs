//! Which listener and which filter chain take a connection (`pilot/pkg/simulation/traffic.go`).

use meshwright::engine::envoy::{self, Call, Protocol, Tls, offered_protocols};

use super::{inbound, out, service_entry, sidecar, tcp, virtual_service};

/// `matchListener` in `pilot/pkg/simulation/traffic.go`.
#[test]
fn whatever_comes_in_is_taken_by_virtual_inbound() {
    let config = sidecar("");
    for port in [8080, 80, 9999] {
        assert_eq!(envoy::run(&config, &inbound(port, Tls::Plaintext)).listener, "virtualInbound", "{port}");
    }
}

/// `matchListener` in `pilot/pkg/simulation/traffic.go`.
#[test]
fn what_goes_out_is_taken_by_its_address_then_by_its_port_then_by_virtual_outbound() {
    let config = sidecar("");
    let listener = |address: &str, port| envoy::run(&config, &tcp(address, port)).listener;
    assert_eq!(listener("10.96.0.4", 3306), "10.96.0.4_3306");
    assert_eq!(listener("10.96.0.2", 80), "0.0.0.0_80");
    assert_eq!(listener("10.96.0.9", 3306), "virtualOutbound", "the port of another service's address");
}

const TLS: &str = "{hosts: [a.example.com, '*.example.com'], resolution: NONE, ports: [{number: 443, name: tls, protocol: TLS}]}";

fn tls(host: &str, port: u32, sni: &str) -> Call {
    Call { tls: Tls::Tls, sni: sni.into(), ..out("", port, host, "/") }
}

/// `matchFilterChain` in `pilot/pkg/simulation/traffic.go`: `ServerNames`, exact before the longest wildcard.
#[test]
fn of_several_server_names_the_nearest_is_chosen() {
    let config = sidecar(&service_entry("e", "shop", TLS));
    let cluster = |sni: &str| envoy::run(&config, &tls(sni, 443, sni)).clusters.first().map(|cluster| cluster.name.clone());
    assert_eq!(cluster("a.example.com").as_deref(), Some("outbound|443||a.example.com"));
    assert_eq!(cluster("b.example.com").as_deref(), Some("outbound|443||*.example.com"));
}

/// `matchFilterChain` in `pilot/pkg/simulation/traffic.go`: a chain that asks for nothing is left only where none has matched.
#[test]
fn a_chain_without_a_wish_is_taken_where_no_other_fits() {
    let config = sidecar(&service_entry("e", "shop", TLS));
    let outcome = envoy::run(&config, &tls("else.example.org", 443, "else.example.org"));
    assert_eq!(super::clusters(&outcome), ["PassthroughCluster"]);
}

/// `matchFilterChain` in `pilot/pkg/simulation/traffic.go`: the port is looked at before addresses, server names and protocols.
#[test]
fn the_port_of_a_workload_goes_before_what_is_spoken_on_it() {
    let config = sidecar("");
    let chain = |port, tls| envoy::run(&config, &inbound(port, tls)).filter_chain;
    assert_eq!(chain(8080, Tls::Plaintext), chain(8080, Tls::Mtls));
    assert_ne!(chain(8080, Tls::Plaintext), chain(9999, Tls::Plaintext));
}

/// `matchFilterChain` in `pilot/pkg/simulation/traffic.go`: prefix ranges, the longest that fits.
#[test]
fn the_longest_range_of_addresses_is_chosen() {
    let entry = |name: &str, range: &str| {
        service_entry(
            name,
            "shop",
            &format!("{{hosts: [{name}.example.com], addresses: [{range}], resolution: NONE, ports: [{{number: 7000, name: tcp, protocol: TCP}}]}}"),
        )
    };
    let config = sidecar(&(entry("wide", "198.51.0.0/16") + &entry("narrow", "198.51.100.0/24")));
    let cluster = |address: &str| envoy::run(&config, &tcp(address, 7000)).clusters[0].name.clone();
    assert_eq!(cluster("198.51.100.7"), "outbound|7000||narrow.example.com");
    assert_eq!(cluster("198.51.7.7"), "outbound|7000||wide.example.com");
}

/// `protocolToMTLSAlpn` in `pilot/pkg/simulation/traffic.go`.
#[test]
fn a_client_with_a_certificate_offers_istios_protocols() {
    let offered = |protocol| offered_protocols(&Call { tls: Tls::Mtls, protocol, ..Call::default() });
    assert_eq!(offered(Protocol::Http)[0], "istio-http/1.1");
    assert_eq!(offered(Protocol::Http2)[0], "istio-h2");
    assert!(offered(Protocol::Tcp).contains(&"istio".into()));
}

/// `hasFilterOnPort` in `pilot/pkg/simulation/traffic.go`: what no inspector reads is not known.
#[test]
fn without_a_tls_inspector_nobody_knows_what_a_client_offers() {
    let config = sidecar(&virtual_service("v", "shop", "{hosts: [db], tcp: [{route: [{destination: {host: cart}}]}]}"));
    let listener = super::super::listener(&config, "10.96.0.4_3306");
    assert!(listener.listener_filters.iter().all(|filter| filter.name != "envoy.filters.listener.tls_inspector"));
    let outcome = envoy::run(&config, &Call { alpn: "h2".into(), address: "10.96.0.4".into(), ..tls("db", 3306, "db") });
    assert_eq!((outcome.listener.as_str(), super::clusters(&outcome)), ("10.96.0.4_3306", vec!["outbound|80||cart.shop.svc.cluster.local"]));
}

/// `Run` in `pilot/pkg/simulation/traffic.go`: a chain that speaks HTTP and does not end TLS cannot read a handshake.
#[test]
fn tls_to_an_outbound_port_of_http_is_passed_on_unread() {
    let outcome = envoy::run(&sidecar(""), &Call { tls: Tls::Tls, ..out("10.96.0.2", 80, "cart", "/") });
    assert_eq!(outcome.error, None);
    assert_eq!(super::clusters(&outcome), ["PassthroughCluster"], "an outbound HTTP port passes on what is no HTTP");
}

/// `matchFilterChain` in `pilot/pkg/simulation/traffic.go`: addresses are looked at before server names.
#[test]
fn a_range_of_addresses_goes_before_a_server_name() {
    let range = "{hosts: [range.example.org], addresses: [198.51.100.0/24], resolution: NONE, ports: [{number: 443, name: tcp, protocol: TCP}]}";
    let config = sidecar(&(service_entry("e", "shop", TLS) + &service_entry("range", "shop", range)));
    let to = |address: &str| envoy::run(&config, &Call { address: address.into(), ..tls("a.example.com", 443, "a.example.com") }).clusters[0].name.clone();
    assert_eq!(to("198.51.100.7"), "outbound|443||range.example.org");
    assert_eq!(to("203.0.113.7"), "outbound|443||a.example.com");
}
