//! No pod is selected by two Sidecars (`analyzers/sidecar/selector.go` of 1.26.4).
//!
//! Pods in ambient mode have no sidecar; `sidecar_in_ambient` speaks of those that select them.

use crate::engine::{
    analyze::{Context, Item, Rule, Set, view::Selectors, words::listed},
    diagnostic::istio::{ConflictingSidecarWorkloadSelectors, IST0110},
    resource::{Kind, Sidecar},
};

pub(super) static RULE: Rule = Rule {
    name: "conflicting_sidecars",
    set: Set::Istio,
    summary: "no pod is selected by two Sidecars",
    reads: &[Kind::Sidecar, Kind::Pod, Kind::Namespace],
    emits: &[&IST0110],
    check,
};

fn check(context: &mut Context<'_>) {
    let with_selector = context.each::<Sidecar>().filter_map(|item| super::selector(item.spec).map(|labels| (item.namespace(), labels, item)));
    let selectors = Selectors::new(with_selector);
    for pod in context.workloads().all().iter().filter(|pod| !pod.is_in_ambient()) {
        let mut sidecars: Vec<Item<'_, Sidecar>> = selectors.selecting(pod.namespace(), pod.labels()).collect();
        if sidecars.len() < 2 {
            continue;
        }
        if context.is_full() {
            return;
        }
        sidecars.sort_by_key(Item::name);
        let names = listed(sidecars.iter().map(Item::name));
        for item in sidecars {
            let (namespace, pod) = (pod.namespace().to_owned(), pod.name().to_owned());
            let message = ConflictingSidecarWorkloadSelectors { sidecars: names.clone(), namespace, pod };
            context.report_at(item.resource, "metadata.name", "spec.workloadSelector", message);
        }
    }
}
