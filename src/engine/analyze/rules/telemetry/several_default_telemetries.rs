//! A namespace has at most one Telemetry without a selector (`analyzers/telemetry/default_selector.go` of 1.26.4).
//!
//! A selector without labels counts as one, and so does not make a default; `targetRefs` are not looked at.

use std::collections::BTreeMap;

use crate::engine::{
    analyze::{Context, Item, Rule, Set, words::listed},
    diagnostic::istio::{IST0160, MultipleTelemetriesWithoutWorkloadSelectors},
    resource::{Kind, Telemetry},
};

pub(super) static RULE: Rule = Rule {
    name: "several_default_telemetries",
    set: Set::Istio,
    summary: "a namespace has at most one Telemetry without a selector",
    reads: &[Kind::Telemetry],
    emits: &[&IST0160],
    check,
};

fn check(context: &mut Context<'_>) {
    let mut by_namespace: BTreeMap<&str, Vec<Item<'_, Telemetry>>> = BTreeMap::new();
    for item in context.each::<Telemetry>().filter(|item| item.spec.selector.is_none()) {
        by_namespace.entry(item.namespace()).or_default().push(item);
    }
    for (namespace, mut telemetries) in by_namespace.into_iter().filter(|(_, telemetries)| telemetries.len() > 1) {
        telemetries.sort_by_key(Item::name);
        let names = listed(telemetries.iter().map(Item::name));
        for item in telemetries {
            let message = MultipleTelemetriesWithoutWorkloadSelectors { telemetries: names.clone(), namespace: namespace.to_owned() };
            context.report(item.resource, "", message);
        }
    }
}
