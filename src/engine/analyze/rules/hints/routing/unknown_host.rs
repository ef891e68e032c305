//! The name of a Service among a VirtualService's hosts is that of a Service.
//!
//! A name without a dot is completed with the VirtualService's own namespace, and one with a dot is not completed at all.

use super::destination_host::{is_out_of_sight, service_meant};
use crate::engine::{
    analyze::{Context, Rule, Set},
    cluster::{DOMAIN, MESH, resolve_short_name},
    diagnostic::hints::{MW0013, VirtualServiceHostUnknown},
    resource::{Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "virtual_service_host_unknown",
    set: Set::Hints,
    summary: "hosts that look like Services are Services",
    reads: reads!(VirtualService registry K8sGateway),
    emits: &[&MW0013],
    check,
};

fn check(context: &mut Context<'_>) {
    let registry = context.registry();
    let gateways = context.of_kind(Kind::K8sGateway);
    if !registry.is_known() {
        return;
    }
    for item in context.each::<VirtualService>() {
        if !item.spec.gateways.is_empty() && !item.spec.gateways.iter().any(|gateway| gateway == MESH) {
            continue;
        }
        for (at, written) in item.spec.hosts.iter().enumerate() {
            let host = resolve_short_name(written, item.namespace());
            let meant = service_meant(registry, &host);
            let is_service_name = host.ends_with(&format!(".svc.{DOMAIN}")) && !host.starts_with('*');
            if !registry.matching(&host).is_empty() || is_out_of_sight(registry, gateways, &host) || meant.is_none() && !is_service_name {
                continue;
            }
            let path = format!("spec.hosts[{at}]");
            let elsewhere = registry.named(written.split('.').next().unwrap_or_default()).next();
            let cure = match (&meant, elsewhere) {
                (Some(full), _) => format!("a name with a dot is not completed: write {full}"),
                (None, Some(service)) => format!("there is a Service {} in namespace {}: write {}", service.name, service.namespace, service.hostname),
                (None, None) => "mend the name, or create the Service".to_owned(),
            };
            let finding = context.report(item.resource, &path, VirtualServiceHostUnknown { host, cure });
            if let Some((full, node)) = meant.zip(item.resource.node(&path)) {
                finding.fix(node.span, full);
            }
        }
    }
}
