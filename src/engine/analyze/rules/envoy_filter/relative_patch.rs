//! A patch that depends on what others did has a priority (`analyzers/envoyfilter/envoyfilter.go` of 1.26.4).
//!
//! Istio tells of the proxy version where a patch *before* this one has such a condition and a filter of the same name, in
//! whatever EnvoyFilter; the patch's own condition does not count. It takes EnvoyFilters in no certain order, we take them by name.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::engine::{
    analyze::{Context, Item, Rule, Set},
    diagnostic::istio::{EnvoyFilterUsesRelativeOperation, EnvoyFilterUsesRelativeOperationWithProxyVersion, IST0151, IST0155},
    resource::{EnvoyConfigPatch, EnvoyFilter, EnvoyPatch, Kind},
};

pub(super) static RULE: Rule = Rule {
    name: "relative_patch",
    set: Set::Istio,
    summary: "a patch that depends on others has a priority",
    reads: &[Kind::EnvoyFilter],
    emits: &[&IST0151, &IST0155],
    check,
};

fn check(context: &mut Context<'_>) {
    let mut filters: Vec<Item<'_, EnvoyFilter>> = context.each().collect();
    filters.sort_by_key(|item| (item.namespace(), item.name()));
    let mut versioned: BTreeSet<String> = BTreeSet::new();
    for item in filters {
        for (at, entry, patch) in super::patches(item.spec) {
            let name = filter_name(entry, patch);
            if item.spec.priority == 0 && is_relative(entry, patch) {
                let (line_of, shown) = (super::named_field(at), super::operation_field(at));
                if versioned.contains(&name) {
                    context.report_at(item.resource, &line_of, &shown, EnvoyFilterUsesRelativeOperationWithProxyVersion {});
                } else {
                    context.report_at(item.resource, &line_of, &shown, EnvoyFilterUsesRelativeOperation {});
                }
            }
            let proxy = entry.r#match.as_ref().and_then(|condition| condition.proxy.as_ref());
            if proxy.is_some_and(|proxy| !proxy.proxy_version.is_empty()) {
                versioned.insert(name);
            }
        }
    }
}

/// Those that `impossible_patch` refuses are not looked at again.
fn is_relative(entry: &EnvoyConfigPatch, patch: &EnvoyPatch) -> bool {
    match patch.operation.as_deref() {
        Some("INSERT_BEFORE" | "INSERT_AFTER") => true,
        Some("REMOVE") => !super::is_for_routes(entry),
        Some("REPLACE") => super::is_for_filters(entry),
        _ => false,
    }
}

/// What Istio takes for the filter's name: `name` of the value, else the name of the filter that is matched, which is only
/// looked at where there is a value. The two never count as equal, so the first is kept as JSON.
fn filter_name(entry: &EnvoyConfigPatch, patch: &EnvoyPatch) -> String {
    let Some(value) = &patch.value else { return String::new() };
    if let Some(name) = value.get("name") {
        return Json::to_string(name);
    }
    let listener = entry.r#match.as_ref().and_then(|condition| condition.listener.as_ref());
    let filter = listener.and_then(|listener| listener.filter_chain.as_ref()).and_then(|chain| chain.filter.as_ref());
    filter.map_or_else(String::new, |filter| filter.name.clone())
}
