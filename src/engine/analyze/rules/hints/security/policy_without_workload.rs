//! Selectors of policies select workloads that the policy can do something for.
//!
//! `istioctl analyze` asks it of AuthorizationPolicies, Sidecars and Telemetries; here are the others. A PeerAuthentication with
//! a selector in the root namespace selects nothing anywhere (`ComposePeerAuthentication` in
//! `pilot/pkg/security/authn/policy_applier.go` of 1.26.4).

use super::{
    attachment::{Attached, attached, attached_kinds},
    words::pairs,
};
use crate::engine::{
    analyze::{
        Context, Rule, Set,
        view::{Fleet, Member, Membership},
    },
    cluster::ROOT_NAMESPACE,
    diagnostic::hints::{MW0012, PolicySelectsNothing},
    resource::Kind,
};

pub(super) static RULE: Rule = Rule {
    name: "policy_selects_nothing",
    set: Set::Hints,
    summary: "policies select workloads of the mesh",
    reads: attached_kinds!(reads fleet),
    emits: &[&MW0012],
    check,
};

fn check(context: &mut Context<'_>) {
    let fleet = context.fleet();
    for policy in attached(context) {
        // istioctl says it of these.
        if matches!(policy.resource.kind, Kind::AuthorizationPolicy | Kind::Telemetry) {
            continue;
        }
        if let Some(fault) = fault(fleet, &policy) {
            let labels = policy.labels.map(pairs).unwrap_or_default();
            context.report(policy.resource, policy.labels_path, PolicySelectsNothing { kind: policy.resource.kind.name(), labels, fault });
        }
    }
}

fn fault(fleet: &Fleet<'_>, policy: &Attached<'_>) -> Option<String> {
    let labels = policy.labels.filter(|labels| !labels.is_empty())?;
    let namespace = policy.resource.metadata.namespace.as_str();
    if policy.resource.kind == Kind::PeerAuthentication && namespace == ROOT_NAMESPACE {
        return Some("in the root namespace a PeerAuthentication with a selector holds for no workload at all; move it to the workload's namespace".to_owned());
    }
    if !fleet.is_known() || policy.scope().is_some() && fleet.in_namespace(namespace).next().is_none() {
        return None;
    }
    let mut selected = fleet.selected(policy.scope(), labels).peekable();
    if selected.peek().is_none() {
        let place = if policy.scope().is_some() { format!("of namespace {namespace}") } else { "of the cluster".to_owned() };
        return Some(format!("no workload {place} carries these labels; mend the selector, or move the policy to the workload's namespace"));
    }
    let is_outside = |member: &Member| member.membership == Membership::Outside;
    selected
        .all(is_outside)
        .then(|| "the workloads that carry these labels are not in the mesh, so that no proxy reads the policy; take them into it".to_owned())
}
