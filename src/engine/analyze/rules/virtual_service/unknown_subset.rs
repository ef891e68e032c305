//! Subsets that routes and mirrors lead to are defined (`analyzers/virtualservice/destinationrules.go` of 1.26.4).
//!
//! A short host is one of its own object's namespace, of the VirtualService's here and of the DestinationRule's there. Whether
//! the rule is exported to the VirtualService is not asked.

use std::collections::{BTreeSet, HashMap};

use super::destinations::destinations;
use crate::engine::{
    analyze::{Context, Rule, Set, view::service_of, words::listed},
    diagnostic::istio::{IST0101, ReferencedResourceNotFound},
    resource::{DestinationRule, Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "unknown_subset",
    set: Set::Istio,
    summary: "VirtualServices route to subsets that a DestinationRule defines",
    reads: &[Kind::VirtualService, Kind::DestinationRule],
    emits: &[&IST0101],
    check,
};

fn check(context: &mut Context<'_>) {
    let mut subsets: HashMap<(&str, &str), BTreeSet<&str>> = HashMap::new();
    for rule in context.each::<DestinationRule>() {
        let known = subsets.entry(service_of(rule.namespace(), &rule.spec.host)).or_default();
        known.extend(rule.spec.subsets.iter().map(|subset| subset.name.as_str()));
    }
    for item in context.each::<VirtualService>() {
        for named in destinations(item.spec).filter(|named| !named.destination.subset.is_empty()) {
            let (host, subset) = (&named.destination.host, &named.destination.subset);
            let known = subsets.get(&service_of(item.namespace(), host));
            if known.is_some_and(|known| known.contains(subset.as_str())) {
                continue;
            }
            let cure = match known {
                Some(known) if !known.is_empty() => format!("its DestinationRule defines {}; add the subset there, or name one of these", listed(known)),
                _ => format!("no DestinationRule for {host} defines subsets; write one with the labels that the subset's pods carry"),
            };
            let kind = if named.is_mirror() { "mirror subset" } else { "subset" };
            let message = ReferencedResourceNotFound { kind, name: format!("{subset} of {host}"), cure };
            context.report_at(item.resource, &named.line_of(), &format!("{}.subset", named.path()), message);
        }
    }
}
