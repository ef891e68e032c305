//! istiod's validation accepts each resource (`analyzers/schema/validation.go` of 1.26.4).
//!
//! It sees no annotations, and neither the CRD's schema nor fields that Istio does not know.

use std::collections::HashMap;

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::{
        Diagnostic, Level, Message,
        istio::{IST0106, IST0130, IST0131, IST0133, SchemaValidationError, SchemaWarning, VirtualServiceIneffectiveMatch, VirtualServiceUnreachableRule},
    },
    resource::{Kind, Resource},
    validate::webhook,
};

/// Istio's own kinds.
const KINDS: &[Kind] = &[
    Kind::VirtualService,
    Kind::DestinationRule,
    Kind::Gateway,
    Kind::ServiceEntry,
    Kind::Sidecar,
    Kind::WorkloadEntry,
    Kind::WorkloadGroup,
    Kind::EnvoyFilter,
    Kind::ProxyConfig,
    Kind::PeerAuthentication,
    Kind::RequestAuthentication,
    Kind::AuthorizationPolicy,
    Kind::Telemetry,
    Kind::WasmPlugin,
];

pub(super) static RULE: Rule = Rule {
    name: "validation",
    set: Set::Istio,
    summary: "istiod's validation accepts each resource",
    reads: KINDS,
    emits: &[&IST0106, &IST0130, &IST0131, &IST0133],
    check,
};

fn check(context: &mut Context<'_>) {
    for &kind in KINDS {
        for &resource in context.of_kind(kind) {
            if resource.is_sound() {
                continue;
            }
            let Some(object) = resource.node("") else { continue };
            let mut told: HashMap<String, usize> = HashMap::new();
            let said = webhook(&resource.document, object, kind, &resource.metadata.namespace);
            for diagnostic in said {
                let fault = if diagnostic.path.is_empty() { diagnostic.message.clone() } else { format!("{}: {}", diagnostic.path, diagnostic.message) };
                // istiod has two findings where we have the same words for both, and they are not to be taken for one.
                let times = told.entry(fault.clone()).and_modify(|times| *times += 1).or_insert(1);
                let fault = if *times > 1 { format!("{fault} (istiod says this {times} times)") } else { fault };
                tell(context, resource, diagnostic, fault);
            }
        }
    }
}

fn tell<'a>(context: &mut Context<'a>, resource: &'a Resource, diagnostic: Diagnostic, fault: String) {
    let Diagnostic { path, span, fix, level, code, .. } = diagnostic;
    let finding = match code {
        Some(code) if code == VirtualServiceUnreachableRule::CODE => context.report_at(resource, "", &path, VirtualServiceUnreachableRule { fault }),
        Some(code) if code == VirtualServiceIneffectiveMatch::CODE => context.report_at(resource, "", &path, VirtualServiceIneffectiveMatch { fault }),
        _ if level == Level::Error => context.report_at(resource, "", &path, SchemaValidationError { fault }),
        _ => context.report_at(resource, "", &path, SchemaWarning { fault }),
    };
    finding.diagnostic.span = span;
    finding.diagnostic.fix = fix;
}
