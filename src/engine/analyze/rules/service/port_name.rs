//! Ports of Services say what they speak (`analyzers/service/portname.go` of 1.26.4).

use crate::engine::{
    analyze::{Context, Rule, Set, view::is_control_plane},
    cluster::Protocol,
    diagnostic::istio::{ExternalNameServiceTypeInvalidPortName, IST0118, IST0150, PortNameIsNotUnderNamingConvention},
    resource::{IntOrString, Kind, Resource, Service, ServicePort},
};

pub(super) static RULE: Rule =
    Rule { name: "port_name", set: Set::Istio, summary: "ports of Services say their protocol", reads: &[Kind::Service], emits: &[&IST0118, &IST0150], check };

fn check(context: &mut Context<'_>) {
    for item in context.each::<Service>().filter(|item| !is_control_plane(item.resource) && !is_generated(item.resource)) {
        let is_external = item.spec.r#type == "ExternalName";
        for (at, port) in item.spec.ports.iter().enumerate() {
            let protocol = Protocol::of_service_port(port.port, &port.name, &port.protocol, port.app_protocol.as_deref());
            if protocol != Protocol::Auto && !(is_external && port.name == "tcp") {
                continue;
            }
            let line_of = format!("spec.ports[{at}].port");
            let shown = format!("spec.ports[{at}].name");
            let shown = if item.resource.node(&shown).is_some() { &shown } else { &line_of };
            if is_external {
                context.report_at(item.resource, &line_of, shown, ExternalNameServiceTypeInvalidPortName {});
            } else {
                context.report_at(item.resource, &line_of, shown, unnamed(port));
            }
        }
    }
}

fn unnamed(port: &ServicePort) -> PortNameIsNotUnderNamingConvention {
    let target = match &port.target_port {
        Some(IntOrString::Int(number)) if *number != 0 => format!(" to {number}"),
        Some(IntOrString::String(name)) => format!(" to {name}"),
        _ => String::new(),
    };
    let name = if port.name.is_empty() { "without a name".to_owned() } else { format!("{:?}", port.name) };
    PortNameIsNotUnderNamingConvention { port_name: name, port: port.port, target }
}

/// Services that istiod makes for a Gateway API gateway or a waypoint.
fn is_generated(resource: &Resource) -> bool {
    let managed = resource.metadata.labels.get("gateway.istio.io/managed");
    managed.is_some_and(|by| by == "istio.io-gateway-controller" || by == "istio.io-mesh-controller")
}
