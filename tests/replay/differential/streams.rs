//! Connections that are no HTTP to the proxy: rules of VirtualServices for TCP and TLS, at a sidecar and at a gateway.

use meshwright::engine::envoy::{Call, Mode, Protocol, Tls};

use super::{
    case::{Case, Piece, head},
    gateway::SECRET,
};
use crate::{
    dice::Dice,
    replay::{ingress_gateway, outbound, productpage},
};

const CALLS: usize = 50;
const RULES: usize = 4;
/// A service that speaks bytes on two ports, at one address, at several, or at none.
const STORE: &str = "store.example.com";
/// A service that speaks TLS.
const VAULT: &str = "vault.example.com";
const MONGODB: &str = "mongodb.default.svc.cluster.local";
const SERVER_NAMES: [&str; 7] =
    ["vault.example.com", "a.vault.example.com", "b.vault.example.com", "x.b.vault.example.com", "end.example.org", "else.example", ""];

pub fn case(dice: &mut Dice) -> Case {
    if dice.happens(50) { at_sidecar(dice) } else { at_gateway(dice) }
}

fn at_sidecar(dice: &mut Dice) -> Case {
    let mut case = Case::new(productpage());
    if dice.happens(30) {
        case.mesh_config = serde_json::json!({"outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}});
    }
    let addresses = dice.pick(&["", "addresses: [198.51.100.10], ", "addresses: [198.51.100.0/28], "]);
    services(dice, &mut case, addresses);
    for (name, host, port) in [("store", STORE, 3306), ("mongodb", MONGODB, 27017)] {
        let of = head(name, "default", host, "");
        for _ in 0..dice.below(RULES) {
            let condition = condition(dice, port);
            case.rule(&of, "tcp", format!("{{{condition}{}}}", route(dice)));
        }
    }
    let of = head("vault", "default", "vault.example.com, '*.vault.example.com'", "");
    server_name_rules(dice, &mut case, &of, 8443);
    if dice.happens(30) {
        let of = head("reviews", "default", "reviews.default.svc.cluster.local", "");
        case.rule(&of, "tcp", format!("{{{}}}", route(dice)));
    }
    for at in 0..CALLS {
        let (address, port) = dice.pick(&[
            ("198.51.100.10", 3306),
            ("198.51.100.10", 3307),
            ("198.51.100.3", 3306),
            ("198.51.100.99", 3306),
            ("", 3306),
            ("10.96.0.5", 27017),
            ("10.1.0.51", 27017),
            ("198.51.100.20", 8443),
            ("198.51.100.21", 8443),
            ("198.51.100.20", 8443),
            ("", 8443),
            ("10.96.0.3", 9080),
        ]);
        let call = outbound(address, port, "", "", &[]);
        case.calls.push(spoken(dice, call, at));
    }
    case
}

fn at_gateway(dice: &mut Dice) -> Case {
    let mut case = Case::new(ingress_gateway());
    case.pieces.push(Piece::Document(SECRET.into()));
    services(dice, &mut case, "addresses: [198.51.100.10], ");
    let tcp_hosts = dice.pick(&["'*'", "store.example.com", "else.example.com"]);
    let tls_hosts = dice.pick(&["'*'", "'*.example.com'", "vault.example.com, a.vault.example.com", "'default/*.vault.example.com'"]);
    let servers = [
        format!("{{port: {{number: 31400, name: tcp, protocol: {}}}, hosts: [{tcp_hosts}]}}", dice.pick(&["TCP", "MONGO"])),
        format!("{{port: {{number: 443, name: tls, protocol: TLS}}, hosts: [{tls_hosts}], tls: {{mode: PASSTHROUGH}}}}"),
        format!(
            "{{port: {{number: 443, name: end, protocol: TLS}}, hosts: [end.example.org], tls: {{mode: SIMPLE, credentialName: {}}}}}",
            dice.pick(&["cert", "cert", "gone"])
        ),
        "{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}".to_owned(),
    ];
    let some: Vec<&str> = servers.iter().map(String::as_str).filter(|_| dice.happens(85)).collect();
    if !some.is_empty() {
        case.document("networking", "Gateway", "edge", "istio-system", &format!("{{selector: {{istio: ingressgateway}}, servers: [{}]}}", some.join(", ")));
    }
    let bound = "istio-system/edge";
    let of = head("store", "default", dice.pick(&["store.example.com", "'*.example.com'"]), bound);
    for _ in 0..dice.below(RULES) {
        let condition = dice.pick(&[
            "",
            "match: [{port: 31400}], ",
            "match: [{port: 443}], ",
            "match: [{gateways: [istio-system/edge]}], ",
            "match: [{gateways: [mesh]}], ",
        ]);
        case.rule(&of, "tcp", format!("{{{condition}{}}}", route(dice)));
    }
    let of = head("end", "default", "end.example.org", bound);
    case.rule(&of, "tcp", format!("{{match: [{{port: 443}}], {}}}", route(dice)));
    let of = head("vault", "default", "vault.example.com, '*.vault.example.com'", bound);
    server_name_rules(dice, &mut case, &of, 443);
    for at in 0..CALLS {
        let port = dice.pick(&[31400, 31400, 8443, 8443, 8443, 8080]);
        let call = Call { mode: Mode::Gateway, ..outbound("", port, "", "", &[]) };
        case.calls.push(spoken(dice, call, at));
    }
    case
}

/// The services, with subsets of which one has nobody in it.
fn services(dice: &mut Dice, case: &mut Case, addresses: &str) {
    let endpoints =
        |net: u8| format!("endpoints: [{{address: 203.0.113.{net}1, labels: {{version: v1}}}}, {{address: 203.0.113.{net}2, labels: {{version: v2}}}}]");
    let entry = |host: &str, addresses: &str, ports: &str, endpoints: &str| {
        format!("{{hosts: [{host}], {addresses}location: MESH_INTERNAL, resolution: STATIC, ports: [{ports}], {endpoints}}}")
    };
    let ports = "{number: 3306, name: tcp-a, protocol: TCP}, {number: 3307, name: tcp-b, protocol: TCP}";
    case.document("networking", "ServiceEntry", "store", "default", &entry(STORE, addresses, ports, &endpoints(1)));
    let at = dice.pick(&["", "addresses: [198.51.100.20], "]);
    case.document("networking", "ServiceEntry", "vault", "default", &entry(VAULT, at, "{number: 8443, name: tls, protocol: TLS}", &endpoints(2)));
    for (name, host) in [("store", STORE), ("vault", VAULT)] {
        let subsets = "subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}, {name: nobody, labels: {version: v9}}]";
        case.document("networking", "DestinationRule", name, "default", &format!("{{host: {host}, {subsets}}}"));
    }
}

fn destination(dice: &mut Dice) -> String {
    let (host, port) = dice.pick(&[
        (STORE, 3306),
        (STORE, 3306),
        (VAULT, 8443),
        (VAULT, 8443),
        (MONGODB, 27017),
        ("reviews.default.svc.cluster.local", 9080),
        ("gone.example.com", 1),
    ]);
    let subset = if host == STORE || host == VAULT { dice.pick(&["", ", subset: v1", ", subset: v2", ", subset: nobody", ", subset: unknown"]) } else { "" };
    format!("destination: {{host: {host}, port: {{number: {port}}}{subset}}}")
}

/// Where connections go; some of them by weight.
fn route(dice: &mut Dice) -> String {
    let weight = dice.pick(&[0, 15, 40, 70]);
    match dice.below(5) {
        0 => format!("route: [{{{}, weight: {weight}}}, {{{}, weight: {}}}]", destination(dice), destination(dice), 100 - weight),
        _ => format!("route: [{{{}}}]", destination(dice)),
    }
}

/// What a connection has to be like that a rule for TCP takes, the port of the service being known.
fn condition(dice: &mut Dice, port: u32) -> String {
    let mut parts = Vec::new();
    for part in [
        format!("port: {}", dice.pick(&[port, port, 3307, 9999])),
        format!("sourceLabels: {{app: {}}}", dice.pick(&["productpage", "productpage", "else"])),
        format!("gateways: [{}]", dice.pick(&["mesh", "mesh", "istio-system/edge"])),
        format!("sourceNamespace: {}", dice.pick(&["default", "default", "foo"])),
        format!(
            "destinationSubnets: [{}]",
            dice.pick(&["198.51.100.10", "198.51.100.0/29", "198.51.100.0/28", "10.96.0.0/16", "192.0.2.0/24, 198.51.100.8/30"])
        ),
    ] {
        if dice.happens(25) {
            parts.push(part);
        }
    }
    if parts.is_empty() { String::new() } else { format!("match: [{{{}}}], ", parts.join(", ")) }
}

fn server_name_rules(dice: &mut Dice, case: &mut Case, of: &str, port: u32) {
    for _ in 0..dice.below(RULES + 1) {
        let names = dice.pick(&[
            "vault.example.com",
            "a.vault.example.com",
            "'*.vault.example.com'",
            "'*.b.vault.example.com'",
            "a.vault.example.com, b.vault.example.com",
        ]);
        let more = dice.pick(&["", "", ", sourceLabels: {app: else}", ", destinationSubnets: [198.51.100.20]", ", destinationSubnets: [198.51.100.0/24]"]);
        let port = dice.pick(&[port, port, 9999]);
        case.rule(of, "tls", format!("{{match: [{{port: {port}, sniHosts: [{names}]{more}}}], {}}}", route(dice)));
    }
}

/// What is said on the connection, inside TLS or not.
fn spoken(dice: &mut Dice, call: Call, at: usize) -> Call {
    let mut call = Call { protocol: dice.pick(&[Protocol::Tcp, Protocol::Tcp, Protocol::Tcp, Protocol::Http, Protocol::Http2]), ..call };
    if dice.happens(if matches!(call.port, 8443) { 85 } else { 15 }) {
        call.tls = Tls::Tls;
        call.sni = dice.pick(&SERVER_NAMES).into();
    }
    if call.protocol != Protocol::Tcp {
        call.host = dice.pick(&["store.example.com", "reviews:9080", "else.example"]).into();
        call.path = "/".into();
    }
    call.name = format!("{at} {:?} to {}:{} {:?} {:?}", call.protocol, call.address, call.port, call.tls, call.sni);
    call
}
