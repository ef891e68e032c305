//! A host has one VirtualService for the sidecars of a namespace (`analyzers/virtualservice/conflictingmeshgatewayhosts.go` of
//! 1.26.4).
//!
//! Of VirtualServices for one and the same scope only equal hosts conflict; those of one that is exported to some namespaces
//! also with wildcards of one that is exported to all, and the other way round. Each VirtualService is told once. A host that
//! a VirtualService names twice conflicts with itself.

use std::collections::{BTreeMap, HashSet};

use crate::engine::{
    analyze::{
        Context, Item, Rule, Set,
        view::{HostSet, fqdn},
        words::listed,
    },
    cluster::MESH,
    diagnostic::istio::{ConflictingMeshGatewayVirtualServiceHosts, IST0109},
    resource::{Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "conflicting_hosts",
    set: Set::Istio,
    summary: "a host has one VirtualService for the sidecars of a namespace",
    reads: &[Kind::VirtualService],
    emits: &[&IST0109],
    check,
};

/// A VirtualService and the number of its host.
type Claim<'a> = (Item<'a, VirtualService>, usize);

/// Who claims a host, by its name.
type Claims<'a> = BTreeMap<String, Vec<Claim<'a>>>;

fn check(context: &mut Context<'_>) {
    let scopes = claims(context);
    let (mut wide, mut narrow) = (HostSet::default(), HostSet::default());
    for (scope, claims) in &scopes {
        let set = if scope == "*" { &mut wide } else { &mut narrow };
        for (host, claims) in claims {
            set.insert(host, (host, claims));
        }
    }
    let mut told: HashSet<(&str, &str)> = HashSet::new();
    for (scope, claims) in &scopes {
        for (host, claims) in claims {
            let other = if scope == "*" { narrow.overlapping(host) } else { wide.overlapping(host) };
            if claims.len() < 2 && other.is_none() {
                continue;
            }
            let hosts = match other {
                Some((other, _)) if other != host => format!("{host} and {other}"),
                _ => host.clone(),
            };
            let virtual_services = names(claims.iter().chain(other.into_iter().flat_map(|(_, claims)| claims)));
            for (item, at) in claims.iter().filter(|(item, _)| told.insert((item.namespace(), item.name()))) {
                let message = ConflictingMeshGatewayVirtualServiceHosts { virtual_services: virtual_services.clone(), host: hosts.clone() };
                context.report_at(item.resource, "metadata.name", &format!("spec.hosts[{at}]"), message);
            }
        }
    }
}

/// The hosts that are claimed for sidecars, by the namespaces to which they are exported, `*` for all.
fn claims<'a>(context: &Context<'a>) -> BTreeMap<String, Claims<'a>> {
    let mut scopes: BTreeMap<String, Claims<'a>> = BTreeMap::new();
    for item in context.each::<VirtualService>() {
        let spec = item.spec;
        if !spec.gateways.is_empty() && !spec.gateways.iter().any(|gateway| gateway == MESH) {
            continue;
        }
        let mut exported: Vec<&str> = spec.export_to.iter().map(|scope| if scope == "." { item.namespace() } else { scope }).collect();
        exported.sort_unstable();
        exported.dedup();
        if exported.is_empty() || exported.contains(&"*") {
            exported = vec!["*"];
        }
        for scope in exported {
            let claims = scopes.entry(scope.to_owned()).or_default();
            for (at, host) in spec.hosts.iter().enumerate() {
                claims.entry(fqdn(item.namespace(), host)).or_default().push((item, at));
            }
        }
    }
    scopes
}

fn names<'a: 'c, 'c>(claims: impl Iterator<Item = &'c Claim<'a>>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    claims.for_each(|(item, _)| *counts.entry(item.full_name()).or_default() += 1);
    listed(counts.into_iter().map(|(name, count)| if count > 1 { format!("{name} (more than once)") } else { name }))
}
