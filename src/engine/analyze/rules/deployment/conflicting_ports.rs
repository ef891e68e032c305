//! Services of one Deployment give each of its container ports one number (`analyzers/deployment/services.go` of 1.26.4).

use std::collections::BTreeMap;

use super::behind_services;
use crate::engine::{
    analyze::{Context, Rule, Set, words::listed},
    diagnostic::istio::{DeploymentConflictingPorts, IST0137},
    resource::{IntOrString, Kind, ServicePort},
};

pub(super) static RULE: Rule = Rule {
    name: "conflicting_ports",
    set: Set::Istio,
    summary: "Services of one Deployment give a target port one port number",
    reads: &[Kind::Deployment, Kind::Namespace, Kind::Service],
    emits: &[&IST0137],
    check,
};

fn check(context: &mut Context<'_>) {
    for (item, services) in behind_services(context) {
        // By target port and port, the last Service that joins the two.
        let mut targets: BTreeMap<String, BTreeMap<u32, &str>> = BTreeMap::new();
        for (name, service) in services {
            for port in &service.ports {
                targets.entry(target(port)).or_default().insert(port.port, name);
            }
        }
        for (target_port, ports) in targets.into_iter().filter(|(_, ports)| ports.len() > 1) {
            let claims: Vec<String> = ports.iter().map(|(port, name)| format!("{name} ({port})")).collect();
            let message = DeploymentConflictingPorts { deployment: item.name().to_owned(), target_port, services: listed(claims) };
            context.report(item.resource, "metadata.name", message);
        }
    }
}

/// Where a port leads: a number or a name, and to its own number where it says nothing.
fn target(port: &ServicePort) -> String {
    match &port.target_port {
        Some(IntOrString::Int(number)) if *number != 0 => number.to_string(),
        Some(IntOrString::String(name)) if !name.is_empty() && name != "0" => name.clone(),
        _ => port.port.to_string(),
    }
}
