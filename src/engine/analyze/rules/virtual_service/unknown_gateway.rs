//! The gateways that a VirtualService names exist (`analyzers/virtualservice/gateways.go` of 1.26.4).
//!
//! `mesh` is reserved and always does. Istio reads `namespace/name` as it stands here, so `./name` names nothing.

use super::{gateway_of, is_internal};
use crate::engine::{
    analyze::{Context, Rule, Set},
    cluster::MESH,
    diagnostic::istio::{IST0101, ReferencedResourceNotFound},
    resource::{Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "unknown_gateway",
    set: Set::Istio,
    summary: "VirtualServices name gateways that exist",
    reads: &[Kind::VirtualService, Kind::Gateway],
    emits: &[&IST0101],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<VirtualService>() {
        for (at, gateway) in item.spec.gateways.iter().enumerate().filter(|(_, gateway)| *gateway != MESH && !is_internal(gateway)) {
            let (namespace, name) = gateway_of(item.namespace(), gateway);
            if context.find(Kind::Gateway, namespace, name).is_none() {
                let cure = format!("create Gateway {name} in namespace {namespace}, or name one that exists as namespace/name");
                let message = ReferencedResourceNotFound { kind: "gateway", name: gateway.clone(), cure };
                context.report(item.resource, &format!("spec.gateways[{at}]"), message);
            }
        }
    }
}
