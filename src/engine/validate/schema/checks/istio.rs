//! The CEL rules of Istio's CRDs (`kubernetes/customresourcedefinitions.gen.yaml` of istio/api).

use std::collections::BTreeMap;

use super::{Check, Faults, items, set, text};
use crate::engine::{
    manifest::Node,
    validate::{go_url, names},
};

pub(super) static CHECKS: &[(&str, Check)] = &[
    ("selector-keys", selector_keys),
    ("no-wildcard", no_wildcard),
    ("own-namespace", own_namespace),
    ("wasm-url", wasm_url),
    ("http-url", http_url),
    ("inline-value", inline_value),
    ("cidr-resolution", cidr_resolution),
    ("none-without-endpoints", none_without_endpoints),
    ("one-round-robin-endpoint", one_round_robin_endpoint),
    ("address-or-network", address_or_network),
    ("unix-without-ports", unix_without_ports),
    ("unix-path", unix_path),
    ("port-names", port_names),
    ("not-star", not_star),
    ("unique-numbers", unique_numbers),
    ("service-accounts-alone", service_accounts_alone),
    ("ports-need-selector", ports_need_selector),
    ("port-keys", port_keys),
    ("upsert-value", upsert_value),
    ("remove-value", remove_value),
];

fn selector_keys(node: &Node, faults: &mut Faults<'_, '_>) {
    for entry in node.entries() {
        if entry.key.is_empty() {
            faults.of_key(node, &entry.key, "a label's name must not be empty");
        } else if entry.key.contains('*') {
            faults.of_key(node, &entry.key, "a selector takes no wildcard; name the label in full");
        }
    }
}

fn no_wildcard(node: &Node, faults: &mut Faults<'_, '_>) {
    if node.as_str().is_some_and(|value| value.contains('*')) {
        faults.here("a selector takes no wildcard; name the label's value in full, or leave the label out to match any");
    }
}

fn own_namespace(node: &Node, faults: &mut Faults<'_, '_>) {
    if node.as_str().is_some_and(|value| !value.is_empty()) {
        faults.here("a policy can only target its own namespace; remove this field");
    }
}

fn wasm_url(node: &Node, faults: &mut Faults<'_, '_>) {
    let Some(url) = node.as_str() else { return };
    // What is no URL by itself is taken for one without its scheme.
    let whole = if go_url::parse_request_uri(url).is_ok() { url.to_owned() } else { format!("http://{url}") };
    let is_fine = go_url::parse_request_uri(&whole).is_ok()
        && go_url::parse_reference(&whole).is_ok_and(|scheme| matches!(scheme.as_str(), "" | "http" | "https" | "oci" | "file"));
    if !is_fine {
        faults.here(format!("{url:?} must start with oci://, https://, http:// or file://"));
    }
}

fn http_url(node: &Node, faults: &mut Faults<'_, '_>) {
    let Some(url) = node.as_str() else { return };
    let reason = match go_url::parse_request_uri(url).and_then(|_| go_url::parse_reference(url)) {
        Ok(scheme) if matches!(scheme.as_str(), "http" | "https") => return,
        Ok(_) => String::new(),
        Err(reason) => format!("; {reason}"),
    };
    faults.here(format!("{url:?} must be a URL that starts with https:// or http://{reason}"));
}

fn inline_value(node: &Node, faults: &mut Faults<'_, '_>) {
    if text(node, "valueFrom", "") == "HOST" && set(node, "value").is_some() {
        faults.at_key(node, "value", "a value can only be given when valueFrom is INLINE; with HOST it comes from the proxy's environment");
    }
}

fn cidr_resolution(node: &Node, faults: &mut Faults<'_, '_>) {
    let resolution = text(node, "resolution", "NONE");
    let has_range = items(node, "addresses").iter().any(|address| address.as_str().is_some_and(|text| text.contains('/')));
    if has_range && !matches!(resolution, "NONE" | "STATIC") {
        faults.at_key(
            node,
            "addresses",
            format!("address ranges (CIDR) go with resolution NONE or STATIC only, not {resolution}; use single addresses or change the resolution"),
        );
    }
}

fn none_without_endpoints(node: &Node, faults: &mut Faults<'_, '_>) {
    if text(node, "resolution", "NONE") == "NONE" && set(node, "endpoints").is_some() {
        faults.at_key(
            node,
            "endpoints",
            "resolution NONE sends each connection to the address it asked for, so there can be no endpoints; set resolution to STATIC or DNS",
        );
    }
}

fn one_round_robin_endpoint(node: &Node, faults: &mut Faults<'_, '_>) {
    if text(node, "resolution", "") == "DNS_ROUND_ROBIN" && items(node, "endpoints").len() > 1 {
        faults.at_key(node, "endpoints", "DNS_ROUND_ROBIN takes at most one endpoint; use DNS for several");
    }
}

fn address_or_network(node: &Node, faults: &mut Faults<'_, '_>) {
    if set(node, "address").is_none() && set(node, "network").is_none() {
        faults.at_key(node, "address", "an address is needed (or a network, to reach the workload through its gateway)");
    }
}

fn unix_without_ports(node: &Node, faults: &mut Faults<'_, '_>) {
    if text(node, "address", "").starts_with("unix://") && set(node, "ports").is_some() {
        faults.at_key(node, "ports", "a Unix domain socket has no ports; remove them");
    }
}

fn unix_path(node: &Node, faults: &mut Faults<'_, '_>) {
    let Some(path) = node.as_str().and_then(|address| address.strip_prefix("unix://")) else { return };
    if !path.starts_with(['/', '@']) {
        faults.here("a Unix domain socket needs an absolute path (unix:///run/app.sock) or an abstract name (unix://@app)");
    } else if path.ends_with('/') {
        faults.here("a Unix domain socket is a file, not a folder; remove the slash at the end");
    }
}

fn port_names(node: &Node, faults: &mut Faults<'_, '_>) {
    for entry in node.entries() {
        if entry.key.len() >= 63 || !names::is_dns_label(&entry.key) {
            faults.of_key(node, &entry.key, format!("{:?} is not a port name; use letters, digits and -", entry.key));
        }
    }
}

fn not_star(node: &Node, faults: &mut Faults<'_, '_>) {
    if node.as_str() == Some("*") {
        faults.here("a ServiceEntry cannot stand for every host; name one, or a domain such as *.example.com");
    }
}

fn unique_numbers(node: &Node, faults: &mut Faults<'_, '_>) {
    let mut seen = BTreeMap::new();
    for (at, port) in node.items().iter().enumerate() {
        let Some(number) = set(port, "number").and_then(Node::as_whole) else { continue };
        if let Some(first) = seen.insert(number, at) {
            faults.at_item(node, at, format!("port {number} is already item {first}; each number can stand once"));
        }
    }
}

fn service_accounts_alone(node: &Node, faults: &mut Faults<'_, '_>) {
    let accounts = ["serviceAccounts", "notServiceAccounts"].into_iter().find(|key| set(node, key).is_some());
    let others = ["principals", "notPrincipals", "namespaces", "notNamespaces"].into_iter().find(|key| set(node, key).is_some());
    if let (Some(accounts), Some(other)) = (accounts, others) {
        faults.at_key(node, accounts, format!("{accounts} cannot be combined with {other}; use one or the other"));
    }
}

fn ports_need_selector(node: &Node, faults: &mut Faults<'_, '_>) {
    if set(node, "portLevelMtls").is_none() {
        return;
    }
    let labels = set(node, "selector").and_then(|selector| set(selector, "matchLabels"));
    if labels.is_none_or(|labels| labels.entries().is_empty()) {
        faults.at_key(node, "portLevelMtls", "settings by port need a selector with matchLabels: they belong to workloads, not to a whole namespace");
    }
}

fn port_keys(node: &Node, faults: &mut Faults<'_, '_>) {
    for entry in node.entries() {
        if !entry.key.parse::<i64>().is_ok_and(|port| (1..=65_535).contains(&port)) {
            faults.of_key(node, &entry.key, format!("{:?} is not a port; the keys here are the workload's port numbers, 1 to 65535", entry.key));
        }
    }
}

fn upsert_value(node: &Node, faults: &mut Faults<'_, '_>) {
    if text(node, "operation", "") == "UPSERT" && text(node, "value", "").is_empty() {
        faults.at_key(node, "value", "UPSERT needs a value, a CEL expression such as \"request.host\"");
    }
}

fn remove_value(node: &Node, faults: &mut Faults<'_, '_>) {
    if text(node, "operation", "") == "REMOVE" && set(node, "value").is_some() {
        faults.at_key(node, "value", "REMOVE takes no value; remove this field");
    }
}
