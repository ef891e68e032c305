//! What an object applies to: workload selectors, target references, labels.

use super::{
    super::names::{is_label_value, is_tag_key},
    part::{Context, Part},
};

/// `labels.Instance.Validate`, for labels that proxies or subsets carry.
pub(super) fn check_labels(context: &mut Context<'_, '_>, labels: &Part<'_>) {
    for (key, value) in labels.entries() {
        if !is_tag_key(key) {
            context.refuse(&value, format!("{key:?} is not a label's name"));
        }
        if !is_label_value(value.text()) {
            context.refuse(&labels.get(key), format!("{:?} is not a label's value; use letters, digits, -, _ and .", value.text()));
        }
    }
}

fn check_selected(context: &mut Context<'_, '_>, labels: &Part<'_>) -> bool {
    let mut is_fine = true;
    for (key, value) in labels.entries() {
        if key.is_empty() {
            context.refuse_as(format!("empty name of {}", value.text()), &value, "a label's name must not be empty");
            is_fine = false;
        }
        if key.contains('*') || value.text().contains('*') {
            context.refuse(&value, format!("a selector takes no wildcard: {key}={}", value.text()));
            is_fine = false;
        }
    }
    is_fine
}

/// `ValidateAlphaWorkloadSelector`: the one with `labels`. Returns whether the rest of the object is looked at.
pub(super) fn check_workload_selector(context: &mut Context<'_, '_>, selector: &Part<'_>) -> bool {
    check_selected(context, &selector.get("labels"))
}

/// The warning of the same function, which its callers give at different points.
pub(super) fn warn_of_no_labels(context: &mut Context<'_, '_>, selector: &Part<'_>) {
    if selector.is_set() && selector.get("labels").len() == 0 {
        context.warn(selector, "selects by no label, so it applies to every workload of the namespace; add labels or remove the selector");
    }
}

/// `validateWorkloadSelector`: the one with `matchLabels`.
pub(super) fn check_selector(context: &mut Context<'_, '_>, selector: &Part<'_>) {
    let labels = selector.get("matchLabels");
    check_selected(context, &labels);
    if selector.is_set() && labels.len() == 0 {
        context.warn(selector, "selects by no label, so it applies to every workload of the namespace; add matchLabels or remove the selector");
    }
}

/// Selector, `targetRef` and `targetRefs` of a policy.
pub(super) fn check_targets(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    let (selector, single, list) = (spec.get("selector"), spec.get("targetRef"), spec.get("targetRefs"));
    let set: Vec<&Part<'_>> = [&selector, &single, &list].into_iter().filter(|part| part.is_set()).collect();
    if let [_, second, ..] = set.as_slice() {
        context.refuse(second, "a policy applies by selector or by targetRefs, not by both; remove one");
    }
    check_selector(context, &selector);
    if single.is_set() {
        check_target(context, &single);
    }
    for target in list.items() {
        check_target(context, &target);
    }
}

/// `validatePolicyTargetReference`: group and kind count, the version does not.
fn check_target(context: &mut Context<'_, '_>, target: &Part<'_>) {
    if target.get("name").text().is_empty() {
        context.refuse(&target.get("name"), "a targetRef needs a name");
    }
    if target.get("namespace").is_set() && !target.get("namespace").text().is_empty() {
        context.refuse(&target.get("namespace"), "a policy can only target its own namespace; remove this field");
    }
    let (group, kind) = (target.get("group").text(), target.get("kind").text());
    let is_known =
        matches!((group, kind), ("" | "core", "Service") | ("networking.istio.io", "ServiceEntry") | ("gateway.networking.k8s.io", "Gateway" | "GatewayClass"));
    if !is_known {
        let message = match kind {
            "Gateway" | "GatewayClass" => format!("{kind} belongs to the group gateway.networking.k8s.io, not {group:?}"),
            "ServiceEntry" => format!("ServiceEntry belongs to the group networking.istio.io, not {group:?}"),
            "Service" => format!("Service belongs to the core group \"\", not {group:?}"),
            _ => format!("a policy can target a Gateway, a GatewayClass, a Service or a ServiceEntry, not a {kind}; for workloads use a selector"),
        };
        context.refuse_as(format!("target {group}/{kind}"), &target.get("kind"), message);
    }
}
