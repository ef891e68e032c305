//! Pods of injected namespaces have the proxy (`analyzers/injection/injection.go` of 1.26.4).
//!
//! Only `istio-injection: enabled` counts here; Istio does not look at the pods of a namespace that names a revision alone.

use super::{DATAPLANE_MODE, INJECTION};
use crate::engine::{
    analyze::{Context, Rule, Set},
    cluster::ROOT_NAMESPACE,
    diagnostic::istio::{IST0103, PodMissingProxy},
    resource::{Kind, Metadata, Pod},
};

pub(super) static RULE: Rule = Rule {
    name: "missing_proxy",
    set: Set::Istio,
    summary: "pods of injected namespaces have a proxy",
    reads: &[Kind::Namespace, Kind::Pod],
    emits: &[&IST0103],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<Pod>() {
        let pod = &item.spec.spec;
        let mut containers = pod.containers.iter().chain(&pod.init_containers);
        let has_proxy = containers.find(|container| container.name == "istio-proxy").is_some_and(|proxy| !proxy.image.is_empty());
        // Pods of the host's network are never injected.
        if has_proxy || pod.host_network || refuses(&item.resource.metadata) || !is_injected(context, item.namespace()) {
            continue;
        }
        let message = PodMissingProxy { pod: item.name().to_owned(), namespace: item.namespace().to_owned() };
        context.report_at(item.resource, "", "metadata.name", message);
    }
}

fn is_injected(context: &Context<'_>, namespace: &str) -> bool {
    let labels = context.find(Kind::Namespace, "", namespace).map(|namespace| &namespace.metadata.labels);
    let says = |key: &str, wanted: &str| labels.and_then(|labels| labels.get(key)).is_some_and(|value| value == wanted);
    namespace != ROOT_NAMESPACE && says(INJECTION, "enabled") && !says(DATAPLANE_MODE, "ambient")
}

/// Whether the pod asks not to be injected: by its label, or where it has none by the annotation of old.
fn refuses(metadata: &Metadata) -> bool {
    let inject = "sidecar.istio.io/inject";
    metadata.labels.get(inject).or_else(|| metadata.annotations.get(inject)).is_some_and(|value| value.eq_ignore_ascii_case("false"))
}
