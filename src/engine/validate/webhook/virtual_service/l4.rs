//! Routes for TLS that is passed on unopened, and for TCP (`validateTLSRoute`, `validateTCPRoute`).

use super::{
    super::{
        hosts::{self, check_subnet, is_covered},
        part::{Context, Part, check_port},
        selector::check_labels,
    },
    check_gateway_names, destination,
};
use crate::engine::validate::names::is_ip;

/// The hosts of the VirtualService, which every SNI host must lie within.
pub(super) struct Hosts<'p, 'n> {
    pub hosts: &'p Part<'n>,
    /// Whether SNI hosts of istiod's own making are taken: no sidecar of the mesh is meant by name.
    pub is_loose: bool,
}

/// Judges a route for TLS.
pub(super) fn check_tls(context: &mut Context<'_, '_>, tls: &Part<'_>, hosts: &Hosts<'_, '_>) {
    let requests = tls.get("match");
    if !requests.is_set() {
        context.refuse(&requests, "a route for TLS needs a match with sniHosts, by which connections are told apart");
    }
    for request in requests.items() {
        let names = request.get("sniHosts");
        if !names.is_set() {
            context.refuse(&names, "a match for TLS needs at least one of sniHosts");
        }
        for name in names.items() {
            check_sni(context, &name, hosts);
        }
        check_connection(context, &request);
    }
    check_route(context, "TLS", tls);
}

/// Judges a route for TCP.
pub(super) fn check_tcp(context: &mut Context<'_, '_>, tcp: &Part<'_>) {
    for request in tcp.get("match").items() {
        context.without_warnings(|context| check_connection(context, &request));
    }
    check_route(context, "TCP", tcp);
}

fn check_route(context: &mut Context<'_, '_>, protocol: &str, owner: &Part<'_>) {
    let route = owner.get("route");
    if !route.is_set() {
        context.refuse(&route, format!("says nothing of where to send {protocol} to; add route"));
    }
    destination::check_weighted(context, &route);
}

fn check_connection(context: &mut Context<'_, '_>, request: &Part<'_>) {
    for subnet in request.get("destinationSubnets").items() {
        check_subnet(context, &subnet);
    }
    if request.get("port").whole() != 0 {
        check_port(context, &request.get("port"));
    }
    check_labels(context, &request.get("sourceLabels"));
    check_gateway_names(context, &request.get("gateways"), false);
}

fn check_sni(context: &mut Context<'_, '_>, name: &Part<'_>, bound: &Hosts<'_, '_>) {
    let text = name.text();
    let verdict = if bound.is_loose { hosts::gateway_domain(true, text) } else { hosts::wildcard_domain(text) };
    if let Err(reason) = verdict {
        if is_ip(text) {
            context.warn(name, format!("{text:?} is an IP address, which clients do not send as SNI"));
        } else {
            reason.refuse(context, name);
        }
    } else if !bound.hosts.items().any(|host| is_covered(text, host.text())) {
        let all = bound.hosts.items().map(|host| host.text()).collect::<Vec<_>>().join(", ");
        context.refuse(name, format!("{text:?} lies within none of this VirtualService's hosts ({all}); add it there"));
    }
}
