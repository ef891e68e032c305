//! A namespace has one PeerAuthentication for all its workloads.
//!
//! Of several the oldest counts (`addPeerAuthentication` in `pilot/pkg/model/authentication.go` of 1.26.4).

use std::collections::BTreeMap;

use crate::engine::{
    analyze::{Context, Item, Rule, Set},
    cluster::created,
    diagnostic::hints::{MW0022, SecondPeerAuthentication},
    resource::{Kind, PeerAuthentication},
};

pub(super) static RULE: Rule = Rule {
    name: "second_peer_authentication",
    set: Set::Hints,
    summary: "a namespace has one PeerAuthentication for all its workloads",
    reads: reads!(PeerAuthentication),
    emits: &[&MW0022],
    check,
};

fn check(context: &mut Context<'_>) {
    let mut by_namespace: BTreeMap<&str, Vec<Item<'_, PeerAuthentication>>> = BTreeMap::new();
    let is_for_all = |item: &Item<'_, PeerAuthentication>| item.spec.selector.as_ref().is_none_or(|selector| selector.match_labels.is_empty());
    for item in context.each::<PeerAuthentication>().filter(is_for_all) {
        by_namespace.entry(item.namespace()).or_default().push(item);
    }
    for (namespace, mut policies) in by_namespace {
        policies.sort_by_cached_key(|item| (created(&item.resource.metadata), item.name().to_owned()));
        let mut policies = policies.into_iter();
        let Some(first) = policies.next() else { continue };
        for item in policies {
            let message = SecondPeerAuthentication { first: first.name().to_owned(), namespace: namespace.to_owned() };
            context.report(item.resource, "metadata.name", message);
        }
    }
}
