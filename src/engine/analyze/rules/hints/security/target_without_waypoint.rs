//! What a policy names in `targetRefs` is there, and a waypoint serves it.
//!
//! Only waypoints read policies for Services and ServiceEntries (`ShouldAttachPolicy` in `pilot/pkg/model/policyattachment.go`
//! of 1.26.4).

use std::collections::HashSet;

use super::attachment::{attached, attached_kinds};
use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::hints::{MW0011, TargetWithoutWaypoint},
    resource::{Kind, PolicyTargetReference, Resource},
};

pub(super) static RULE: Rule = Rule {
    name: "target_without_waypoint",
    set: Set::Hints,
    summary: "what a policy targets is there, and served by a waypoint",
    reads: attached_kinds!(reads Service ServiceEntry K8sGateway Namespace),
    emits: &[&MW0011],
    check,
};

/// Kinds that a policy may name.
const TARGETS: &[Kind] = &[Kind::Service, Kind::ServiceEntry, Kind::K8sGateway];

/// The label by which an object, or all of a namespace, is served by a waypoint.
const USE_WAYPOINT: &str = "istio.io/use-waypoint";

fn check(context: &mut Context<'_>) {
    let known: HashSet<(Kind, &str)> =
        TARGETS.iter().flat_map(|&kind| context.of_kind(kind)).map(|resource| (resource.kind, resource.metadata.namespace.as_str())).collect();
    for policy in attached(context) {
        let namespace = policy.resource.metadata.namespace.as_str();
        for (path, target) in &policy.targets {
            if let Some(fault) = fault(context, &known, namespace, target) {
                let message = TargetWithoutWaypoint { kind: target.kind.clone(), name: target.name.clone(), fault };
                context.report(policy.resource, path, message);
            }
        }
    }
}

fn fault(context: &Context<'_>, known: &HashSet<(Kind, &str)>, namespace: &str, target: &PolicyTargetReference) -> Option<String> {
    let kind = match (target.group.as_str(), target.kind.as_str()) {
        ("" | "core", "Service") => Kind::Service,
        ("networking.istio.io", "ServiceEntry") => Kind::ServiceEntry,
        ("gateway.networking.k8s.io", "Gateway") => Kind::K8sGateway,
        _ => return None,
    };
    let home = context.find(Kind::Namespace, "", namespace);
    match context.find(kind, namespace, &target.name) {
        // Where nothing of the kind is in the namespace, the input is hardly the whole of it.
        None if !known.contains(&(kind, namespace)) => None,
        None => Some(format!("namespace {namespace} has no such {}; a policy attaches to what is in its own namespace", target.kind)),
        Some(_) if kind == Kind::K8sGateway => None,
        Some(service) => match (waypoint(service), home) {
            (Some("none"), _) => Some(no_waypoint(&target.kind)),
            (None, Some(home)) if waypoint(home).is_none_or(|name| name == "none") => Some(no_waypoint(&target.kind)),
            _ => None,
        },
    }
}

fn waypoint(resource: &Resource) -> Option<&str> {
    resource.metadata.labels.get(USE_WAYPOINT)
}

fn no_waypoint(kind: &str) -> String {
    format!("neither the {kind} nor its namespace is labelled {USE_WAYPOINT}; deploy a waypoint and label one of them")
}
