//! Traces do not go to Lightstep's own provider, which is deprecated (`analyzers/telemetry/lightstep.go` of 1.26.4).

use std::collections::BTreeMap;

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{Deprecated, IST0002},
    resource::{Kind, Telemetry},
};

pub(super) static RULE: Rule = Rule {
    name: "lightstep_provider",
    set: Set::Istio,
    summary: "traces do not go to the deprecated Lightstep provider",
    reads: &[Kind::Telemetry],
    emits: &[&IST0002],
    check,
};

fn check(context: &mut Context<'_>) {
    // Of providers with one name the last counts.
    let is_lightstep: BTreeMap<&str, bool> =
        context.mesh().extension_providers.iter().map(|provider| (provider.name.as_str(), provider.lightstep.is_some())).collect();
    for item in context.each::<Telemetry>() {
        for (section, tracing) in item.spec.tracing.iter().enumerate() {
            for (at, provider) in tracing.providers.iter().enumerate().filter(|(_, provider)| is_lightstep.get(provider.name.as_str()) == Some(&true)) {
                let what = format!("the Lightstep provider {:?}", provider.name);
                let instead = "send traces by OpenTelemetry: declare an opentelemetry provider in the mesh's settings, and name that".to_owned();
                context.report_at(item.resource, "", &format!("spec.tracing[{section}].providers[{at}].name"), Deprecated { what, instead });
            }
        }
    }
}
