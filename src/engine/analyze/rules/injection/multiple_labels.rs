//! Namespaces say in one way how their pods join the mesh (`analyzers/injection/injection.go` of 1.26.4).
//!
//! `istio-injection` with any other value than `enabled` turns injection off, whatever the other labels say, and is no second way.

use super::{DATAPLANE_MODE, INJECTION, REVISION};
use crate::engine::{
    analyze::{Context, Rule, Set},
    cluster::ROOT_NAMESPACE,
    diagnostic::istio::{IST0123, NamespaceMultipleInjectionLabels},
    resource::Kind,
};

pub(super) static RULE: Rule = Rule {
    name: "multiple_labels",
    set: Set::Istio,
    summary: "namespaces carry one label that takes their pods into the mesh",
    reads: &[Kind::Namespace],
    emits: &[&IST0123],
    check,
};

fn check(context: &mut Context<'_>) {
    for &resource in context.of_kind(Kind::Namespace).iter().filter(|namespace| namespace.metadata.name != ROOT_NAMESPACE) {
        let labels = &resource.metadata.labels;
        if labels.get(INJECTION).is_some_and(|value| value != "enabled") {
            continue;
        }
        let carried: Vec<&str> = [INJECTION, REVISION, DATAPLANE_MODE].into_iter().filter(|label| labels.contains_key(label)).collect();
        if let [_, .., last] = carried.as_slice() {
            let words: Vec<String> = carried.iter().map(|label| format!("{label}={}", labels.get(label).unwrap_or_default())).collect();
            let message = NamespaceMultipleInjectionLabels { namespace: resource.metadata.name.to_string(), labels: words.join(", ") };
            context.report_at(resource, "", &format!("metadata.labels[{last}]"), message);
        }
    }
}
