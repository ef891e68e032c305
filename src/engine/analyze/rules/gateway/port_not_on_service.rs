//! A Gateway listens on ports that a Service of its pods has (`analyzers/gateway/gateway.go` of 1.26.4).
//!
//! Any Service will do, by its port or its numeric target port. A Service without a selector counts for every pod of its
//! namespace, and a port counts only where `protocol: TCP` is written: Istio does not fill in Kubernetes' default.

use std::collections::BTreeSet;

use super::{SELECTOR, group::groups};
use crate::engine::{
    analyze::{
        Context, Rule, Set,
        view::{Selectors, first_label},
        words::listed,
    },
    diagnostic::istio::{GatewayPortNotDefinedOnService, IST0162},
    resource::{IntOrString, Kind, Labels, Service, ServicePort},
};

pub(super) static RULE: Rule = Rule {
    name: "port_not_on_service",
    set: Set::Istio,
    summary: "Gateways listen on ports that a Service of their pods has",
    reads: &[Kind::Gateway, Kind::Pod, Kind::Namespace, Kind::Service],
    emits: &[&IST0162],
    check,
};

fn check(context: &mut Context<'_>) {
    let services = Selectors::new(context.each::<Service>().map(|item| (item.namespace(), &item.spec.selector, item.spec)));
    for group in groups(context) {
        let pods: BTreeSet<(&str, &Labels)> = context.workloads().selected(None, group.labels).map(|pod| (pod.namespace(), pod.labels())).collect();
        if pods.is_empty() {
            continue;
        }
        let ports: Vec<&ServicePort> =
            pods.into_iter().flat_map(|(namespace, labels)| services.selecting(namespace, labels)).flat_map(|service| &service.ports).collect();
        let open: BTreeSet<u32> = ports.iter().filter(|port| port.protocol == "TCP").flat_map(|port| [port.port, target(port)]).collect();
        let vague: BTreeSet<u32> = ports.iter().filter(|port| port.protocol.is_empty()).flat_map(|port| [port.port, target(port)]).collect();
        for item in &group.gateways {
            for (at, server) in item.spec.servers.iter().enumerate() {
                let Some(port) = server.port.as_ref().map(|port| port.number).filter(|number| !open.contains(number)) else { continue };
                let cure = if vague.contains(&port) {
                    "a Service has it, but does not say protocol: TCP; Kubernetes would fill that in, istioctl does not".to_owned()
                } else {
                    let open = listed(open.iter().filter(|number| **number != 0));
                    format!("add it to the Service, or use a port that it has ({})", if open.is_empty() { "none" } else { &open })
                };
                let message = GatewayPortNotDefinedOnService { port, selector: group.selector.clone(), cure };
                context.report_at(item.resource, &first_label(SELECTOR, group.labels), &format!("spec.servers[{at}].port.number"), message);
            }
        }
    }
}

/// The container's port by number; 0, which is nobody's, where it is by name or not said.
fn target(port: &ServicePort) -> u32 {
    match &port.target_port {
        Some(IntOrString::Int(number)) => *number,
        Some(IntOrString::String(text)) => text.parse().unwrap_or_default(),
        None => 0,
    }
}
