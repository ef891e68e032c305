//! istiod's admission webhook (`pkg/config/validation` of istio/istio at 1.26.4), which sees what the API server has taken.
//!
//! Checks read the object through [`Part`]s, which know where they stand. A fault that the schema has named already, or that
//! only follows from one, is not said again.

mod export_to;
mod extension;
mod hosts;
mod networking;
mod part;
mod protocol;
pub(in crate::engine) mod proxy_settings;
mod regex;
mod security;
mod selector;
mod virtual_service;

use std::borrow::Cow;

use part::{Context, Part, Steps};

use super::{
    object::Identity,
    report::Report,
    schema::{decode, schema_of},
};
use crate::engine::{
    diagnostic::{Level, Stage},
    manifest::Node,
    resource::Kind,
};

/// Judges an object. Findings that a fault of the schema explains are left out.
pub(super) fn judge(report: &mut Report<'_>, kind: Kind, identity: &Identity<'_>) {
    if !kind.is_istio() {
        return;
    }
    let faults: Vec<String> = report.diagnostics.iter().filter(|d| d.level == Level::Error).map(|d| d.path.clone()).collect();
    let object = report.object;
    let known = report.diagnostics.len();
    let steps = Steps::default();
    let root = Part::root(object, report.locate(""), &steps);
    let spec = root.get("spec");
    let mut context = Context::new(report, identity.namespace, identity.name);
    if metadata(&mut context, kind, &root) {
        context.is_converted = is_converted(kind, &root);
        by_kind(&mut context, kind, &root, &spec);
    }
    if !faults.is_empty() {
        let mut at = 0;
        report.diagnostics.retain(|d| {
            at += 1;
            at <= known
                || !faults.iter().any(|fault| explains(fault, &d.path, d.stage == Stage::Webhook && Part::root(object, d.span, &steps).find(&d.path).is_none()))
        });
    }
}

/// Whether a fault of the schema at one path accounts for a finding at another: one lies within the other, or the finding
/// misses a field beside a faulty one (a misspelt name, most likely).
fn explains(fault: &str, path: &str, is_missing: bool) -> bool {
    let within = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    let parent = |path: &str| path.rfind(['.', '[']).map_or(0, |at| at);
    within(fault, path) || within(path, fault) || is_missing && fault[..parent(fault)] == path[..parent(path)]
}

/// What istiod's validation says of an object on its own, as istioctl asks it: of what can be decoded, without annotations, and
/// once for all that it says in the same words. Faults of the schema instead, where the object cannot be decoded.
pub(super) fn judge_alone(report: &mut Report<'_>, kind: Kind, namespace: &str) {
    let Ok(decoded) = judge_decoding(report, kind) else { return };
    let steps = Steps::default();
    let root = Part::root(report.object, report.locate(""), &steps);
    let spec = match &decoded {
        Some(spec) => root.get("spec").read_as(spec),
        None => root.get("spec"),
    };
    let name = root.get("metadata").get("name").text();
    let mut context = Context::folding(report, namespace, name);
    by_kind(&mut context, kind, &root, &spec);
}

/// An object that istiod cannot decode, which has been said, or one that is none of Istio's.
pub(super) struct Undecodable;

/// The spec as istiod decodes it, where the object has one.
pub(super) fn judge_decoding<'a>(report: &mut Report<'a>, kind: Kind) -> Result<Option<Cow<'a, Node>>, Undecodable> {
    let schema = schema_of(kind).filter(|_| kind.is_istio()).ok_or(Undecodable)?;
    decode(schema, report.object).map_err(|fault| {
        report.say(Stage::Schema, Level::Error, &fault.path, fault.span, fault.message);
        Undecodable
    })
}

fn by_kind(context: &mut Context<'_, '_>, kind: Kind, root: &Part<'_>, spec: &Part<'_>) {
    match kind {
        Kind::VirtualService => virtual_service::judge(context, spec),
        Kind::DestinationRule => networking::destination_rule::judge(context, spec),
        Kind::Gateway => networking::gateway::judge(context, root, spec),
        Kind::ServiceEntry => networking::service_entry::judge(context, root, spec),
        Kind::Sidecar => networking::sidecar::judge(context, spec),
        Kind::WorkloadEntry => networking::workload::judge_entry(context, spec),
        Kind::WorkloadGroup => networking::workload::judge_group(context, spec),
        Kind::EnvoyFilter => extension::envoy_filter::judge(context, spec),
        Kind::ProxyConfig => networking::proxy_config::judge(context, spec),
        Kind::PeerAuthentication => security::peer_authentication::judge(context, spec),
        Kind::RequestAuthentication => security::request_authentication::judge(context, spec),
        Kind::AuthorizationPolicy => security::authorization_policy::judge(context, spec),
        Kind::Telemetry => extension::telemetry::judge(context, spec),
        Kind::WasmPlugin => extension::wasm_plugin::judge(context, spec),
        _ => {}
    }
}

/// Whether istiod has made the object from one of the Gateway API, as its annotation says.
fn is_converted(kind: Kind, root: &Part<'_>) -> bool {
    let annotation = match kind {
        Kind::Gateway => "internal.istio.io/gateway-semantics",
        Kind::VirtualService => "internal.istio.io/route-semantics",
        _ => return false,
    };
    root.get("metadata").get("annotations").get(annotation).text() == "gateway"
}

/// `istio.io/dry-run` goes with AuthorizationPolicies that allow or deny, and nowhere else. Returns whether the rest is looked at.
fn metadata(context: &mut Context<'_, '_>, kind: Kind, root: &Part<'_>) -> bool {
    let annotations = root.get("metadata").get("annotations");
    let before = context.refusals;
    let dry_run = annotations.get("istio.io/dry-run");
    if !dry_run.is_set() {
        // Nothing to ask.
    } else if kind != Kind::AuthorizationPolicy {
        context.refuse(&dry_run, format!("a {kind} cannot be tried out with istio.io/dry-run; remove the annotation"));
    } else if !matches!(root.get("spec").get("action").text(), "" | "ALLOW" | "DENY") {
        context.refuse(&dry_run, "istio.io/dry-run goes with the actions ALLOW and DENY only");
    } else if !matches!(dry_run.text(), "1" | "t" | "T" | "TRUE" | "true" | "True" | "0" | "f" | "F" | "FALSE" | "false" | "False") {
        context.refuse(&dry_run, format!("{:?} is neither \"true\" nor \"false\"", dry_run.text()));
    }
    let reject = annotations.get("internal.istio.io/webhook-always-reject");
    if reject.is_set() {
        context.refuse(&reject, "istiod refuses every object with this annotation, by which it tries out its own webhook; remove it");
    }
    context.refusals == before
}
