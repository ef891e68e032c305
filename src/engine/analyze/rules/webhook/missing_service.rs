//! The services that Istio's injection webhooks call exist (`analyzers/webhook/webhook.go` of 1.26.4).

use super::injectors;
use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{IST0139, InvalidWebhook},
    resource::Kind,
};

pub(super) static RULE: Rule = Rule {
    name: "missing_service",
    set: Set::Istio,
    summary: "injection webhooks call services that exist",
    reads: &[Kind::MutatingWebhookConfiguration, Kind::Service],
    emits: &[&IST0139],
    check,
};

fn check(context: &mut Context<'_>) {
    for hook in injectors(context) {
        let Some(service) = &hook.webhook.client_config.service else { continue };
        if context.find(Kind::Service, &service.namespace, &service.name).is_some() {
            continue;
        }
        // Istio names the service alone: webhooks of one configuration that miss the same are one finding.
        let fault = format!(
            "pods cannot be injected: the webhook calls service {} in namespace {}, which does not exist; install the istiod of this revision, or delete the webhook",
            service.name, service.namespace
        );
        context.report_at(hook.resource, "", &hook.path("clientConfig.service.name"), InvalidWebhook { fault });
    }
}
