//! Rules on the webhooks by which Istio injects and validates.

mod external;
mod missing_service;
mod overlap;
mod permutations;

use super::Rule;
use crate::engine::{
    analyze::Context,
    resource::{Body, Kind, Resource, Webhook, WebhookConfiguration},
};

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&external::RULE, &missing_service::RULE, &overlap::RULE];

/// The label that names a revision of istiod.
const REVISION: &str = "istio.io/rev";

/// A webhook and where it stands.
#[derive(Debug, Clone, Copy)]
struct Hook<'a> {
    resource: &'a Resource,
    at: usize,
    webhook: &'a Webhook,
}

impl Hook<'_> {
    /// What it is called among the webhooks of all configurations.
    fn full_name(&self) -> String {
        format!("{}/{}", self.resource.metadata.name, self.webhook.name)
    }

    /// The path of one of its fields.
    fn path(&self, field: &str) -> String {
        format!("webhooks[{}].{field}", self.at)
    }
}

fn each<'a>(context: &Context<'a>, kind: Kind) -> impl Iterator<Item = Hook<'a>> + use<'a> {
    let configs = context.of_kind(kind).iter().filter_map(|&resource| WebhookConfiguration::of(&resource.spec).map(|config| (resource, config)));
    configs.flat_map(|(resource, config)| config.webhooks.iter().enumerate().map(move |(at, webhook)| Hook { resource, at, webhook }))
}

/// The webhooks of the configurations that inject: those that have to do with a revision, or have a webhook of Istio's name
/// (`analyzers/webhook/webhook.go` of 1.26.4). In the order of the configurations' names.
fn injectors<'a>(context: &Context<'a>) -> Vec<Hook<'a>> {
    let mut hooks: Vec<Hook<'a>> = each(context, Kind::MutatingWebhookConfiguration).collect();
    hooks.sort_by_key(|hook| &hook.resource.metadata.name);
    let configs = hooks.chunk_by(|a, b| std::ptr::eq(a.resource, b.resource));
    configs.filter(|config| config.iter().any(|hook| hook.webhook.name.ends_with("istio.io")) || !revisions(config).is_empty()).flatten().copied().collect()
}

/// The revisions that webhooks have to do with.
fn revisions<'a>(hooks: &[Hook<'a>]) -> std::collections::BTreeSet<&'a str> {
    let labelled = hooks.iter().filter_map(|hook| hook.resource.metadata.labels.get(REVISION));
    let selectors = hooks.iter().flat_map(|hook| [&hook.webhook.namespace_selector, &hook.webhook.object_selector]).flatten();
    labelled.chain(selectors.flat_map(permutations::revisions_of)).collect()
}
