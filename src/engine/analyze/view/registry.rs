//! Services of both registries by host, and what stands behind them.

use std::sync::OnceLock;

use super::{Fleet, Index, Member, index_of};
use crate::engine::{
    analyze::{snapshot::Objects, stand_in},
    cluster::{Registry::Kubernetes, Resolution, Service, host, services},
    resource::{Kind, Resource, Spec, WorkloadEntry},
};

/// All services, oldest first.
#[derive(Debug, Default)]
pub struct Registry<'a> {
    services: Vec<Service>,
    origins: Index<String, &'a Resource>,
    by_host: Index<String, Vec<usize>>,
    /// By what follows each dot of the host, the dot included; only wildcard hosts ask for it.
    by_domain: OnceLock<Index<String, Vec<usize>>>,
    /// Those of Kubernetes by the name alone.
    by_name: Index<String, Vec<usize>>,
    by_namespace: Index<String, Vec<usize>>,
    /// Whether the host of any starts with a star.
    has_wildcards: bool,
    /// Whether the input has any, the stand-in's aside.
    is_known: bool,
}

/// The kinds that it is made of.
pub const REGISTRY_KINDS: &[Kind] = &[Kind::Service, Kind::ServiceEntry];

/// What stands behind a service.
#[derive(Debug)]
pub enum Backends<'s, 'a> {
    /// Workloads, by its selector.
    Workloads(Vec<&'s Member<'a>>),
    /// The addresses that a ServiceEntry lists.
    Listed(&'a [WorkloadEntry]),
    /// Whatever an Endpoints object, DNS or the caller says.
    Elsewhere,
}

impl<'a> Registry<'a> {
    pub(in crate::engine::analyze) fn new(objects: &Objects<'a>) -> Self {
        let resources: Vec<&'a Resource> = REGISTRY_KINDS.iter().flat_map(|&kind| objects.of_kind(kind)).copied().collect();
        let services = services(resources.iter().copied());
        let mut registry = Self {
            by_host: index_of(services.len()),
            by_name: index_of(services.len()),
            services,
            origins: resources.iter().map(|&resource| (resource.id_text(), resource)).collect(),
            is_known: resources.iter().any(|resource| !stand_in::is_one(resource)),
            ..Self::default()
        };
        for (at, service) in registry.services.iter().enumerate() {
            registry.has_wildcards |= service.hostname.starts_with('*');
            registry.by_host.entry(service.hostname.clone()).or_default().push(at);
            let is_stand_in = registry.origins.get(&*service.origin.resource).is_some_and(|resource| stand_in::is_one(resource));
            if service.registry == Kubernetes && !is_stand_in {
                registry.by_name.entry(service.name.clone()).or_default().push(at);
                registry.by_namespace.entry(service.namespace.clone()).or_default().push(at);
            }
        }
        registry
    }

    /// Whether the input has any service: without one it is a part of a cluster, and nothing can be said of hosts.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// All of them.
    pub fn all(&self) -> &[Service] {
        &self.services
    }

    /// The services of a host, by its full name.
    pub fn of_host<'s>(&'s self, host: &str) -> impl Iterator<Item = &'s Service> + use<'s, 'a> {
        self.by_host.get(host).into_iter().flatten().map(|&at| &self.services[at])
    }

    /// The services that a host, maybe a wildcard, stands for, and those of wildcard hosts that it belongs to.
    pub fn matching<'s>(&'s self, host: &str) -> Vec<&'s Service> {
        let mut found: Vec<&Service> = self.of_host(host).collect();
        if let Some(tail) = host.strip_prefix('*') {
            let below = self.by_domain.get_or_init(|| by_domain(&self.services)).get(tail).map_or(&[][..], Vec::as_slice);
            found.extend(below.iter().map(|&at| &self.services[at]).filter(|service| service.hostname != host));
            if !tail.starts_with('.') {
                found.extend(self.services.iter().filter(|service| service.hostname != host && host::overlap(&service.hostname, host)));
            }
        }
        // A host may be one of those that a wildcard service stands for.
        let above = host.match_indices('.').filter(|_| self.has_wildcards).filter_map(|(dot, _)| self.by_host.get(&["*", &host[dot..]].concat())).flatten();
        found.extend(above.map(|&at| &self.services[at]).filter(|service| service.hostname != host));
        found
    }

    /// Services of Kubernetes of a name, in whatever namespace.
    pub fn named<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s Service> + use<'s, 'a> {
        self.by_name.get(name).into_iter().flatten().map(|&at| &self.services[at])
    }

    /// Whether Kubernetes has a Service in the namespace.
    pub fn has_namespace(&self, namespace: &str) -> bool {
        self.by_namespace.contains_key(namespace)
    }

    /// Names of some of the Services in a namespace: as many as it makes sense to compare a misspelt one with.
    pub fn names_in(&self, namespace: &str) -> impl Iterator<Item = &str> {
        self.by_namespace.get(namespace).into_iter().flatten().take(200).map(|&at| self.services[at].name.as_str())
    }

    /// The object that a service is made from.
    pub fn origin(&self, service: &Service) -> Option<&'a Resource> {
        self.origins.get(&*service.origin.resource).copied()
    }

    /// What stands behind a service.
    pub fn backends<'s>(&self, service: &'s Service, fleet: &'s Fleet<'a>) -> Backends<'s, 'a> {
        if !service.selector.is_empty() {
            return Backends::Workloads(fleet.selected(Some(&service.namespace), &service.selector).collect());
        }
        match self.origin(service).map(|resource| &resource.spec) {
            Some(Spec::ServiceEntry(entry)) if !entry.endpoints.is_empty() && service.resolution != Resolution::Passthrough => {
                Backends::Listed(&entry.endpoints)
            }
            _ => Backends::Elsewhere,
        }
    }
}

fn by_domain(services: &[Service]) -> Index<String, Vec<usize>> {
    let mut index: Index<String, Vec<usize>> = Index::default();
    for (at, service) in services.iter().enumerate() {
        for (dot, _) in service.hostname.match_indices('.') {
            index.entry(service.hostname[dot..].to_owned()).or_default().push(at);
        }
    }
    index
}
