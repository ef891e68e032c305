//! Webhooks that call an istiod elsewhere name a host that can be called
//! (`analyzers/externalcontrolplane/externalcontrolplane.go` of 1.26.4).
//!
//! Nothing is looked up: like Istio, the rule judges the address by its form alone.

use super::{Hook, each};
use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{ExternalControlPlaneAddressIsNotAHostname, IST0163, IST0164, InvalidExternalControlPlaneConfig},
    resource::Kind,
    validate::go_url,
};

pub(super) static RULE: Rule = Rule {
    name: "external",
    set: Set::Istio,
    summary: "webhooks of a remote istiod name a host that can be called",
    reads: &[Kind::MutatingWebhookConfiguration, Kind::ValidatingWebhookConfiguration],
    emits: &[&IST0163, &IST0164],
    check,
};

fn check(context: &mut Context<'_>) {
    let validators = each(context, Kind::ValidatingWebhookConfiguration).filter(|hook| is_validator(&hook.resource.metadata.name));
    let injectors = each(context, Kind::MutatingWebhookConfiguration).filter(|hook| hook.resource.metadata.name.starts_with("istio-sidecar-injector"));
    for hook in validators.chain(injectors).collect::<Vec<_>>() {
        judge(context, hook);
    }
}

/// Names that the installation gives to the webhook that validates.
fn is_validator(name: &str) -> bool {
    name == "istiod-default-validator" || name.starts_with("istio-validator")
}

fn judge<'a>(context: &mut Context<'a>, hook: Hook<'a>) {
    let client = &hook.webhook.client_config;
    let webhook = hook.webhook.name.clone();
    let Some(address) = &client.url else {
        if client.service.is_none() {
            let fault = "it names neither a service nor a url to call; set clientConfig.url to the remote istiod's address".to_owned();
            let message = InvalidExternalControlPlaneConfig { webhook, fault };
            context.report_at(hook.resource, "", &hook.path("clientConfig"), message);
        }
        return;
    };
    let shown = hook.path("clientConfig.url");
    match go_url::host(address) {
        Err(fault) => {
            let fault = format!("its url {address:?} cannot be read, for {fault}; write it as https://host:port/path");
            let message = InvalidExternalControlPlaneConfig { webhook, fault };
            context.report_at(hook.resource, "", &shown, message);
        }
        Ok(host) if host.parse::<std::net::IpAddr>().is_ok() => {
            context.report_at(hook.resource, "", &shown, ExternalControlPlaneAddressIsNotAHostname { address: address.clone(), webhook });
        }
        Ok(_) => {}
    }
}
