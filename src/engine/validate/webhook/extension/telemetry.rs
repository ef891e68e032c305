//! Telemetry (`ValidateTelemetry`).

use super::cel;
use crate::engine::validate::webhook::{
    part::{Context, Part},
    selector::check_targets,
};

/// Judges the object.
pub(in super::super) fn judge(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    check_targets(context, spec);
    for metrics in spec.get("metrics").items() {
        judge_metrics(context, &metrics);
    }
    let tracing = spec.get("tracing");
    if tracing.len() > 1 {
        context.warn(&tracing, "only one entry of tracing has an effect");
    }
    for trace in tracing.items() {
        judge_tracing(context, &trace);
    }
    for logging in spec.get("accessLogging").items() {
        let filter = logging.get("filter");
        if filter.is_set()
            && let Err(reason) = cel::parse(filter.get("expression").text())
        {
            let expression = filter.get("expression");
            context.refuse_as(format!("filter {}", expression.text()), &expression, format!("is not a CEL expression: {reason}"));
        }
        judge_providers(context, &logging);
    }
}

fn judge_providers(context: &mut Context<'_, '_>, owner: &Part<'_>) {
    for provider in owner.get("providers").items() {
        if provider.get("name").text().is_empty() {
            context.refuse(&provider.get("name"), "a provider needs its name, one of the extensionProviders of MeshConfig");
        }
    }
}

fn judge_metrics(context: &mut Context<'_, '_>, metrics: &Part<'_>) {
    judge_providers(context, metrics);
    for change in metrics.get("overrides").items() {
        for (tag, settings) in change.get("tagOverrides").entries() {
            if tag.is_empty() {
                context.warn(&settings, "a tag needs a name");
            }
            let value = settings.get("value");
            let operation = settings.get("operation").text();
            if operation == "REMOVE" && !value.text().is_empty() {
                context.refuse(&value, "REMOVE takes no value; remove this field");
            } else if matches!(operation, "" | "UPSERT") && value.text().is_empty() {
                context.refuse(&value, "UPSERT (the default) needs a value, a CEL expression such as \"request.host\"");
            }
        }
        let custom = change.get("match").get("customMetric");
        if custom.is_set() && custom.text().is_empty() {
            context.refuse(&custom, "the metric needs a name");
        }
    }
}

fn judge_tracing(context: &mut Context<'_, '_>, trace: &Part<'_>) {
    if trace.get("providers").len() > 1 {
        context.warn(&trace.get("providers"), "only one provider of traces has an effect");
    }
    judge_providers(context, trace);
    let sampling = trace.get("randomSamplingPercentage");
    if sampling.number() < 0.0 || sampling.number() > 100.0 {
        context.refuse_as("sampling", &sampling, format!("{} is not a percentage from 0 to 100", sampling.number()));
    }
    for (name, tag) in trace.get("customTags").entries() {
        if name.is_empty() {
            context.refuse(&tag, "a tag needs a name");
        }
        for (kind, field) in [("literal", "value"), ("header", "name"), ("environment", "name")] {
            let source = tag.get(kind);
            if source.is_set() && source.get(field).text().is_empty() {
                context.refuse(&source.get(field), format!("the {field} of a {kind} tag must not be empty"));
            }
        }
    }
}
