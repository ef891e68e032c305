//! What a port of a Service speaks (`ConvertProtocol` in `pkg/config/kube/conversion.go`).

use super::{hosts, sidecar};
use crate::engine::istiod::{chains, listener};

/// How the port of a service is served: by routes that hosts share, by routes of its own, or as bytes.
fn served(port: &str) -> &'static str {
    let number: u32 = port.split("port: ").nth(1).and_then(|rest| rest.split([',', '}']).next()).and_then(|number| number.trim().parse().ok()).unwrap();
    let config =
        sidecar(&format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: p, namespace: shop}}\nspec: {{clusterIP: 10.96.0.77, ports: [{port}]}}\n"));
    let name = format!("10.96.0.77_{number}");
    if !config.listeners.iter().any(|listener| listener.name == name) {
        assert!(hosts(&config, &number.to_string()).contains(&format!("p.shop.svc.cluster.local:{number}")));
        return "http";
    }
    if chains(listener(&config, &name))[0].1 == format!("routes p.shop.svc.cluster.local:{number}") { "auto" } else { "tcp" }
}

/// `ConvertProtocol` in `pkg/config/kube/conversion.go`.
#[test]
fn the_application_protocol_goes_before_the_name() {
    assert_eq!(served("{name: tcp-x, appProtocol: http, port: 7000}"), "http");
    assert_eq!(served("{name: http-x, appProtocol: tcp, port: 7000}"), "tcp");
}

/// `ConvertProtocol` in `pkg/config/kube/conversion.go`.
#[test]
fn kubernetes_own_words_for_protocols_are_known() {
    for (word, served_as) in [("kubernetes.io/h2c", "http"), ("kubernetes.io/ws", "http"), ("kubernetes.io/wss", "tcp")] {
        assert_eq!(served(&format!("{{name: x, appProtocol: {word}, port: 7000}}")), served_as, "{word}");
    }
}

/// `ConvertProtocol` in `pkg/config/kube/conversion.go`.
#[test]
fn the_name_counts_up_to_its_first_hyphen() {
    for (name, served_as) in
        [("http", "http"), ("http-web", "http"), ("grpc-web", "http"), ("grpc-a-b", "http"), ("tcp-http", "tcp"), ("httpx", "auto"), ("web-http", "auto")]
    {
        assert_eq!(served(&format!("{{name: {name}, port: 7000}}")), served_as, "{name}");
    }
}

/// `ConvertProtocol` in `pkg/config/kube/conversion.go`.
#[test]
fn four_well_known_ports_are_tcp_where_nothing_is_declared() {
    for port in [25, 53, 3306, 27017] {
        assert_eq!(served(&format!("{{name: x, port: {port}}}")), "tcp", "{port}");
    }
    assert_eq!(served("{name: http, port: 3306}"), "http", "what is declared counts");
}

/// `ConvertProtocol` in `pkg/config/kube/conversion.go`; `ModelProtocolToListenerProtocol` in `pilot/pkg/networking/networking.go`.
#[test]
fn any_other_port_that_declares_nothing_is_looked_at() {
    assert_eq!(served("{port: 7000}"), "auto");
}
