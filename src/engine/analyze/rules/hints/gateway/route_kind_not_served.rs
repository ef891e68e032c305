//! A VirtualService has rules of the kind that the Gateway's servers ask for.
//!
//! A server that opens TLS or takes plain HTTP asks for `http` rules, one that passes TLS through for `tls`, and one for TCP, or
//! for TLS opened to bytes, for `tcp` (`buildGatewayTCPBasedFilterChains` and `createGatewayTCPFilterChainOpts` in
//! `pilot/pkg/networking/core/gateway.go` of 1.26.4).

use crate::engine::{
    analyze::{Context, Rule, Set},
    cluster::{MESH, Protocol, host},
    diagnostic::hints::{MW0020, RouteKindNotServed},
    resource::{Body, Gateway, Kind, Server, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "route_kind_not_served",
    set: Set::Hints,
    summary: "VirtualServices have rules of the kind that the Gateway asks for",
    reads: reads!(VirtualService Gateway),
    emits: &[&MW0020],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<VirtualService>() {
        let has = |kind: &str| match kind {
            "http" => !item.spec.http.is_empty(),
            "tls" => !item.spec.tls.is_empty(),
            _ => !item.spec.tcp.is_empty(),
        };
        for (at, written) in item.spec.gateways.iter().enumerate().filter(|(_, name)| *name != MESH) {
            let (namespace, name) = match written.split_once('/') {
                Some((".", name)) => (item.namespace(), name),
                Some(parts) => parts,
                None => (item.namespace(), written.as_str()),
            };
            let Some(gateway) = context.find(Kind::Gateway, namespace, name).and_then(|resource| Gateway::of(&resource.spec)) else { continue };
            let servers = gateway.servers.iter().filter(|server| item.spec.hosts.iter().any(|host| serves(server, host)));
            let Some(kinds) = servers.map(kind).collect::<Option<Vec<&str>>>() else { continue };
            if kinds.is_empty() || kinds.iter().any(|kind| has(kind)) {
                continue;
            }
            let mut asked = kinds;
            asked.sort_unstable();
            asked.dedup();
            let given = ["http", "tls", "tcp"].into_iter().filter(|kind| has(kind)).collect::<Vec<_>>().join(" and ");
            let message = RouteKindNotServed { gateway: written.clone(), asked: asked.join(" or "), given };
            context.report(item.resource, &format!("spec.gateways[{at}]"), message);
        }
    }
}

/// Whether the server takes a name of the host, whichever namespaces it takes it from.
fn serves(server: &Server, host: &str) -> bool {
    server.hosts.iter().any(|served| host::overlap(served.rsplit('/').next().unwrap_or_default(), host))
}

/// The kind of rules that a server asks for; none where it takes no rules.
fn kind(server: &Server) -> Option<&'static str> {
    let protocol = Protocol::parse(&server.port.as_ref()?.protocol);
    let mode = server.tls.as_ref().map(|tls| tls.mode.as_deref().unwrap_or("PASSTHROUGH"));
    match (protocol, mode) {
        (_, Some("AUTO_PASSTHROUGH")) | (Protocol::Auto | Protocol::Udp, _) => None,
        (protocol, _) if protocol.is_http() => Some("http"),
        (_, Some("PASSTHROUGH")) => Some("tls"),
        (Protocol::Https, Some(_)) => Some("http"),
        _ => Some("tcp"),
    }
}
