//! No pod is selected by two Telemetries (`analyzers/telemetry/selector.go` of 1.26.4).

use crate::engine::{
    analyze::{Context, Item, Rule, Set, view::Selectors, words::listed},
    diagnostic::istio::{ConflictingTelemetryWorkloadSelectors, IST0159},
    resource::{Kind, Telemetry},
};

pub(super) static RULE: Rule = Rule {
    name: "conflicting_telemetries",
    set: Set::Istio,
    summary: "no pod is selected by two Telemetries",
    reads: &[Kind::Telemetry, Kind::Pod, Kind::Namespace],
    emits: &[&IST0159],
    check,
};

fn check(context: &mut Context<'_>) {
    let with_selector = context.each::<Telemetry>().filter_map(|item| super::selector(item.spec).map(|labels| (item.namespace(), labels, item)));
    let selectors = Selectors::new(with_selector);
    for pod in context.workloads().all() {
        let mut telemetries: Vec<Item<'_, Telemetry>> = selectors.selecting(pod.namespace(), pod.labels()).collect();
        if telemetries.len() < 2 {
            continue;
        }
        if context.is_full() {
            return;
        }
        telemetries.sort_by_key(Item::name);
        let names = listed(telemetries.iter().map(Item::name));
        for item in telemetries {
            let (namespace, pod) = (pod.namespace().to_owned(), pod.name().to_owned());
            let message = ConflictingTelemetryWorkloadSelectors { telemetries: names.clone(), namespace, pod };
            context.report_at(item.resource, "metadata.name", "spec.selector", message);
        }
    }
}
