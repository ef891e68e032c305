//! The kinds of the first authorization API are gone.

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{Deprecated, IST0002},
    resource::{CustomResourceDefinition, Kind},
};

pub(super) static RULE: Rule = Rule {
    name: "removed_crd",
    set: Set::Istio,
    summary: "the cluster defines no kinds that Istio has given up",
    reads: &[Kind::CustomResourceDefinition],
    emits: &[&IST0002],
    check,
};

const GROUP: &str = "rbac.istio.io";
const REMOVED: &[&str] = &["ClusterRbacConfig", "RbacConfig", "ServiceRole", "ServiceRoleBinding"];

fn check(context: &mut Context<'_>) {
    for item in context.each::<CustomResourceDefinition>() {
        let kind = item.spec.names.kind.as_str();
        if item.spec.group == GROUP && REMOVED.contains(&kind) {
            let instead = "Istio has not read it since 1.6; write AuthorizationPolicies and delete the definition".into();
            context.report_at(item.resource, "", "spec.names.kind", Deprecated { what: format!("{kind} of {GROUP}"), instead });
        }
    }
}
