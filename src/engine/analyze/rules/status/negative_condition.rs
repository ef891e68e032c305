//! No controller says that it could not do what an object asks (`analyzers/conditions/conditions.go` of 1.26.4).
//!
//! Conditions of a Gateway's listeners are not looked at, those of a route are, for every parent.

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{IST0171, NegativeConditionStatus},
    manifest::Node,
    resource::{Kind, Resource},
};

pub(super) static RULE: Rule =
    Rule { name: "negative_condition", set: Set::Istio, summary: "the conditions in an object's status hold", reads: KINDS, emits: &[&IST0171], check };

const KINDS: &[Kind] = &[Kind::Service, Kind::ServiceEntry, Kind::AuthorizationPolicy, Kind::K8sGateway, Kind::HTTPRoute, Kind::GRPCRoute];

fn check(context: &mut Context<'_>) {
    for kind in KINDS {
        for resource in context.of_kind(*kind) {
            for (path, condition) in conditions(resource) {
                let text = |key: &str| condition.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
                let (name, status, reason) = (text("type"), text("status"), text("reason"));
                // A waypoint that took only part of a policy says True, with this reason.
                let is_partly = *kind == Kind::AuthorizationPolicy && name == "WaypointAccepted" && reason == "PartiallyInvalid";
                if is_partly || status == bad_status(*kind, &name) {
                    let message = NegativeConditionStatus { condition: name, reason, message: text("message") };
                    context.report_at(resource, "", &path, message);
                }
            }
        }
    }
}

/// The conditions of an object, with their places.
fn conditions(resource: &Resource) -> Vec<(String, &Node)> {
    let list = |path: &str| -> Vec<(String, &Node)> {
        let items = resource.node(path).map(Node::items).unwrap_or_default();
        items.iter().enumerate().map(|(at, condition)| (format!("{path}[{at}]"), condition)).collect()
    };
    if matches!(resource.kind, Kind::HTTPRoute | Kind::GRPCRoute) {
        let parents = resource.node("status.parents").map(Node::items).unwrap_or_default();
        return (0..parents.len()).flat_map(|at| list(&format!("status.parents[{at}].conditions"))).collect();
    }
    list("status.conditions")
}

/// The status of a condition that tells of trouble. Istio looks it up in a table where what is not there is empty, and so tells
/// of a condition without a status too.
fn bad_status(kind: Kind, condition: &str) -> &'static str {
    let is_known = match kind {
        Kind::Service | Kind::ServiceEntry => condition == "istio.io/WaypointBound",
        Kind::AuthorizationPolicy => matches!(condition, "ZtunnelAccepted" | "WaypointAccepted"),
        _ => matches!(condition, "Accepted" | "Programmed" | "ResolvedRefs"),
    };
    if is_known { "False" } else { "" }
}
