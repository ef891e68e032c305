//! Hosts and ports that routes and mirrors lead to exist (`analyzers/virtualservice/destinationhosts.go` of 1.26.4).

use super::destinations::{Named, destinations};
use crate::engine::{
    analyze::{
        Context, Item, Rule, Set,
        view::{Host, fqdn},
        words::listed,
    },
    diagnostic::istio::{IST0101, ReferencedResourceNotFound},
    resource::{Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "unknown_destination",
    set: Set::Istio,
    summary: "VirtualServices route to hosts and ports that exist",
    reads: &[Kind::VirtualService, Kind::Service, Kind::ServiceEntry],
    emits: &[&IST0101],
    check,
};

fn check(context: &mut Context<'_>) {
    let hosts = context.hosts();
    for item in context.each::<VirtualService>() {
        for named in destinations(item.spec) {
            match hosts.find(item.namespace(), &item.spec.export_to, &named.destination.host) {
                None => unknown_host(context, item, named),
                Some(host) => check_port(context, item, named, host),
            }
        }
    }
}

fn check_port<'a>(context: &mut Context<'a>, item: Item<'a, VirtualService>, named: Named<'a>, host: &Host<'a>) {
    let Some(port) = &named.destination.port else { return };
    if host.ports.iter().any(|known| known.number == port.number) {
        return;
    }
    let known = listed(host.ports.iter().map(|port| port.number));
    let cure = if known.is_empty() { "the host has no ports at all".into() } else { format!("the ports of the host are {known}") };
    let message = ReferencedResourceNotFound { kind: "host and port", name: format!("{}:{}", named.destination.host, port.number), cure };
    context.report_at(item.resource, &named.line_of(), &format!("{}.port.number", named.path()), message);
}

fn unknown_host<'a>(context: &mut Context<'a>, item: Item<'a, VirtualService>, named: Named<'a>) {
    let host = &named.destination.host;
    let meant = meant(context, item, host);
    let cure = match &meant {
        Some(full) => format!("a name with a dot is not completed; write {full}"),
        None => elsewhere(context, item, host)
            .unwrap_or_else(|| format!("no Service and no ServiceEntry that namespace {:?} sees defines {:?}", item.namespace(), fqdn(item.namespace(), host))),
    };
    let kind = if named.is_mirror() { "mirror host" } else { "host" };
    let path = format!("{}.host", named.path());
    let finding = context.report_at(item.resource, &named.line_of(), &path, ReferencedResourceNotFound { kind, name: host.clone(), cure });
    if let Some((full, value)) = meant.zip(item.resource.node(&path)) {
        finding.fix(value.span, full);
    }
}

/// The full name, where `name.namespace` or `name.namespace.svc` was written, as DNS takes it, and there is such a Service.
fn meant(context: &Context<'_>, item: Item<'_, VirtualService>, host: &str) -> Option<String> {
    let (name, namespace) = host.strip_suffix(".svc").unwrap_or(host).split_once('.')?;
    let full = fqdn(namespace, name);
    (context.find(Kind::Service, namespace, name).is_some() && is_seen(context, item, &full)).then_some(full)
}

/// Where a short name is a Service of another namespace.
fn elsewhere(context: &Context<'_>, item: Item<'_, VirtualService>, host: &str) -> Option<String> {
    let home = context.hosts().home_of(host)?;
    let full = fqdn(home, host);
    is_seen(context, item, &full).then(|| format!("a short name is one of the VirtualService's own namespace, and {host} is in {home}; write {full}"))
}

fn is_seen(context: &Context<'_>, item: Item<'_, VirtualService>, full: &str) -> bool {
    context.hosts().find(item.namespace(), &item.spec.export_to, full).is_some()
}
