//! Hosts of the registry, and what belongs to a host: subsets, ports, endpoints.

use std::collections::BTreeSet;

use super::Wish;
use crate::engine::{
    assist::Offer,
    cluster::{Cluster, Registry, Service, resolve_short_name},
    resource::{Resource, Spec, Subset},
};

/// The services that a host written in a namespace stands for.
pub(in super::super) fn services<'a>(cluster: &'a Cluster, host: &str, namespace: &str) -> Vec<&'a Service> {
    cluster.services_of_host(&resolve_short_name(host, namespace)).collect()
}

/// Services, those of the namespace first; a host is named once.
fn ranked<'a>(cluster: &'a Cluster, namespace: &str) -> Vec<&'a Service> {
    let mut seen = BTreeSet::new();
    let mut services: Vec<&Service> = cluster.services.iter().filter(|service| seen.insert((&service.hostname, &service.namespace))).collect();
    services.sort_by_key(|service| (service.namespace != namespace, &service.hostname));
    services
}

/// Short names in the namespace, then full names.
pub(super) fn hosts(wish: &Wish<'_>) -> Vec<Offer> {
    let home = wish.namespace();
    let services = ranked(wish.cluster, home);
    let is_local = |service: &&&Service| service.registry == Registry::Kubernetes && service.namespace == home;
    let short = services.iter().filter(is_local).map(|service| Offer::name(&service.name, detail(service)));
    short.chain(services.iter().map(|service| Offer::name(&service.hostname, detail(service)))).collect()
}

/// Hosts as a Sidecar names them.
pub(super) fn of_sidecar(wish: &Wish<'_>) -> Vec<Offer> {
    let services = ranked(wish.cluster, wish.namespace());
    let namespaces: BTreeSet<&str> = services.iter().map(|service| service.namespace.as_str()).collect();
    let wide = [("./*", "all of this namespace"), ("*/*", "everything that is exported here"), ("~/*", "nothing")];
    let wide = wide.into_iter().map(|(name, detail)| Offer::name(name, detail));
    let whole = namespaces.iter().map(|namespace| Offer::name(format!("{namespace}/*"), format!("all of the namespace {namespace}")));
    wide.chain(whole).chain(services.iter().map(|service| Offer::name(format!("{}/{}", service.namespace, service.hostname), detail(service)))).collect()
}

/// Subsets of the host beside the field.
pub(super) fn subsets(wish: &Wish<'_>) -> Vec<Offer> {
    let Some(host) = wish.beside("host") else { return Vec::new() };
    let found = subsets_of(wish.cluster, host, wish.namespace());
    found.map(|(rule, subset)| Offer::name(&subset.name, format!("{} of {}", labels(subset), rule.metadata.name))).collect()
}

fn subsets_of<'a>(cluster: &'a Cluster, host: &str, namespace: &str) -> impl Iterator<Item = (&'a Resource, &'a Subset)> {
    let wanted = resolve_short_name(host, namespace);
    cluster.resources.iter().flat_map(move |resource| {
        let subsets = match &resource.spec {
            Spec::DestinationRule(rule) if resolve_short_name(&rule.host, &resource.metadata.namespace) == wanted => rule.subsets.as_slice(),
            _ => &[],
        };
        subsets.iter().map(move |subset| (resource, subset))
    })
}

/// What a subset of a host is, in words; none where no rule defines it.
pub(in super::super) fn subset_of(cluster: &Cluster, host: &str, namespace: &str, name: &str) -> Option<String> {
    let (rule, subset) = subsets_of(cluster, host, namespace).find(|(_, subset)| subset.name == name)?;
    let pods = services(cluster, host, namespace).into_iter().flat_map(|service| cluster.endpoints(service).iter().map(move |endpoint| (service, endpoint)));
    let addresses: BTreeSet<&str> = pods
        .filter(|(_, endpoint)| subset.labels.iter().all(|(key, value)| endpoint.labels.get(key) == Some(value)))
        .map(|(_, endpoint)| endpoint.address.as_str())
        .collect();
    Some(format!("{} of the DestinationRule {}; {}", labels(subset), rule.metadata.name, count(addresses.len(), "endpoint")))
}

/// Ports of the nearest host.
pub(super) fn ports(wish: &Wish<'_>) -> Vec<Offer> {
    let services = wish.nearest("host").map(|host| services(wish.cluster, host, wish.namespace())).unwrap_or_default();
    services.first().map_or_else(Vec::new, |service| of_service(service))
}

/// Ports of a service.
pub(super) fn of_service(service: &Service) -> Vec<Offer> {
    service.ports.iter().map(|port| Offer::number(port.number, format!("{} of {}", port.name, service.name))).collect()
}

fn labels(subset: &Subset) -> String {
    let labels: Vec<String> = subset.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if labels.is_empty() { "all endpoints".into() } else { labels.join(", ") }
}

fn detail(service: &Service) -> String {
    let kind = if service.registry == Registry::Kubernetes { "Service" } else { "ServiceEntry" };
    format!("{kind} in {}, {}", service.namespace, ports_in_words(service))
}

fn ports_in_words(service: &Service) -> String {
    let ports: Vec<String> = service.ports.iter().take(6).map(|port| port.number.to_string()).collect();
    match ports.len() {
        0 => "no port".into(),
        1 => format!("port {}", ports[0]),
        _ => format!("ports {}", ports.join(", ")),
    }
}

/// A service in one line.
pub(in super::super) fn described(cluster: &Cluster, service: &Service) -> String {
    let addresses: BTreeSet<&str> = cluster.endpoints(service).iter().map(|endpoint| endpoint.address.as_str()).collect();
    let endpoints = count(addresses.len(), "endpoint");
    format!("{}: {}; {endpoints}", service.hostname, detail(service))
}

pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
