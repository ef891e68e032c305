//! The selector of a Gateway finds pods (`analyzers/gateway/` of 1.26.4: gateway.go, secret.go, conflictinggateway.go).
//!
//! Three analyzers say so in the same words. Two of their quirks: pods without a namespace do not count, and a Gateway without
//! servers needs another Gateway, with servers, for the same pods.

use super::{
    SELECTOR,
    group::{Group, groups, related},
};
use crate::engine::{
    analyze::{
        Context, Rule, Set,
        view::{first_label, selects_nothing},
    },
    diagnostic::istio::IST0101,
    resource::Kind,
};

pub(super) static RULE: Rule = Rule {
    name: "gateway_without_workload",
    set: Set::Istio,
    summary: "the selectors of Gateways find pods",
    reads: &[Kind::Gateway, Kind::Pod, Kind::Namespace],
    emits: &[&IST0101],
    check,
};

fn check(context: &mut Context<'_>) {
    let groups = groups(context);
    let related = related(context, &groups);
    for (group, related) in groups.iter().zip(related) {
        let is_homeless = context.workloads().selected(None, group.labels).all(|pod| pod.namespace().is_empty());
        let is_silent = !group.labels.is_empty() && !group.has_servers() && !related.iter().any(|&other| groups[other].has_servers());
        if is_homeless || is_silent {
            say(context, group, if is_homeless { "label the gateway's pods so, or mend the selector" } else { "give the Gateway servers" });
        }
    }
}

fn say<'a>(context: &mut Context<'a>, group: &Group<'a>, cure: &str) {
    for item in &group.gateways {
        context.report_at(item.resource, &first_label(SELECTOR, group.labels), SELECTOR, selects_nothing(group.labels, cure));
    }
}
