//! Services.

use std::collections::BTreeMap;

use super::{Check, Faults, field, items, set};
use crate::engine::manifest::{Node, Value};

pub(super) static CHECKS: &[(&str, Check)] = &[("service-ports", service_ports), ("service-kind", service_kind)];

fn service_ports(node: &Node, faults: &mut Faults<'_, '_>) {
    let ports = node.items();
    let mut names = BTreeMap::new();
    let mut numbers = BTreeMap::new();
    for (at, port) in ports.iter().enumerate() {
        let name = field(port, "name", "");
        if name.is_empty() && ports.len() > 1 {
            faults.at_item(node, at, "a Service with several ports needs a name for each, such as http-web");
        } else if let Some(first) = (!name.is_empty()).then(|| names.insert(name, at)).flatten() {
            faults.at_item(node, at, format!("the name {name:?} is taken by item {first}; names must be unique here"));
        }
        let protocol = Some(field(port, "protocol", "TCP")).filter(|protocol| !protocol.is_empty()).unwrap_or("TCP");
        let number = set(port, "port").and_then(Node::as_whole);
        if let Some(first) = number.and_then(|number| numbers.insert((number, protocol), at)) {
            faults.at_item(node, at, format!("port {} with {protocol} is already item {first}; give it another number", number.unwrap_or_default()));
        }
    }
}

fn service_kind(node: &Node, faults: &mut Faults<'_, '_>) {
    let kind = Some(field(node, "type", "ClusterIP")).filter(|kind| !kind.is_empty()).unwrap_or("ClusterIP");
    let is_headless = field(node, "clusterIP", "") == "None";
    let has = |key: &str| set(node, key).is_some();
    if items(node, "ports").is_empty() && !is_headless && kind != "ExternalName" {
        faults.at_key(node, "ports", "a Service needs at least one port; only headless ones (clusterIP: None) and ExternalName do without");
    }
    if kind == "ExternalName" {
        let name = field(node, "externalName", "").trim_end_matches('.');
        if name.is_empty() {
            faults.at_key(node, "externalName", "a Service of type ExternalName needs externalName, the host name that it stands for");
        } else if !crate::engine::validate::names::is_subdomain(name) {
            faults.at_key(node, "externalName", format!("{name:?} is not a host name in lower case such as shop.example.com"));
        }
        if !field(node, "clusterIP", "").is_empty() {
            faults.at_key(node, "clusterIP", "a Service of type ExternalName has no address of its own; remove clusterIP");
        }
    }
    if matches!(kind, "NodePort" | "LoadBalancer") && is_headless {
        faults.at_key(node, "clusterIP", format!("a Service of type {kind} cannot be headless; remove clusterIP: None, or the type"));
    }
    if matches!(kind, "ClusterIP" | "ExternalName") {
        for (at, port) in items(node, "ports").iter().enumerate() {
            if let Some(entry) = port.entry("nodePort").filter(|entry| entry.value.as_whole().is_some_and(|number| number != 0)) {
                let message = format!("a Service of type {kind} has no ports on the nodes; remove nodePort, or set type: NodePort");
                faults.at(&format!(".ports[{at}].nodePort"), entry.value.span, message);
            }
        }
    }
    let has_external_traffic = matches!(kind, "NodePort" | "LoadBalancer") || !items(node, "externalIPs").is_empty();
    if !field(node, "externalTrafficPolicy", "").is_empty() && !has_external_traffic {
        faults.at_key(node, "externalTrafficPolicy", "this goes with type NodePort or LoadBalancer, or with externalIPs");
    }
    let is_sticky = field(node, "sessionAffinity", "None") == "ClientIP";
    if has("sessionAffinityConfig") && !is_sticky && set(node, "sessionAffinityConfig").is_some_and(|config| config.value != Value::Map(Box::default())) {
        faults.at_key(node, "sessionAffinityConfig", "this goes with sessionAffinity: ClientIP");
    }
    for key in ["loadBalancerClass", "allocateLoadBalancerNodePorts"] {
        if has(key) && kind != "LoadBalancer" {
            faults.at_key(node, key, "this goes with type: LoadBalancer");
        }
    }
}
