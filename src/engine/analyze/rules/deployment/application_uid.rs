//! No application runs as the proxy's user (`analyzers/deployment/pod.go` of 1.26.4).
//!
//! Istio looks at containers and the pod as a whole, not at init containers, and passes over its own control plane.

use super::each;
use crate::engine::{
    analyze::{Context, Rule, Set, view::is_control_plane, words::listed},
    diagnostic::istio::{IST0144, InvalidApplicationUID},
    resource::{Kind, Pod, PodSpec, Resource, SecurityContext},
};

pub(super) static RULE: Rule = Rule {
    name: "application_uid",
    set: Set::Istio,
    summary: "applications do not run as user 1337",
    reads: &[Kind::Pod, Kind::Deployment],
    emits: &[&IST0144],
    check,
};

/// The user that the sidecar runs as.
const PROXY: i64 = 1337;

fn check(context: &mut Context<'_>) {
    for item in context.each::<Pod>() {
        judge(context, item.resource, &item.spec.spec, "spec");
    }
    for item in each(context) {
        judge(context, item.resource, &item.spec.template.spec, "spec.template.spec");
    }
}

fn judge<'a>(context: &mut Context<'a>, resource: &'a Resource, pod: &PodSpec, at: &str) {
    if is_control_plane(resource) {
        return;
    }
    let is_proxys = |security: &Option<SecurityContext>| security.as_ref().is_some_and(|security| security.run_as_user == Some(PROXY));
    let whole = is_proxys(&pod.security_context).then(|| ("the pod".to_owned(), at.to_owned()));
    let own = pod.containers.iter().enumerate().filter(|(_, container)| !matches!(container.name.as_str(), "istio-proxy" | "istio-operator"));
    let containers = own
        .filter(|(_, container)| is_proxys(&container.security_context))
        .map(|(index, container)| (format!("container {}", container.name), format!("{at}.containers[{index}]")));
    // Istio says one sentence of an object, however many of its containers are meant.
    let guilty: Vec<(String, String)> = whole.into_iter().chain(containers).collect();
    if let Some((_, first)) = guilty.first() {
        let container = listed(guilty.iter().map(|(who, _)| who));
        context.report_at(resource, "", &format!("{first}.securityContext.runAsUser"), InvalidApplicationUID { container });
    }
}
