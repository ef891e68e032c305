//! Istio's annotations are not deprecated ones.

use super::{INJECT, KINDS, each};
use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{DeprecatedAnnotation, IST0135},
};

pub(super) static RULE: Rule =
    Rule { name: "deprecated_annotation", set: Set::Istio, summary: "Istio's annotations are not deprecated ones", reads: KINDS, emits: &[&IST0135], check };

fn check(context: &mut Context<'_>) {
    for annotation in each(context).into_iter().filter(|annotation| annotation.known.is_some_and(|known| known.is_deprecated)) {
        // Who carries the label too keeps the annotation for an old Istio.
        if annotation.name == INJECT && annotation.resource.metadata.labels.contains_key(INJECT) {
            continue;
        }
        let message = DeprecatedAnnotation { annotation: annotation.name.to_owned(), instead: instead(annotation.name) };
        context.report_at(annotation.resource, "", &annotation.path(), message);
    }
}

fn instead(name: &str) -> &'static str {
    match name {
        INJECT => "write the label of the same name on the pod",
        "sidecar.istio.io/discoveryAddress" => "set discoveryAddress in proxy.istio.io/config",
        "sidecar.istio.io/extraStatTags" => "set extraStatTags in proxy.istio.io/config, or tags in a Telemetry",
        "sidecar.istio.io/statsInclusionPrefixes" | "sidecar.istio.io/statsInclusionSuffixes" | "sidecar.istio.io/statsInclusionRegexps" => {
            "set proxyStatsMatcher in proxy.istio.io/config"
        }
        "traffic.sidecar.istio.io/kubevirtInterfaces" => "use istio.io/reroute-virtual-interfaces",
        _ => "leave it out",
    }
}
