//! DestinationRule (`ValidateDestinationRule`).

use std::collections::HashMap;

use super::traffic_policy;
use crate::engine::validate::{
    names::is_dns_label,
    webhook::{
        export_to::{self, Owner},
        hosts,
        part::{Context, Part},
        selector::{check_labels, check_selector},
    },
};

/// Judges the object.
pub(in super::super) fn judge(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    let host = spec.get("host");
    if let Err(reason) = hosts::wildcard_domain(host.text()) {
        reason.refuse(context, &host);
    }
    traffic_policy::check(context, &spec.get("trafficPolicy"));
    let mut names: HashMap<&str, usize> = HashMap::new();
    for (at, subset) in spec.get("subsets").items().enumerate() {
        let name = subset.get("name");
        if let Some(first) = names.get(name.text()) {
            let gist = format!("subset {:?} again", name.text());
            context.refuse_as(gist, &name, format!("the subset {:?} is defined already as item {first}; each name can stand once", name.text()));
        } else {
            names.insert(name.text(), at);
        }
        check_subset_name(context, &name);
        check_labels(context, &subset.get("labels"));
        context.without_warnings(|context| traffic_policy::check(context, &subset.get("trafficPolicy")));
    }
    let selector = spec.get("workloadSelector");
    export_to::check(context, &spec.get("exportTo"), if selector.is_set() { Owner::SelectingRule } else { Owner::Other });
    check_selector(context, &selector);
}

/// `validateSubsetName`.
pub(in super::super) fn check_subset_name(context: &mut Context<'_, '_>, name: &Part<'_>) {
    if name.text().is_empty() {
        context.refuse(name, "a subset needs a name");
    } else if !is_dns_label(name.text()) {
        context.refuse(name, format!("{:?} is not a subset's name; use letters, digits and -, at most 63", name.text()));
    }
}
