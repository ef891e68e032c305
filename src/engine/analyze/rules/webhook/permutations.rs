//! The labels that namespaces and pods may carry, as far as injection webhooks tell them apart.

use std::collections::BTreeSet;

use super::REVISION;
use crate::engine::resource::{LabelSelector, Labels};

/// A label's key and the values that injection gives a meaning; it may be absent too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Switch {
    key: &'static str,
    values: [&'static str; 2],
}

/// The switch of namespaces.
pub(super) const NAMESPACE: Switch = Switch { key: "istio-injection", values: ["enabled", "disabled"] };

/// The switch of pods.
pub(super) const POD: Switch = Switch { key: "sidecar.istio.io/inject", values: ["true", "false"] };

/// Every setting of a switch together with no revision and with each of those given.
pub(super) fn of(switch: Switch, revisions: &BTreeSet<&str>) -> impl Iterator<Item = Labels> {
    let settings = [None, Some(switch.values[0]), Some(switch.values[1])];
    settings.into_iter().flat_map(move |setting| {
        std::iter::once(None).chain(revisions.iter().copied().map(Some)).map(move |revision| {
            let labels = [(switch.key, setting), (REVISION, revision)];
            labels.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
        })
    })
}

/// The revisions that a selector speaks of.
pub(super) fn revisions_of(selector: &LabelSelector) -> impl Iterator<Item = &str> {
    let listed = selector.match_expressions.iter().filter(|wanted| wanted.key == REVISION).flat_map(|wanted| &wanted.values).map(String::as_str);
    selector.match_labels.get(REVISION).into_iter().chain(listed)
}

/// Of all revisions those that selectors speak of, and one that stands for all others, as no selector tells these apart.
pub(super) fn told_apart<'a>(all: &BTreeSet<&'a str>, selectors: impl Iterator<Item = Option<&'a LabelSelector>>) -> BTreeSet<&'a str> {
    let mut told: BTreeSet<&str> = selectors.flatten().flat_map(revisions_of).collect();
    told.extend(all.iter().copied().find(|revision| !told.contains(revision)));
    told
}
