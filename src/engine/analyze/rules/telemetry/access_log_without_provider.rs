//! Access logs go to a provider (`analyzers/telemetry/providers.go` of 1.26.4).

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{IST0157, InvalidTelemetryProvider},
    resource::{Kind, Telemetry},
};

pub(super) static RULE: Rule = Rule {
    name: "access_log_without_provider",
    set: Set::Istio,
    summary: "access logs go to a provider, of the Telemetry or of the mesh",
    reads: &[Kind::Telemetry],
    emits: &[&IST0157],
    check,
};

fn check(context: &mut Context<'_>) {
    if !context.mesh().default_providers.access_logging.is_empty() {
        return;
    }
    for item in context.each::<Telemetry>() {
        let without = |section: &crate::engine::resource::TelemetrySection| section.disabled != Some(true) && section.providers.is_empty();
        for (at, _) in item.spec.access_logging.iter().enumerate().filter(|(_, section)| without(section)) {
            let message = InvalidTelemetryProvider { telemetry: item.name().to_owned(), namespace: item.namespace().to_owned() };
            context.report_at(item.resource, "", &format!("spec.accessLogging[{at}]"), message);
        }
    }
}
