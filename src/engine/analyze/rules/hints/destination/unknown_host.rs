//! Some service has the host of a DestinationRule. (Istio declares IST0174 for it, but no analyzer of 1.26.4 raises that.)

use super::destination_host::{is_out_of_sight, service_meant};
use crate::engine::{
    analyze::{Context, Item, Rule, Set, view::Registry},
    cluster::resolve_short_name,
    diagnostic::{
        closest,
        hints::{DestinationRuleHostUnknown, MW0002},
    },
    resource::{DestinationRule, Kind},
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
        let meant = service_meant(registry, &host);
        let cure = meant.as_ref().map_or_else(|| cure(registry, item, &host), |full| format!("a name with a dot is not completed: write {full}"));
        let finding = context.report(item.resource, "spec.host", DestinationRuleHostUnknown { host, cure });
        if let Some((full, node)) = meant.zip(item.resource.node("spec.host")) {
            finding.fix(node.span, full);
        }
    }
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
