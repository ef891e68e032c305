//! The hosts that a destination may name, and who may see them (`pkg/config/analysis/analyzers/util/service_lookup.go`).

use super::{Index, fqdn};
use crate::engine::{
    analyze::snapshot::Objects,
    resource::{Kind, Resource, Spec},
};

/// What Services say of their visibility.
const EXPORT_TO: &str = "networking.istio.io/exportTo";

/// A host that somebody defined.
#[derive(Debug)]
pub struct Host<'a> {
    /// The Service or ServiceEntry.
    pub resource: &'a Resource,
    /// Its ports, in the order of the text.
    pub ports: Vec<HostPort<'a>>,
}

/// A port of a host.
#[derive(Debug, Clone, Copy)]
pub struct HostPort<'a> {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: &'a str,
    /// As written: `TCP` and the like for Services, Istio's protocol for ServiceEntries.
    pub protocol: &'a str,
}

/// Hosts by name and by the namespace that sees them.
#[derive(Debug, Default)]
pub struct Hosts<'a> {
    known: Vec<Host<'a>>,
    /// Services by name: the first of the namespaces that have one, by the alphabet.
    homes: Index<&'a str, &'a str>,
    /// By scope, `*` or a namespace, and then by name.
    by_scope: Index<String, Index<String, usize>>,
    /// Wildcard hosts by what follows the star, and then by scope.
    by_suffix: Index<String, Index<String, usize>>,
}

impl<'a> Hosts<'a> {
    pub(in crate::engine::analyze) fn new(objects: &Objects<'a>) -> Self {
        let mut hosts = Self::default();
        for &resource in objects.of_kind(Kind::ServiceEntry) {
            let Spec::ServiceEntry(entry) = &resource.spec else { continue };
            let namespace = resource.metadata.namespace.as_str();
            let ports = entry.ports.iter().map(|port| HostPort { number: port.number, name: &port.name, protocol: &port.protocol }).collect();
            let at = hosts.add(Host { resource, ports });
            let is_for_all = entry.export_to.is_empty() || entry.export_to.iter().any(|scope| scope == "*");
            for host in &entry.hosts {
                if is_for_all {
                    hosts.publish("*", fqdn(namespace, host), at);
                    continue;
                }
                for scope in &entry.export_to {
                    hosts.publish(if scope == "." { namespace } else { scope }, fqdn(namespace, host), at);
                }
            }
        }
        for &resource in objects.of_kind(Kind::Service) {
            let Spec::Service(service) = &resource.spec else { continue };
            let namespace = resource.metadata.namespace.as_str();
            hosts.homes.entry(&resource.metadata.name).and_modify(|home| *home = namespace.min(home)).or_insert(namespace);
            let ports = service.ports.iter().map(|port| HostPort { number: port.port, name: &port.name, protocol: &port.protocol }).collect();
            let at = hosts.add(Host { resource, ports });
            let scopes = resource.metadata.annotations.get(EXPORT_TO).filter(|scopes| !scopes.is_empty()).unwrap_or("*");
            for scope in scopes.split(',').map(str::trim) {
                hosts.publish(if scope == "." { namespace } else { scope }, fqdn(namespace, &resource.metadata.name), at);
            }
        }
        hosts
    }

    fn add(&mut self, host: Host<'a>) -> usize {
        self.known.push(host);
        self.known.len() - 1
    }

    fn publish(&mut self, scope: &str, name: String, at: usize) {
        if let Some(suffix) = name.strip_prefix('*') {
            self.by_suffix.entry(suffix.to_owned()).or_default().entry(scope.to_owned()).or_insert(at);
        }
        self.by_scope.entry(scope.to_owned()).or_default().insert(name, at);
    }

    /// A namespace that has a Service of a name.
    pub fn home_of(&self, name: &str) -> Option<&'a str> {
        self.homes.get(name).copied()
    }

    /// The host of a destination that is named in a namespace, by an object exported to the given namespaces.
    pub fn find(&self, namespace: &str, export_to: &[String], host: &str) -> Option<&Host<'a>> {
        let name = fqdn(namespace, host);
        let exact = |scope: &str| self.by_scope.get(scope).and_then(|names| names.get(&name)).map(|&at| &self.known[at]);
        exact("*").or_else(|| find_scoped(namespace, export_to, exact)).or_else(|| self.find_wildcard(namespace, host))
    }

    /// Any host that ends as a wildcard host does is one of its hosts, whether or not at a dot.
    fn find_wildcard(&self, namespace: &str, host: &str) -> Option<&Host<'a>> {
        let host = host.strip_prefix('*').unwrap_or(host);
        let suffixes = host.char_indices().map(|(at, _)| &host[at..]).chain(std::iter::once(""));
        let mut seen = suffixes.filter_map(|suffix| self.by_suffix.get(suffix)).filter_map(|scopes| scopes.get("*").or_else(|| scopes.get(namespace)));
        seen.next().map(|&at| &self.known[at])
    }
}

fn find_scoped<T>(namespace: &str, export_to: &[String], exact: impl Fn(&str) -> Option<T>) -> Option<T> {
    if export_to.is_empty() {
        return exact(namespace);
    }
    export_to.iter().find_map(|scope| exact(if scope == "." { namespace } else { scope }))
}
