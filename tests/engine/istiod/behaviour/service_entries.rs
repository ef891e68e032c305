//! ServiceEntries: how their endpoints are found, and the addresses that clients know them by
//! (`pilot/pkg/serviceregistry/serviceentry/conversion.go`, `pilot/pkg/networking/core/cluster_builder.go`).

use meshwright::engine::envoy;

use super::{clusters, gateway, hosts, service_entry, sidecar, tcp, xds_cluster};

fn entry(resolution: &str, more: &str) -> String {
    service_entry("e", "shop", &format!("{{hosts: [e.example.com], resolution: {resolution}, ports: [{{number: 80, name: http, protocol: HTTP}}]{more}}}"))
}

const NAME: &str = "outbound|80||e.example.com";
const ENDPOINTS: &str = ", endpoints: [{address: 198.51.100.7}]";

/// `convertServices` in `pilot/pkg/serviceregistry/serviceentry/conversion.go`, `convertResolution` in `pilot/pkg/networking/core/cluster.go`.
#[test]
fn the_resolution_is_the_type_of_the_cluster() {
    let of = |resolution: &str, more: &str| xds_cluster(&sidecar(&entry(resolution, more)), NAME).r#type.clone();
    assert_eq!(of("NONE", ""), "ORIGINAL_DST");
    assert_eq!(of("STATIC", ENDPOINTS), "EDS");
    assert_eq!(of("DNS", ""), "STRICT_DNS");
    assert_eq!(of("DNS_ROUND_ROBIN", ""), "LOGICAL_DNS");
}

/// `convertResolution` in `pilot/pkg/networking/core/cluster.go`: a gateway has no original destination.
#[test]
fn a_gateway_asks_for_endpoints_where_a_sidecar_keeps_the_destination() {
    assert_eq!(xds_cluster(&gateway(&entry("NONE", "")), NAME).r#type, "EDS");
}

/// `buildSidecarOutboundListener` in `pilot/pkg/networking/core/listener.go`: the bytes go where they were going.
#[test]
fn without_resolution_a_connection_goes_where_it_was_going() {
    let text = service_entry("e", "shop", "{hosts: [e.example.com], resolution: NONE, ports: [{number: 7000, name: tcp, protocol: TCP}]}");
    let outcome = envoy::run(&sidecar(&text), &tcp("203.0.113.9", 7000));
    assert_eq!((clusters(&outcome), outcome.clusters[0].endpoints.as_slice()), (vec!["outbound|7000||e.example.com"], &["203.0.113.9:7000".to_owned()][..]));
}

/// `convertServices` in `pilot/pkg/serviceregistry/serviceentry/conversion.go`.
#[test]
fn every_host_of_an_entry_is_a_service() {
    let text = service_entry("e", "shop", "{hosts: [a.example.com, b.example.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}");
    let known = hosts(&sidecar(&text), "80");
    assert!(["a.example.com:80", "b.example.com:80"].iter().all(|host| known.contains(&(*host).to_owned())), "{known:?}");
}

/// `convertServices` in `pilot/pkg/serviceregistry/serviceentry/conversion.go`: addresses of a host are names of its virtual host.
#[test]
fn an_address_of_the_entry_is_a_name_of_its_host() {
    let text =
        service_entry("e", "shop", "{hosts: [e.example.com], addresses: [198.51.100.9], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}");
    let config = sidecar(&text);
    assert!(super::virtual_host(&config, "80", "e.example.com:80").domains.contains(&"198.51.100.9".to_owned()));
}

/// `pilot/pkg/serviceregistry/serviceentry/controller.go`: an entry may select pods.
#[test]
fn an_entry_with_a_selector_has_the_pods_that_it_selects() {
    let config = sidecar(&entry("STATIC", ", workloadSelector: {labels: {app: cart, version: v1}}"));
    assert_eq!(super::super::endpoints(&config, NAME), ["10.1.0.2:80"]);
}

/// `convertEndpoint` in `pilot/pkg/serviceregistry/serviceentry/conversion.go`: an endpoint's own port, else the entry's target, else its number.
#[test]
fn an_endpoints_port_goes_before_the_target_and_that_before_the_number() {
    let port = |target: &str, own: &str| {
        let text = service_entry(
            "e",
            "shop",
            &format!(
                "{{hosts: [e.example.com], resolution: STATIC, ports: [{{number: 80, name: http, protocol: HTTP{target}}}], endpoints: [{{address: 198.51.100.7{own}}}]}}"
            ),
        );
        super::super::endpoints(&sidecar(&text), NAME)
    };
    assert_eq!(port("", ""), ["198.51.100.7:80"]);
    assert_eq!(port(", targetPort: 8080", ""), ["198.51.100.7:8080"]);
    assert_eq!(port(", targetPort: 8080", ", ports: {http: 9090}"), ["198.51.100.7:9090"]);
}

/// `GetAddressForProxy` in `pilot/pkg/model/service.go`: an address that Istio allots by itself is for proxies that answer DNS themselves,
/// which a sidecar does not unless it is told to.
#[test]
fn an_entry_without_an_address_takes_its_port_everywhere_though_one_is_allotted() {
    let text = "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: e, namespace: shop}
spec: {hosts: [e.example.com], resolution: DNS, ports: [{number: 7000, name: tcp, protocol: TCP}]}\nstatus: {addresses: [{value: 240.240.0.7, host: e.example.com}]}\n";
    let config = sidecar(text);
    assert!(config.listeners.iter().any(|listener| listener.name == "0.0.0.0_7000"));
    assert!(!config.listeners.iter().any(|listener| listener.name.starts_with("240.")));
}

/// `shouldV2AutoAllocateIPFromPieces` in `pilot/pkg/networking/serviceentry/ip_autoallocation.go`.
#[test]
fn an_address_is_allotted_where_there_is_none_and_the_destination_is_not_kept() {
    let allotted = |resolution: &str, more: &str, labels: &str| {
        let spec = format!("{{hosts: [e.example.com], resolution: {resolution}, ports: [{{number: 80, name: http, protocol: HTTP}}]{more}}}");
        let world = super::cluster(&super::document_with("networking", "ServiceEntry", &format!("{{name: e, namespace: shop, labels: {{{labels}}}}}"), &spec));
        world.ambient.auto_address("shop", "e.example.com").is_some()
    };
    assert!(allotted("DNS", "", "") && allotted("STATIC", "", ""));
    assert!(!allotted("NONE", "", ""));
    assert!(!allotted("DNS", ", addresses: [198.51.100.1]", ""));
    assert!(!allotted("DNS", "", "networking.istio.io/enable-autoallocate-ip: 'false'"));
}
