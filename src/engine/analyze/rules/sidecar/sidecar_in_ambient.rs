//! A Sidecar is for pods that have one (`analyzers/sidecar/selector.go` of 1.26.4).
//!
//! Once a Sidecar: for the first ambient pod that its selector finds, or for its namespace where it has no selector.

use std::collections::BTreeSet;

use crate::engine::{
    analyze::{
        Context, Rule, Set,
        view::{Selectors, is_ambient},
    },
    diagnostic::istio::{IST0167, IneffectivePolicy},
    resource::{Kind, Resource, Sidecar},
};

pub(super) static RULE: Rule = Rule {
    name: "sidecar_in_ambient",
    set: Set::Istio,
    summary: "Sidecars are for pods that have one",
    reads: &[Kind::Sidecar, Kind::Pod, Kind::Namespace],
    emits: &[&IST0167],
    check,
};

fn check(context: &mut Context<'_>) {
    let selectors = Selectors::new(context.each::<Sidecar>().filter_map(|item| super::selector(item.spec).map(|labels| (item.namespace(), labels, item))));
    let ambient = context.workloads().all().iter().filter(|pod| pod.is_in_ambient());
    // Pods that carry the same labels are selected by the same Sidecars.
    let alike: BTreeSet<_> = ambient.map(|pod| (pod.namespace(), pod.labels())).collect();
    let mut told = BTreeSet::new();
    for item in alike.into_iter().flat_map(|(namespace, labels)| selectors.selecting(namespace, labels)) {
        if told.insert((item.namespace(), item.name())) {
            say(context, item.resource, "spec.workloadSelector", "it selects pods in ambient mode, which have no sidecar");
        }
    }
    for item in context.each::<Sidecar>().filter(|item| super::selector(item.spec).is_none()) {
        if context.find(Kind::Namespace, "", item.namespace()).is_some_and(is_ambient) {
            say(context, item.resource, "metadata.namespace", "its namespace is in ambient mode, where pods have no sidecar");
        }
    }
}

fn say<'a>(context: &mut Context<'a>, sidecar: &'a Resource, shown: &str, reason: &str) {
    context.report_at(sidecar, "", shown, IneffectivePolicy { reason: reason.to_owned() });
}
