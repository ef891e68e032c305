//! What one of a proxy's egress listeners knows: the services and VirtualServices that its hosts import.
//!
//! Retells `convertIstioListenerToWrapper` of `pilot/pkg/model/sidecar.go` and `SelectVirtualServices` of
//! `pilot/pkg/model/virtualservice.go` (istio/istio at 1.26.4). A proxy without a Sidecar has one listener, for `*/*`.

use std::{borrow::Cow, collections::BTreeSet};

use crate::engine::{
    cluster::{
        Cluster, MESH, Protocol, Registry, Service, VirtualService,
        host::{HostMap, is_subset, overlap},
    },
    index::Index,
    resource::SidecarEgress,
    xds::Origin,
};

/// An egress listener.
pub(super) struct Egress<'a> {
    /// As a Sidecar writes it.
    pub spec: Option<&'a SidecarEgress>,
    /// Where.
    pub origin: Option<Origin>,
    /// Several may have one host name, in one namespace.
    pub services: Vec<Cow<'a, Service>>,
    pub virtual_services: Vec<&'a VirtualService>,
    /// Those of them that speak of connections, not of requests.
    pub connection_rules: Vec<&'a VirtualService>,
    /// By host, the VirtualService that comes nearest to it.
    nearest: HostMap<(String, String)>,
}

impl<'a> Egress<'a> {
    pub fn new(cluster: &'a Cluster, namespace: &str, spec: Option<&'a SidecarEgress>, origin: Option<Origin>) -> Self {
        let mut egress = Self { spec, origin, services: Vec::new(), virtual_services: Vec::new(), connection_rules: Vec::new(), nearest: HostMap::default() };
        let imports = Imports::new(spec, namespace);
        egress.services = egress.import(cluster, namespace, &imports);
        egress.virtual_services = cluster.virtual_services.of_gateway(MESH, namespace);
        egress.virtual_services.retain(|service| service.hosts.iter().any(|host| imports.takes_rules_of(service, host)));
        egress.connection_rules = egress.virtual_services.iter().copied().filter(|service| !service.tcp.is_empty() || !service.tls.is_empty()).collect();
        for service in &egress.virtual_services {
            for host in &service.hosts {
                egress.nearest.entry(host).or_insert_with(|| (service.namespace.clone(), service.name.clone()));
            }
        }
        egress
    }

    /// The port that it is for; none where it takes all ports that are left.
    pub fn port(&self) -> Option<u32> {
        self.spec.and_then(|spec| spec.port.as_ref()).map(|port| port.number)
    }

    /// Whether clients use it as a proxy.
    pub fn is_http_proxy(&self) -> bool {
        self.spec.and_then(|spec| spec.port.as_ref()).is_some_and(|port| Protocol::parse(&port.protocol) == Protocol::HttpProxy)
    }

    /// Whether no other VirtualService comes nearer to a host than this one.
    pub fn is_nearest(&self, host: &str, service: &VirtualService) -> bool {
        self.nearest.find(host).is_some_and(|(namespace, name)| (namespace.as_str(), name.as_str()) == service.key())
    }

    /// A listener with a port knows of a service only that port.
    pub fn with_own_port(&self, service: &Cow<'a, Service>) -> Option<Cow<'a, Service>> {
        let Some(number) = self.port().filter(|number| *number != 0 && !self.is_http_proxy()) else { return Some(service.clone()) };
        let port = service.port(number)?;
        if service.ports.len() == 1 {
            return Some(service.clone());
        }
        Some(Cow::Owned(Service { ports: vec![port.clone()], ..service.as_ref().clone() }))
    }

    fn import(&self, cluster: &'a Cluster, namespace: &str, imports: &Imports) -> Vec<Cow<'a, Service>> {
        let mut services = Vec::new();
        for service in exported(cluster, namespace) {
            for hosts in imports.of(&service.namespace).filter(|hosts| hosts.take(&service.hostname)) {
                if let Some(trimmed) = self.with_own_port(&Cow::Borrowed(service)) {
                    services.push(hosts.trim_aliases(trimmed));
                    break;
                }
            }
        }
        one_namespace_a_host(&mut services, namespace);
        services
    }
}

/// The services that a namespace may see: its own private ones, those exported to it by name, then the public ones.
pub(super) fn exported<'a>(cluster: &'a Cluster, namespace: &str) -> Vec<&'a Service> {
    let (mut private, mut by_name, mut public) = (Vec::new(), Vec::new(), Vec::new());
    for service in &cluster.services {
        if service.visibility.is_public() {
            public.push(service);
        } else if service.visibility.allows(namespace, &service.namespace) {
            if service.namespace == namespace { private.push(service) } else { by_name.push(service) }
        }
    }
    private.append(&mut by_name);
    private.append(&mut public);
    private
}

/// Of a host name in several namespaces the own one counts, else that of a Kubernetes Service, else the oldest.
fn one_namespace_a_host(services: &mut Vec<Cow<Service>>, namespace: &str) {
    let mut chosen: Index<&str, (&str, Registry)> = Index::default();
    for service in services.iter() {
        let takes_over = chosen.get(service.hostname.as_str()).is_none_or(|(have, registry)| {
            let is_first_kubernetes = *registry != Registry::Kubernetes && service.registry == Registry::Kubernetes;
            service.namespace == namespace || is_first_kubernetes && *have != namespace
        });
        if takes_over {
            chosen.insert(&service.hostname, (&service.namespace, service.registry));
        }
    }
    let keep: Vec<bool> = services.iter().map(|service| chosen.get(service.hostname.as_str()).is_some_and(|(have, _)| *have == service.namespace)).collect();
    let mut keep = keep.into_iter();
    services.retain(|_| keep.next().unwrap_or_default());
}

/// The hosts of a listener, by the namespace before the slash.
struct Imports<'a> {
    by_namespace: Index<&'a str, Hosts<'a>>,
}

#[derive(Default)]
struct Hosts<'a> {
    exact: BTreeSet<&'a str>,
    wildcards: Vec<&'a str>,
}

impl<'a> Imports<'a> {
    fn new(spec: Option<&'a SidecarEgress>, namespace: &'a str) -> Self {
        let mut imports = Self { by_namespace: Index::default() };
        let Some(spec) = spec else {
            imports.by_namespace.insert("*", Hosts { exact: BTreeSet::new(), wildcards: vec!["*"] });
            return imports;
        };
        for host in &spec.hosts {
            let Some((of, name)) = host.split_once('/').filter(|(_, name)| !name.contains('/')) else { continue };
            let hosts = imports.by_namespace.entry(if of == "." { namespace } else { of }).or_default();
            if name.starts_with('*') {
                hosts.wildcards.push(name);
            } else {
                hosts.exact.insert(name);
            }
        }
        imports
    }

    /// The hosts that are imported from a namespace: those for just that one before those for any.
    fn of(&self, namespace: &str) -> impl Iterator<Item = &Hosts<'a>> {
        self.by_namespace.get(namespace).into_iter().chain(self.by_namespace.get("*"))
    }

    fn takes_rules_of(&self, service: &VirtualService, host: &str) -> bool {
        self.of(&service.namespace).any(|hosts| hosts.take(host) || !service.is_gateway_api() && hosts.any_overlaps(host))
    }
}

impl Hosts<'_> {
    /// Whether a service's host is imported.
    fn take(&self, host: &str) -> bool {
        self.exact.contains(host) || self.wildcards.iter().any(|wildcard| is_subset(host, wildcard))
    }

    /// Istio's own rules are imported by any name that they share with a host, which is more than services are.
    fn any_overlaps(&self, host: &str) -> bool {
        self.wildcards.iter().any(|wildcard| overlap(host, wildcard)) || host.starts_with('*') && self.exact.iter().any(|exact| overlap(host, exact))
    }

    fn trim_aliases<'a>(&self, mut service: Cow<'a, Service>) -> Cow<'a, Service> {
        if service.aliases.iter().any(|alias| !self.take(alias)) {
            service.to_mut().aliases.retain(|alias| self.take(alias));
        }
        service
    }
}
