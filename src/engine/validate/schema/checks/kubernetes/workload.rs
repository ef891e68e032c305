//! Deployments, StatefulSets and DaemonSets, and the selectors that they share with others.

use std::collections::BTreeSet;

use super::{Check, Faults, Port, field, items, pod, port_of, set};
use crate::engine::manifest::Node;

pub(super) static CHECKS: &[(&str, Check)] = &[
    ("template-labels", template_labels),
    ("template-mounts", template_mounts),
    ("always-restarts", always_restarts),
    ("selector-values", selector_values),
    ("recreate", recreate),
    ("some-progress", some_progress),
];

fn template_labels(node: &Node, faults: &mut Faults<'_, '_>) {
    let Some(selector) = set(node, "selector") else { return };
    let wanted = set(selector, "matchLabels").map(Node::entries).unwrap_or_default();
    let expressions = items(selector, "matchExpressions");
    if wanted.is_empty() && expressions.is_empty() {
        return faults.at_key(node, "selector", "an empty selector would take every pod; name the template's labels under matchLabels");
    }
    let labels = set(node, "template").and_then(|template| set(template, "metadata")).and_then(|metadata| set(metadata, "labels"));
    let has = |key: &str| labels.and_then(|labels| set(labels, key)).and_then(Node::as_str);
    for entry in wanted {
        let value = entry.value.as_str().unwrap_or_default();
        if has(&entry.key) != Some(value) {
            let cure = format!("the template's pods do not have the label {}: {value}; add it to template.metadata.labels, or change the selector", entry.key);
            return faults.at(&format!(".selector.matchLabels[{}]", entry.key), entry.key_span, cure);
        }
    }
    let fits = |expression: &Node| {
        let own = has(field(expression, "key", ""));
        let is_listed = own.is_some_and(|own| items(expression, "values").iter().any(|value| value.as_str() == Some(own)));
        match field(expression, "operator", "") {
            "In" => is_listed,
            "NotIn" => !is_listed,
            "Exists" => own.is_some(),
            _ => own.is_none(),
        }
    };
    if expressions.iter().any(|expression| !fits(expression)) {
        faults.at_key(node, "selector", "the selector does not take the template's own pods; make matchExpressions fit to template.metadata.labels");
    }
}

fn template_mounts(node: &Node, faults: &mut Faults<'_, '_>) {
    let claims: BTreeSet<&str> =
        items(node, "volumeClaimTemplates").iter().filter_map(|claim| set(claim, "metadata")).map(|metadata| field(metadata, "name", "")).collect();
    if let Some(spec) = set(node, "template").and_then(|template| set(template, "spec")) {
        pod::mounts(spec, &claims, ".template.spec", faults);
    }
}

fn always_restarts(node: &Node, faults: &mut Faults<'_, '_>) {
    let Some(spec) = set(node, "template").and_then(|template| set(template, "spec")) else { return };
    if let Some(entry) = spec.entry("restartPolicy").filter(|entry| !matches!(entry.value.as_str(), None | Some("" | "Always"))) {
        let message = "pods of a workload are always restarted; remove restartPolicy, or use a Job";
        faults.at(".template.spec.restartPolicy", entry.value.span, message);
    }
    if let Some(entry) = spec.entry("activeDeadlineSeconds").filter(|entry| entry.value.as_whole().is_some()) {
        faults.at(".template.spec.activeDeadlineSeconds", entry.value.span, "pods of a workload have no deadline; remove it, or use a Job");
    }
}

fn selector_values(node: &Node, faults: &mut Faults<'_, '_>) {
    let values = items(node, "values");
    match field(node, "operator", "") {
        operator @ ("In" | "NotIn") if values.is_empty() => faults.at_key(node, "values", format!("{operator} needs values")),
        operator @ ("Exists" | "DoesNotExist") if !values.is_empty() => faults.at_key(node, "values", format!("{operator} takes no values; remove them")),
        operator @ ("Gt" | "Lt") if values.len() != 1 => faults.at_key(node, "values", format!("{operator} takes exactly one value")),
        _ => {}
    }
}

fn recreate(node: &Node, faults: &mut Faults<'_, '_>) {
    if field(node, "type", "") == "Recreate" && set(node, "rollingUpdate").is_some() {
        faults.at_key(node, "rollingUpdate", "this goes with type: RollingUpdate; remove it");
    }
}

fn some_progress(node: &Node, faults: &mut Faults<'_, '_>) {
    let is_zero = |key: &str| match set(node, key).and_then(port_of) {
        Some(Port::Number(number)) => number == 0,
        Some(Port::Name(text)) => text.trim_end_matches('%').parse::<u32>() == Ok(0),
        None => false,
    };
    if is_zero("maxUnavailable") && is_zero("maxSurge") {
        faults.at_key(node, "maxUnavailable", "with maxSurge 0 too, an update could never proceed; allow one of the two");
    }
}
