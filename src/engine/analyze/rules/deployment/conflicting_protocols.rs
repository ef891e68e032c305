//! Services of one Deployment agree on what each of their ports speaks (`analyzers/deployment/services.go` of 1.26.4).
//!
//! The protocol is Kubernetes' own, TCP, UDP or SCTP. One Service that has a port in two protocols, as DNS does, is found too.

use std::collections::BTreeMap;

use super::behind_services;
use crate::engine::{
    analyze::{Context, Rule, Set, words::listed},
    diagnostic::istio::{DeploymentAssociatedToMultipleServices, IST0116},
    resource::Kind,
};

pub(super) static RULE: Rule = Rule {
    name: "conflicting_protocols",
    set: Set::Istio,
    summary: "Services of one Deployment give a port one protocol",
    reads: &[Kind::Deployment, Kind::Namespace, Kind::Service],
    emits: &[&IST0116],
    check,
};

fn check(context: &mut Context<'_>) {
    for (item, services) in behind_services(context) {
        let mut ports: BTreeMap<u32, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
        for (name, service) in services {
            for port in &service.ports {
                let protocol = if port.protocol.is_empty() { "TCP" } else { &port.protocol };
                ports.entry(port.port).or_default().entry(protocol).or_default().push(name);
            }
        }
        for (port, protocols) in ports.into_iter().filter(|(_, protocols)| protocols.len() > 1) {
            let claims = protocols.iter().flat_map(|(protocol, names)| names.iter().map(move |name| format!("{name} ({protocol})"))).collect::<Vec<_>>();
            let message = DeploymentAssociatedToMultipleServices { deployment: item.name().to_owned(), port, services: listed(claims) };
            context.report(item.resource, "metadata.name", message);
        }
    }
}
