//! A namespace has at most one Sidecar without a selector (`analyzers/sidecar/selector.go` of 1.26.4).
//!
//! Of an ambient namespace nothing is said here; `sidecar_in_ambient` speaks of it.

use std::collections::BTreeMap;

use crate::engine::{
    analyze::{Context, Item, Rule, Set, view::is_ambient, words::listed},
    diagnostic::istio::{IST0111, MultipleSidecarsWithoutWorkloadSelectors},
    resource::{Kind, Sidecar},
};

pub(super) static RULE: Rule = Rule {
    name: "several_default_sidecars",
    set: Set::Istio,
    summary: "a namespace has at most one Sidecar without a selector",
    reads: &[Kind::Sidecar, Kind::Namespace],
    emits: &[&IST0111],
    check,
};

fn check(context: &mut Context<'_>) {
    let mut by_namespace: BTreeMap<&str, Vec<Item<'_, Sidecar>>> = BTreeMap::new();
    for item in context.each::<Sidecar>().filter(|item| super::selector(item.spec).is_none()) {
        by_namespace.entry(item.namespace()).or_default().push(item);
    }
    for (namespace, mut sidecars) in by_namespace {
        let is_ambient = context.find(Kind::Namespace, "", namespace).is_some_and(is_ambient);
        if sidecars.len() < 2 || is_ambient {
            continue;
        }
        sidecars.sort_by_key(Item::name);
        let names = listed(sidecars.iter().map(Item::name));
        for item in sidecars {
            context.report(item.resource, "", MultipleSidecarsWithoutWorkloadSelectors { sidecars: names.clone(), namespace: namespace.to_owned() });
        }
    }
}
