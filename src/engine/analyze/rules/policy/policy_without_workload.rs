//! An AuthorizationPolicy finds a workload of the mesh (`analyzers/authz/authorizationpolicies.go` of 1.26.4).
//!
//! `targetRefs` are not looked at: such a policy counts as one for its whole namespace. In the root namespace a policy
//! without selector is for the mesh and never in vain.

use std::collections::BTreeMap;

use crate::engine::{
    analyze::{
        Context, Rule, Set,
        view::{Workloads, selector_text},
    },
    diagnostic::istio::{IST0127, NoMatchingWorkloadsFound},
    resource::{AuthorizationPolicy, Kind, Labels},
};

pub(super) static RULE: Rule = Rule {
    name: "policy_without_workload",
    set: Set::Istio,
    summary: "AuthorizationPolicies find a workload of the mesh",
    reads: &[Kind::AuthorizationPolicy, Kind::Pod, Kind::Namespace],
    emits: &[&IST0127],
    check,
};

fn check(context: &mut Context<'_>) {
    let (workloads, root, everything) = (context.workloads(), context.mesh().root_namespace(), Labels::new());
    // Policies of one namespace often ask for the same labels, or for none.
    let mut known: BTreeMap<(Option<&str>, &Labels), bool> = BTreeMap::new();
    for item in context.each::<AuthorizationPolicy>() {
        let selector = item.spec.selector.as_ref().map(|selector| &selector.match_labels);
        let home = (item.namespace() != root).then(|| item.namespace());
        if home.is_none() && selector.is_none() {
            continue;
        }
        let labels = selector.unwrap_or(&everything);
        if !*known.entry((home, labels)).or_insert_with_key(|(home, labels)| is_somewhere(workloads, *home, labels)) {
            let place = home.map_or_else(|| "the mesh".to_owned(), |home| format!("namespace {home}"));
            let wanted = if labels.is_empty() { String::new() } else { format!(" with the labels {}", selector_text(labels)) };
            context.report_at(
                item.resource,
                "",
                if selector.is_some() { "spec.selector" } else { "metadata.name" },
                NoMatchingWorkloadsFound { place, wanted },
            );
        }
    }
}

/// Whether a pod with these labels is in the mesh, with a sidecar or by ambient mode.
fn is_somewhere(workloads: &Workloads<'_>, namespace: Option<&str>, labels: &Labels) -> bool {
    workloads.selected(namespace, labels).any(|pod| pod.is_in_mesh || pod.is_in_ambient())
}
