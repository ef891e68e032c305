//! The labels of a subset are carried by some workload of the service.

use std::collections::BTreeSet;

use super::{
    pool::{Server, pools},
    words::pairs,
};
use crate::engine::{
    analyze::{Context, Rule, Set},
    cluster::resolve_short_name,
    diagnostic::hints::{MW0001, SubsetSelectsNoWorkload},
    resource::{DestinationRule, Kind, Labels},
};

pub(super) static RULE: Rule = Rule {
    name: "subset_without_workload",
    set: Set::Hints,
    summary: "subsets select workloads of their service",
    reads: reads!(DestinationRule registry fleet),
    emits: &[&MW0001],
    check,
};

fn check(context: &mut Context<'_>) {
    let (registry, fleet) = (context.registry(), context.fleet());
    for item in context.each::<DestinationRule>().filter(|item| !item.spec.subsets.is_empty()) {
        let host = resolve_short_name(&item.spec.host, item.namespace());
        let Some(pools) = pools(registry, fleet, &host) else { continue };
        let servers = || pools.iter().flatten();
        for (at, subset) in item.spec.subsets.iter().enumerate() {
            if servers().any(|server| server.may_carry(&subset.labels)) {
                continue;
            }
            let known = what_there_is(servers(), &subset.labels);
            let message = SubsetSelectsNoWorkload { subset: subset.name.clone(), host: host.clone(), labels: pairs(&subset.labels), known };
            context.report(item.resource, &format!("spec.subsets[{at}].labels"), message);
        }
    }
}

/// What the servers carry where the subset asks for something else.
fn what_there_is<'x>(servers: impl Iterator<Item = &'x Server<'x, 'x>> + Clone, wanted: &Labels) -> String {
    for (key, value) in wanted {
        let values: BTreeSet<&str> = servers.clone().filter_map(|server| server.labels().get(key)).collect();
        if values.is_empty() {
            return format!("none of them has a label {key}");
        }
        if !values.contains(value) {
            let some: Vec<&str> = values.into_iter().take(8).collect();
            return format!("their {key} is {}", some.join(" or "));
        }
    }
    "each label is there, but not on one workload".to_owned()
}
