//! Endpoints and EndpointSlices.

use std::net::IpAddr;

use super::{Check, Faults, field, items, repeated_names};
use crate::engine::{manifest::Node, validate::names};

pub(super) static CHECKS: &[(&str, Check)] = &[
    ("endpoint-ip", endpoint_ip),
    ("named-ports", named_ports),
    ("subset-addresses", subset_addresses),
    ("slice-addresses", slice_addresses),
    ("unique-port-names", |node, faults| repeated_names(node, faults, false)),
    ("distinct-names", |node, faults| repeated_names(node, faults, true)),
];

/// Addresses that no other machine can reach.
fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        address if address.is_unspecified() => Some("stands for any address"),
        address if address.is_loopback() => Some("is a machine's address for itself"),
        IpAddr::V4(address) if address.is_link_local() => Some("is link-local"),
        IpAddr::V6(address) if address.is_unicast_link_local() => Some("is link-local"),
        _ => None,
    }
}

fn endpoint_ip(node: &Node, faults: &mut Faults<'_, '_>) {
    let Some(text) = node.as_str() else { return };
    match text.parse::<IpAddr>().map(special) {
        Err(_) => faults.here(format!("{text:?} is not an IP address")),
        Ok(Some(why)) => faults.here(format!("{text} {why}, so it cannot be an endpoint")),
        Ok(None) => {}
    }
}

fn named_ports(node: &Node, faults: &mut Faults<'_, '_>) {
    if node.items().len() < 2 {
        return;
    }
    for (at, port) in node.items().iter().enumerate() {
        if field(port, "name", "").is_empty() {
            faults.at_item(node, at, "where there are several ports each needs a name, that of the Service's port");
        }
    }
}

fn subset_addresses(node: &Node, faults: &mut Faults<'_, '_>) {
    if items(node, "addresses").is_empty() && items(node, "notReadyAddresses").is_empty() {
        faults.here("a subset needs addresses or notReadyAddresses");
    }
}

fn slice_addresses(node: &Node, faults: &mut Faults<'_, '_>) {
    let kind = field(node, "addressType", "");
    for (at, endpoint) in items(node, "endpoints").iter().enumerate() {
        for (within, address) in items(endpoint, "addresses").iter().enumerate() {
            let Some(text) = address.as_str() else { continue };
            let is_fine = match kind {
                "IPv4" => text.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv4() && special(ip).is_none()),
                "IPv6" => text.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6() && special(ip).is_none()),
                _ => names::is_subdomain(text) && text.contains('.'),
            };
            if !is_fine {
                faults.at(
                    &format!(".endpoints[{at}].addresses[{within}]"),
                    address.span,
                    format!("{text:?} is no address of type {kind} that others can reach"),
                );
            }
        }
    }
}
