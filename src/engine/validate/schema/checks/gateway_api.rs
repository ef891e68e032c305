//! The CEL rules of the Gateway API's Gateway and of what routes share (`config/crd` of kubernetes-sigs/gateway-api, v1.3).

use std::collections::BTreeMap;

use super::{Check, Faults, items, set, text};
use crate::engine::{duration::Duration, manifest::Node};

pub(super) static CHECKS: &[(&str, Check)] = &[
    ("unique-addresses", unique_addresses),
    ("hostname-value", hostname_value),
    ("address-value", address_value),
    ("listener-tls", listener_tls),
    ("listener-hostname", listener_hostname),
    ("unique-names", unique_names),
    ("unique-listeners", unique_listeners),
    ("certificate-needed", certificate_needed),
    ("unique-rule-names", unique_names),
    ("few-matches", few_matches),
    ("service-port", service_port),
    ("fraction", fraction),
    ("grpc-method", grpc_method),
    ("permanent-cookie", permanent_cookie),
    ("path-value", path_value),
    ("backend-timeout", backend_timeout),
];

fn unique_addresses(node: &Node, faults: &mut Faults<'_, '_>) {
    let mut seen = BTreeMap::new();
    for (at, address) in node.items().iter().enumerate() {
        let kind = text(address, "type", "IPAddress");
        if !matches!(kind, "IPAddress" | "Hostname") {
            continue;
        }
        if set(address, "value").is_none() {
            faults.at_item(node, at, "an address of this type needs its value");
        } else if let Some(first) = seen.insert((kind, text(address, "value", "")), at) {
            faults.at_item(node, at, format!("repeats address {first}; each address can stand once"));
        }
    }
}

fn hostname_value(node: &Node, faults: &mut Faults<'_, '_>) {
    let value = text(node, "value", "");
    if text(node, "type", "IPAddress") == "Hostname"
        && set(node, "value").is_some()
        && !super::super::pattern::find("hostname").is_some_and(|form| form.fits(value))
    {
        faults.at_key(node, "value", format!("{value:?} is not a host name in lower case"));
    }
}

fn address_value(node: &Node, faults: &mut Faults<'_, '_>) {
    let value = text(node, "value", "");
    if text(node, "type", "IPAddress") == "IPAddress" && set(node, "value").is_some() && value.parse::<std::net::IpAddr>().is_err() {
        faults.at_key(node, "value", format!("{value:?} is not an IP address; for a name set type: Hostname"));
    }
}

fn listener_tls(node: &Node, faults: &mut Faults<'_, '_>) {
    for (at, listener) in node.items().iter().enumerate() {
        let (protocol, tls) = (text(listener, "protocol", ""), set(listener, "tls"));
        match (protocol, tls) {
            ("HTTP" | "TCP" | "UDP", Some(_)) => faults.at_item(node, at, format!("a {protocol} listener has no tls; remove it, or use HTTPS or TLS")),
            ("HTTPS", Some(tls)) if !matches!(text(tls, "mode", "Terminate"), "" | "Terminate") => {
                faults.at_item(node, at, "an HTTPS listener terminates TLS; for Passthrough use protocol TLS and a TLSRoute");
            }
            _ => {}
        }
    }
}

fn listener_hostname(node: &Node, faults: &mut Faults<'_, '_>) {
    for (at, listener) in node.items().iter().enumerate() {
        let protocol = text(listener, "protocol", "");
        if matches!(protocol, "TCP" | "UDP") && !text(listener, "hostname", "").is_empty() {
            faults.at_item(node, at, format!("a {protocol} listener sees no host name; remove hostname"));
        }
    }
}

fn unique_names(node: &Node, faults: &mut Faults<'_, '_>) {
    let mut seen = BTreeMap::new();
    for (at, item) in node.items().iter().enumerate() {
        let Some(name) = set(item, "name").and_then(Node::as_str) else { continue };
        if let Some(first) = seen.insert(name, at) {
            faults.at_item(node, at, format!("the name {name:?} is taken by item {first}; names must be unique here"));
        }
    }
}

fn unique_listeners(node: &Node, faults: &mut Faults<'_, '_>) {
    let mut seen = BTreeMap::new();
    for (at, listener) in node.items().iter().enumerate() {
        let key = (set(listener, "port").and_then(Node::as_whole), text(listener, "protocol", ""), set(listener, "hostname").and_then(Node::as_str));
        if let Some(first) = seen.insert(key, at) {
            faults.at_item(node, at, format!("has the port, protocol and hostname of listener {first}; change one of the three"));
        }
    }
}

fn certificate_needed(node: &Node, faults: &mut Faults<'_, '_>) {
    let has_options = set(node, "options").is_some_and(|options| !options.entries().is_empty());
    if text(node, "mode", "Terminate") == "Terminate" && items(node, "certificateRefs").is_empty() && !has_options {
        faults.at_key(node, "certificateRefs", "to terminate TLS a certificate is needed: list the Secret in certificateRefs");
    }
}

fn few_matches(node: &Node, faults: &mut Faults<'_, '_>) {
    let total: usize = node.items().iter().map(|rule| items(rule, "matches").len()).sum();
    if total > 128 {
        faults.here(format!("has {total} matches in all rules; at most 128 are allowed, split the route"));
    }
}

fn service_port(node: &Node, faults: &mut Faults<'_, '_>) {
    if text(node, "group", "").is_empty() && text(node, "kind", "Service") == "Service" && set(node, "port").is_none() {
        faults.at_key(node, "port", "a reference to a Service needs its port");
    }
}

fn fraction(node: &Node, faults: &mut Faults<'_, '_>) {
    let denominator = set(node, "denominator").and_then(Node::as_whole).unwrap_or(100);
    if set(node, "numerator").and_then(Node::as_whole).is_some_and(|numerator| numerator > denominator) {
        faults.at_key(node, "numerator", format!("is more than the denominator {denominator}"));
    }
}

fn grpc_method(node: &Node, faults: &mut Faults<'_, '_>) {
    let (service, method) = (set(node, "service").and_then(Node::as_str), set(node, "method").and_then(Node::as_str));
    if service.is_none() && method.is_none() {
        return faults.here("needs a service, a method or both");
    }
    if text(node, "type", "Exact") != "Exact" {
        return;
    }
    let is_word = |word: &str| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if let Some(name) = service
        && !name.strip_prefix('.').unwrap_or(name).split('.').all(is_word)
    {
        faults.at_key(node, "service", format!("{name:?} is not a gRPC service such as shop.v1.Checkout"));
    }
    if let Some(name) = method
        && !is_word(name)
    {
        faults.at_key(node, "method", format!("{name:?} is not a gRPC method such as PlaceOrder"));
    }
}

fn permanent_cookie(node: &Node, faults: &mut Faults<'_, '_>) {
    let lifetime = set(node, "cookieConfig").map_or("Session", |config| text(config, "lifetimeType", "Session"));
    if lifetime == "Permanent" && set(node, "absoluteTimeout").is_none() {
        faults.at_key(node, "absoluteTimeout", "a permanent cookie needs an absoluteTimeout");
    }
}

fn path_value(node: &Node, faults: &mut Faults<'_, '_>) {
    let (kind, value) = (text(node, "type", "PathPrefix"), text(node, "value", "/"));
    if !matches!(kind, "Exact" | "PathPrefix") {
        return;
    }
    if !value.starts_with('/') {
        return faults.at_key(node, "value", format!("{value:?} must start with \"/\""));
    }
    let inside = ["//", "/./", "/../", "%2f", "%2F", "#"].into_iter().find(|part| value.contains(part));
    if let Some(part) = inside.or_else(|| ["/..", "/."].into_iter().find(|part| value.ends_with(part))) {
        return faults.at_key(node, "value", format!("{value:?} must not hold {part:?}"));
    }
    let bytes = value.as_bytes();
    let is_fine = |at: usize, byte: u8| match byte {
        b'%' => bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        _ => byte.is_ascii_alphanumeric() || b"-/._~!$&'()*+,;=:@".contains(&byte),
    };
    if let Some((_, byte)) = bytes.iter().enumerate().find(|(at, byte)| !is_fine(*at, **byte)) {
        let what = if byte.is_ascii() { format!("{:?}", char::from(*byte)) } else { "a letter outside ASCII".into() };
        faults.at_key(node, "value", format!("{value:?} holds {what}, which cannot stand in a path; for a pattern set type: RegularExpression"));
    }
}

fn backend_timeout(node: &Node, faults: &mut Faults<'_, '_>) {
    let time = |key: &str| set(node, key).and_then(Node::as_str).and_then(Duration::parse);
    if let (Some(request), Some(backend)) = (time("request"), time("backendRequest"))
        && request != Duration::ZERO
        && backend > request
    {
        faults.at_key(node, "backendRequest", "cannot be longer than the timeout of the whole request");
    }
}
