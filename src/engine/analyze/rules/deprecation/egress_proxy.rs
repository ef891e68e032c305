//! Sidecars send unknown traffic to no `egressProxy`.

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{Deprecated, IST0002},
    resource::{Kind, Sidecar},
};

pub(super) static RULE: Rule = Rule {
    name: "egress_proxy",
    set: Set::Istio,
    summary: "Sidecars have no egressProxy, which nobody reads",
    reads: &[Kind::Sidecar],
    emits: &[&IST0002],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<Sidecar>() {
        if item.spec.outbound_traffic_policy.as_ref().is_some_and(|policy| policy.egress_proxy.is_some()) {
            let instead = "nothing reads it; route to the egress gateway with a ServiceEntry and a VirtualService".into();
            let message = Deprecated { what: "outboundTrafficPolicy.egressProxy".into(), instead };
            context.report_at(item.resource, "", "spec.outboundTrafficPolicy.egressProxy", message);
        }
    }
}
