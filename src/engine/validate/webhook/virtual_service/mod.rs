//! VirtualService (`ValidateVirtualService` and `virtualservice.go`).

mod actions;
pub(super) mod destination;
mod header_value;
mod headers;
mod l4;
mod matches;
mod route;
mod unreachable;

use super::{
    export_to::{self, Owner},
    hosts,
    part::{Context, Part},
};
use crate::engine::validate::names::{is_dns_label, is_ip};

/// Judges the object.
pub(super) fn judge(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    let (hosts, gateways) = (spec.get("hosts"), spec.get("gateways"));
    let is_delegate = !hosts.is_set();
    if is_delegate {
        for (part, what) in [(&gateways, "gateways"), (&spec.get("tls"), "tls routes"), (&spec.get("tcp"), "tcp routes")] {
            if part.is_set() {
                context.refuse(part, format!("without hosts this VirtualService is a delegate, which has no {what}; add hosts, or remove them"));
            }
        }
    }
    check_gateway_names(context, &gateways, true);
    // One that lists `mesh` beside gateways counts as one for the mesh.
    let names_mesh = gateways.items().any(|name| name.text() == "mesh");
    let is_for_gateways = gateways.is_set() && !names_mesh;
    if !is_for_gateways {
        refuse_claim_routing(context, spec);
    }
    check_hosts(context, spec, is_for_gateways);
    let kinds = ["http", "tcp", "tls"];
    if !kinds.iter().any(|kind| spec.get(kind).is_set()) {
        context.refuse(&spec.get("http"), "has no routes; add http, tcp or tls");
    }
    for http in spec.get("http").items() {
        route::check(context, &http, is_delegate);
    }
    let bound_hosts = l4::Hosts { hosts: &hosts, is_loose: !names_mesh };
    for tls in spec.get("tls").items() {
        l4::check_tls(context, &tls, &bound_hosts);
    }
    for tcp in spec.get("tcp").items() {
        l4::check_tcp(context, &tcp);
    }
    export_to::check(context, &spec.get("exportTo"), Owner::Other);
    unreachable::check(context, spec);
}

/// Routing by a token's claims (`@request.auth.claims`) works at gateways only.
fn refuse_claim_routing(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    for http in spec.get("http").items() {
        for request in http.get("match").items() {
            for field in ["headers", "withoutHeaders"] {
                for (name, part) in request.get(field).entries() {
                    if headers::is_claim(name) {
                        context.refuse(&part, format!("{name} matches a token's claim, which only gateways can; list the gateways, without mesh"));
                    }
                }
            }
        }
    }
}

fn check_hosts(context: &mut Context<'_, '_>, spec: &Part<'_>, is_for_gateways: bool) {
    let list = spec.get("hosts");
    let has_sni = spec.get("tls").items().any(|tls| tls.get("match").items().any(|request| request.get("sniHosts").is_set()));
    let mut are_valid = true;
    for host in list.items() {
        let name = host.text();
        let verdict = if is_for_gateways { hosts::gateway_domain(has_sni, name) } else { hosts::wildcard_domain(name) };
        if let Err(reason) = verdict {
            if !is_ip(name) {
                reason.refuse(context, &host);
                are_valid = false;
            }
        } else if !is_for_gateways && name == "*" {
            context.refuse(&host, "\"*\" is not allowed where the sidecars of the mesh are meant; name the hosts, or list gateways");
            are_valid = false;
        }
    }
    // Past this many, a list of hosts is no longer compared pair by pair.
    const COMPARED: usize = 500;
    if !are_valid || list.len() > COMPARED {
        return;
    }
    let all: Vec<Part<'_>> = list.items().collect();
    // One earlier host tells enough; istiod names them all.
    let named = if context.is_counting() { COMPARED } else { 1 };
    for (at, second) in all.iter().enumerate() {
        for first in all[..at].iter().filter(|first| hosts::overlap(first.text(), second.text())).take(named) {
            context.refuse(
                second,
                format!("{:?} and {:?} overlap; within one VirtualService each request must fit one host, so remove one", first.text(), second.text()),
            );
        }
    }
}

/// `validateGatewayNames`: `namespace/name`, or a name alone.
fn check_gateway_names(context: &mut Context<'_, '_>, list: &Part<'_>, may_have_dots: bool) {
    for gateway in list.items() {
        let text = gateway.text();
        let Some((namespace, name)) = text.split_once('/') else {
            if let [name, namespace, ..] = text.split('.').collect::<Vec<_>>().as_slice() {
                context.warn(&gateway, format!("{text:?} is the old form of a gateway's name; write {namespace}/{name}"));
            }
            if let Err(reason) = hosts::fqdn(text) {
                reason.refuse(context, &gateway);
            }
            // istiod looks no further once it has met a name without namespace.
            return;
        };
        if namespace.is_empty() || name.is_empty() {
            context.refuse_as("incomplete gateway", &gateway, format!("{text:?} needs both a namespace and a name around the slash"));
            if !context.is_counting() {
                continue;
            }
        }
        if !is_dns_label(namespace) {
            context.refuse(&gateway, format!("{namespace:?} is not a namespace"));
            if !context.is_counting() {
                continue;
            }
        }
        if !(is_dns_label(name) || may_have_dots && context.is_converted) {
            context.refuse(&gateway, format!("{name:?} is not a Gateway's name"));
        }
    }
}
