//! VirtualServices are not bound to gateways that Istio makes itself (`analyzers/virtualservice/gateways.go` of 1.26.4).

use super::is_internal;
use crate::engine::{
    analyze::{Context, Rule, Set},
    cluster::MESH,
    diagnostic::istio::{IST0165, ReferencedInternalGateway},
    resource::{Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "internal_gateway",
    set: Set::Istio,
    summary: "VirtualServices name no gateway that Istio makes from a Gateway API resource",
    reads: &[Kind::VirtualService],
    emits: &[&IST0165],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<VirtualService>() {
        for (at, gateway) in item.spec.gateways.iter().enumerate().filter(|(_, gateway)| *gateway != MESH && is_internal(gateway)) {
            let message = ReferencedInternalGateway { virtual_service: item.full_name(), gateway: gateway.clone() };
            context.report(item.resource, &format!("spec.gateways[{at}]"), message);
        }
    }
}
