//! `image: auto` stands where a webhook puts an image in its place (`analyzers/injection/injection-image-auto.go` of 1.26.4).
//!
//! A Pod that still has it is past the webhook already, so it is broken whatever the webhooks select.

use std::collections::{BTreeSet, HashMap};

use crate::engine::{
    analyze::{Context, Rule, Set, view::LabelSelectors},
    diagnostic::istio::{IST0146, IST0147, ImageAutoWithoutInjectionError, ImageAutoWithoutInjectionWarning},
    resource::{Body, Kind, Pod, PodSpec, Webhook, WebhookConfiguration, WorkloadController},
};

pub(super) static RULE: Rule = Rule {
    name: "image_auto",
    set: Set::Istio,
    summary: "pods that ask for an injected image are injected",
    reads: &[Kind::Deployment, Kind::MutatingWebhookConfiguration, Kind::Namespace, Kind::Pod],
    emits: &[&IST0146, &IST0147],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<Pod>() {
        if let Some(at) = auto_image(&item.spec.spec) {
            let message = ImageAutoWithoutInjectionError { kind: "Pod".to_owned(), name: item.name().to_owned() };
            context.report_at(item.resource, "", &format!("spec.containers[{at}].image"), message);
        }
    }
    let webhooks = context.of_kind(Kind::MutatingWebhookConfiguration).iter().filter_map(|resource| WebhookConfiguration::of(&resource.spec));
    let webhooks: Vec<&Webhook> = webhooks.flat_map(|config| &config.webhooks).filter(|webhook| webhook.name.ends_with("istio.io")).collect();
    let by_namespace = LabelSelectors::new(webhooks.iter().map(|webhook| webhook.namespace_selector.as_ref()));
    // For each namespace, what its webhooks ask of pods.
    let mut objects: HashMap<&str, LabelSelectors<'_>> = HashMap::new();
    let mut tried = 0;
    for &resource in context.of_kind(Kind::Deployment) {
        let Some(deployment) = WorkloadController::of(&resource.spec) else { continue };
        let Some(at) = auto_image(&deployment.template.spec) else { continue };
        let namespace = match resource.metadata.namespace.as_str() {
            "" => "default",
            namespace => namespace,
        };
        let selectors = objects.entry(namespace).or_insert_with(|| {
            let labels = context.find(Kind::Namespace, "", namespace).map(|namespace| namespace.metadata.labels.clone()).unwrap_or_default();
            let taking: BTreeSet<usize> = by_namespace.selecting(&labels, &mut tried).collect();
            LabelSelectors::new(taking.into_iter().map(|at| webhooks[at].object_selector.as_ref()))
        });
        if selectors.selecting(&deployment.template.metadata.labels, &mut tried).next().is_none() {
            let message = ImageAutoWithoutInjectionWarning { kind: "Deployment".to_owned(), name: resource.metadata.name.to_string() };
            context.report_at(resource, "", &format!("spec.template.spec.containers[{at}].image"), message);
        }
    }
}

/// The proxy's container, where its image is to be put in.
fn auto_image(pod: &PodSpec) -> Option<usize> {
    pod.containers.iter().position(|container| container.name == "istio-proxy" && container.image == "auto")
}
