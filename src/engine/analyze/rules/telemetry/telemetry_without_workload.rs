//! A Telemetry with a selector selects a pod of its namespace (`analyzers/telemetry/selector.go` of 1.26.4).

use crate::engine::{
    analyze::{
        Context, Rule, Set,
        view::{first_label, selects_nothing},
    },
    diagnostic::istio::IST0101,
    resource::{Kind, Telemetry},
};

pub(super) static RULE: Rule = Rule {
    name: "telemetry_without_workload",
    set: Set::Istio,
    summary: "Telemetries with a selector select a pod",
    reads: &[Kind::Telemetry, Kind::Pod, Kind::Namespace],
    emits: &[&IST0101],
    check,
};

const FIELD: &str = "spec.selector.matchLabels";

fn check(context: &mut Context<'_>) {
    let workloads = context.workloads();
    for item in context.each::<Telemetry>() {
        let Some(labels) = super::selector(item.spec) else { continue };
        if workloads.selected(Some(item.namespace()), labels).next().is_none() {
            let cure = format!("label the pods of namespace {} so, or mend the selector", item.namespace());
            context.report_at(item.resource, &first_label(FIELD, labels), FIELD, selects_nothing(labels, cure));
        }
    }
}
