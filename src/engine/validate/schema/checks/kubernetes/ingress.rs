//! Ingresses.

use super::{Check, Faults, exactly_one, field, items, set};
use crate::engine::{manifest::Node, validate::names};

pub(super) static CHECKS: &[(&str, Check)] =
    &[("ingress-host", ingress_host), ("some-rule", some_rule), ("one-backend", one_backend), ("one-port", one_port), ("absolute-path", absolute_path)];

fn ingress_host(node: &Node, faults: &mut Faults<'_, '_>) {
    let Some(host) = node.as_str().filter(|host| !host.is_empty()) else { return };
    let name = host.strip_prefix("*.").unwrap_or(host);
    if host.parse::<std::net::IpAddr>().is_ok() {
        faults.here(format!("{host} is an address; a rule goes by host name, so name one or leave host out"));
    } else if !names::is_subdomain(name) {
        faults.here(format!("{host:?} is not a host name in lower case such as shop.example.com, or *.example.com"));
    }
}

fn some_rule(node: &Node, faults: &mut Faults<'_, '_>) {
    if items(node, "rules").is_empty() && set(node, "defaultBackend").is_none() {
        faults.here("an Ingress needs rules, or a defaultBackend");
    }
}

fn one_backend(node: &Node, faults: &mut Faults<'_, '_>) {
    exactly_one(node, faults, &["service", "resource"], "a backend needs its target");
}

fn one_port(node: &Node, faults: &mut Faults<'_, '_>) {
    let name = set(node, "name").and_then(Node::as_str).is_some_and(|name| !name.is_empty());
    let number = set(node, "number").and_then(Node::as_whole).is_some_and(|number| number != 0);
    if name == number {
        faults.here(if name { "a port goes by its name or its number; remove one" } else { "set the port's name or its number" });
    }
}

fn absolute_path(node: &Node, faults: &mut Faults<'_, '_>) {
    let (kind, path) = (field(node, "pathType", ""), field(node, "path", ""));
    if !path.starts_with('/') && (kind != "ImplementationSpecific" || !path.is_empty()) {
        return faults.at_key(node, "path", format!("{path:?} must start with \"/\""));
    }
    let wrong = ["//", "/./", "/../", "%2f", "%2F"].into_iter().find(|part| path.contains(part));
    if let Some(part) = wrong.or_else(|| ["/..", "/."].into_iter().find(|part| path.ends_with(part)))
        && kind != "ImplementationSpecific"
    {
        faults.at_key(node, "path", format!("{path:?} must not hold {part:?}"));
    }
}
