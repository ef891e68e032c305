//! No policy selects the pods of a Gateway API gateway by their labels (`analyzers/k8sgateway/workloadselector.go` of 1.26.4).
//!
//! Only the older `targetRef` excuses a policy, `targetRefs` beside a selector do not; and only pods of its own namespace
//! are looked at, in the root namespace too.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{
    analyze::{Context, Item, Rule, Set},
    diagnostic::istio::{IST0166, IneffectiveSelector},
    resource::{AuthorizationPolicy, Kind, Labels, PolicyTargetReference, RequestAuthentication, Resource, Telemetry, WasmPlugin, WorkloadSelector},
};

pub(super) static RULE: Rule = Rule {
    name: "ineffective_selector",
    set: Set::Istio,
    summary: "no policy selects the pods of a Gateway API gateway",
    reads: &[Kind::AuthorizationPolicy, Kind::RequestAuthentication, Kind::Telemetry, Kind::WasmPlugin, Kind::Pod, Kind::Namespace],
    emits: &[&IST0166],
    check,
};

/// What pods of such a gateway carry, with its name.
const GATEWAY_NAME: &str = "gateway.networking.k8s.io/gateway-name";

fn check(context: &mut Context<'_>) {
    macro_rules! policies {
        ($($kind:ty),*) => {
            std::iter::empty()$(.chain(context.each::<$kind>().filter_map(|Item { resource, spec }| candidate(resource, spec.selector.as_ref(), spec.target_ref.as_ref()))))*
        };
    }
    let policies: Vec<_> = policies!(AuthorizationPolicy, RequestAuthentication, Telemetry, WasmPlugin).collect();
    let workloads = context.workloads();
    let mut known: BTreeMap<(&str, &Labels), BTreeSet<&str>> = BTreeMap::new();
    for (policy, labels) in policies {
        let namespace = policy.metadata.namespace.as_str();
        let gateways = known
            .entry((namespace, labels))
            .or_insert_with(|| workloads.selected(Some(namespace), labels).filter_map(|pod| gateway_of(pod.labels())).collect());
        if context.is_full() {
            return;
        }
        for gateway in gateways.iter() {
            context.report_at(policy, "", "spec.selector", IneffectiveSelector { gateway: (*gateway).to_owned() });
        }
    }
}

fn candidate<'a>(policy: &'a Resource, selector: Option<&'a WorkloadSelector>, target: Option<&PolicyTargetReference>) -> Option<(&'a Resource, &'a Labels)> {
    selector.filter(|_| target.is_none()).map(|selector| (policy, &selector.match_labels))
}

fn gateway_of(labels: &Labels) -> Option<&str> {
    labels.get(GATEWAY_NAME)
}
