//! Some service has the host of a DestinationRule. (Istio declares IST0174 for it, but no analyzer of 1.26.4 raises that.)

use crate::engine::{
    analyze::{Context, Item, Rule, Set, view::Registry},
    cluster::{DOMAIN, ROOT_NAMESPACE, resolve_short_name},
    diagnostic::{
        closest,
        hints::{DestinationRuleHostUnknown, MW0002},
    },
    resource::{DestinationRule, Kind, Resource},
};

pub(super) static RULE: Rule = Rule {
    name: "destination_rule_host_unknown",
    set: Set::Hints,
    summary: "DestinationRules are for hosts that some service has",
    reads: reads!(DestinationRule registry K8sGateway),
    emits: &[&MW0002],
    check,
};

fn check(context: &mut Context<'_>) {
    let registry = context.registry();
    let gateways = context.of_kind(Kind::K8sGateway);
    if !registry.is_known() {
        return;
    }
    for item in context.each::<DestinationRule>() {
        let host = resolve_short_name(&item.spec.host, item.namespace());
        if host.is_empty() || !registry.matching(&host).is_empty() || is_out_of_sight(registry, gateways, &host) {
            continue;
        }
        let cure = cure(registry, item, &host);
        context.report(item.resource, "spec.host", DestinationRuleHostUnknown { host, cure });
    }
}

/// Services that clusters have, whether or not the input says so: Kubernetes' and Istio's own, and those of gateways that
/// Istio makes.
pub(in super::super) fn is_out_of_sight(registry: &Registry<'_>, gateways: &[&Resource], host: &str) -> bool {
    let Some((name, namespace)) = host.strip_suffix(DOMAIN).and_then(|rest| rest.strip_suffix(".svc.")).and_then(|rest| rest.rsplit_once('.')) else {
        return false;
    };
    let is_made_for = |gateway: &&Resource| gateway.metadata.namespace == namespace && name.starts_with(gateway.metadata.name.as_str());
    namespace.starts_with("kube-")
        || (name, namespace) == ("kubernetes", "default")
        || namespace == ROOT_NAMESPACE && !registry.has_namespace(namespace)
        || gateways.iter().any(is_made_for)
}

fn cure(registry: &Registry<'_>, item: Item<'_, DestinationRule>, host: &str) -> String {
    let name = item.spec.host.split('.').next().unwrap_or_default();
    if let Some(service) = registry.named(name).next() {
        return format!("there is a Service {name} in namespace {}: write {}", service.namespace, service.hostname);
    }
    let namespace = host.split('.').nth(1).unwrap_or_default();
    match closest(name, registry.names_in(namespace)) {
        Some(near) => format!("namespace {namespace} has a Service {near}"),
        None => "create the Service or ServiceEntry, or mend the name".to_owned(),
    }
}
