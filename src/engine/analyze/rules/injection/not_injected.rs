//! Namespaces say whether their pods get a sidecar (`analyzers/injection/injection.go` of 1.26.4).
//!
//! An empty `istio-injection` says as little as none; a revision, or ambient mode, says enough.

use super::{DATAPLANE_MODE, INJECTION, REVISION, injector};
use crate::engine::{
    analyze::{Context, Rule, Set},
    cluster::ROOT_NAMESPACE,
    diagnostic::istio::{IST0102, IST0148, NamespaceInjectionEnabledByDefault, NamespaceNotInjected},
    resource::Kind,
};

pub(super) static RULE: Rule = Rule {
    name: "not_injected",
    set: Set::Istio,
    summary: "namespaces say whether their pods get a sidecar",
    reads: &[Kind::Namespace, Kind::ConfigMap],
    emits: &[&IST0102, &IST0148],
    check,
};

fn check(context: &mut Context<'_>) {
    let is_default = injector::injects_unlabelled(context);
    for &resource in context.of_kind(Kind::Namespace) {
        let labels = &resource.metadata.labels;
        let is_ambient = labels.get(DATAPLANE_MODE).is_some_and(|mode| mode == "ambient");
        let says = labels.contains_key(REVISION) || labels.get(INJECTION).is_some_and(|value| !value.is_empty());
        if says || is_ambient || resource.metadata.name == ROOT_NAMESPACE {
            continue;
        }
        let namespace = resource.metadata.name.to_string();
        if is_default {
            context.report_at(resource, "", "metadata.name", NamespaceInjectionEnabledByDefault { namespace });
        } else {
            context.report(resource, "metadata.name", NamespaceNotInjected { namespace });
        }
    }
}
