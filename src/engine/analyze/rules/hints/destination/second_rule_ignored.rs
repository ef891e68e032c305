//! One DestinationRule of a namespace has the policy of a host.
//!
//! Rules of one host and namespace are merged: subsets are put together, of two with one name the older stays, and so does the
//! older `trafficPolicy` (`mergeDestinationRule` in `pilot/pkg/model/destination_rule.go` of 1.26.4).

use std::collections::HashMap;

use crate::engine::{
    analyze::{Context, Item, Rule, Set},
    cluster::{created, resolve_short_name},
    diagnostic::hints::{MW0015, SecondRuleIgnored},
    resource::{DestinationRule, Kind},
};

pub(super) static RULE: Rule = Rule {
    name: "second_rule_ignored",
    set: Set::Hints,
    summary: "the policy of a host is written in one DestinationRule",
    reads: reads!(DestinationRule),
    emits: &[&MW0015],
    check,
};

fn check(context: &mut Context<'_>) {
    let mut groups: HashMap<(String, String, Vec<String>), Vec<Item<'_, DestinationRule>>> = HashMap::new();
    let mut order = Vec::new();
    // Rules for chosen workloads stand apart.
    for item in context.each::<DestinationRule>().filter(|item| item.spec.workload_selector.is_none()) {
        let mut scopes = item.spec.export_to.clone();
        scopes.sort();
        let key = (item.namespace().to_owned(), resolve_short_name(&item.spec.host, item.namespace()), scopes);
        let group = groups.entry(key.clone()).or_default();
        if group.is_empty() {
            order.push(key);
        }
        group.push(item);
    }
    for key in order {
        let mut group = groups.remove(&key).unwrap_or_default();
        group.sort_by_cached_key(|item| (created(&item.resource.metadata), item.name().to_owned()));
        let mut with_policy = group.iter().filter(|item| item.spec.traffic_policy.is_some());
        let Some(first) = with_policy.next() else { continue };
        for item in with_policy {
            let message = SecondRuleIgnored { host: key.1.clone(), first: first.name().to_owned() };
            context.report(item.resource, "spec.trafficPolicy", message);
        }
    }
}
