//! What of the cluster one proxy is told about.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use super::Proxy;
use crate::engine::cluster::{Cluster, DestinationRule, MESH, MeshConfig, Registry, Service, VirtualService, endpoint::with_topology, host::HostMap};

/// A proxy and what it sees. Without a Sidecar resource that is all that is exported to its namespace.
pub(super) struct Scope<'a> {
    pub cluster: &'a Cluster,
    pub proxy: &'a Proxy,
    /// One for each host name, oldest first.
    pub services: Vec<Cow<'a, Service>>,
    /// All that listeners and routes are built from: several may have one host name, in one namespace.
    pub imported: Vec<&'a Service>,
    /// Those that hold for sidecars.
    pub virtual_services: Vec<&'a VirtualService>,
    by_host: HashMap<String, usize>,
    /// By host, the VirtualService that comes nearest to it.
    nearest: HostMap<(String, String)>,
}

impl<'a> Scope<'a> {
    pub fn new(cluster: &'a Cluster, proxy: &'a Proxy) -> Self {
        let namespace = proxy.namespace.as_str();
        let mut scope = Self {
            cluster,
            proxy,
            services: Vec::new(),
            imported: Vec::new(),
            virtual_services: cluster.virtual_services.of_gateway(MESH, namespace),
            by_host: HashMap::new(),
            nearest: HostMap::default(),
        };
        scope.imported = imported(cluster, namespace);
        for service in scope.imported.clone() {
            scope.add(service);
        }
        for service in &scope.virtual_services {
            for host in &service.hosts {
                scope.nearest.entry(host).or_insert_with(|| (service.namespace.clone(), service.name.clone()));
            }
        }
        scope
    }

    /// Of several services with one host name the oldest counts, one of Kubernetes before all others. ServiceEntries that
    /// differ in nothing but their ports are one service.
    fn add(&mut self, service: &'a Service) {
        let Some(&at) = self.by_host.get(&service.hostname) else {
            self.by_host.insert(service.hostname.clone(), self.services.len());
            self.services.push(Cow::Borrowed(service));
            return;
        };
        let existing = &mut self.services[at];
        match (existing.registry, service.registry) {
            (Registry::Kubernetes, Registry::ServiceEntry) => return,
            (Registry::ServiceEntry, Registry::Kubernetes) => {
                *existing = Cow::Borrowed(service);
                return;
            }
            _ => {}
        }
        let can_merge = existing.namespace == service.namespace
            && existing.resolution == service.resolution
            && existing.labels == service.labels
            && existing.selector == service.selector
            && existing.visibility == service.visibility;
        if can_merge && existing.ports != service.ports {
            let missing: Vec<_> = service.ports.iter().filter(|port| existing.port(port.number).is_none()).cloned().collect();
            existing.to_mut().ports.extend(missing);
        }
    }

    /// The service of a host name.
    pub fn service(&self, host: &str) -> Option<&Service> {
        self.by_host.get(host).map(|&at| self.services[at].as_ref())
    }

    /// The DestinationRule by which this proxy treats a service.
    pub fn destination_rule(&self, service: &Service) -> Option<&'a DestinationRule> {
        self.cluster.destination_rules.find(service, &self.proxy.namespace, Some(&self.proxy.labels))
    }

    /// The DestinationRule that holds for a service of which the proxy's workload is a server.
    pub fn server_rule(&self, service: &Service) -> Option<&'a DestinationRule> {
        self.cluster.destination_rules.find(service, &self.proxy.namespace, None)
    }

    /// Whether no other VirtualService comes nearer to a host than this one.
    pub fn is_nearest(&self, host: &str, service: &VirtualService) -> bool {
        self.nearest.find(host).is_some_and(|(namespace, name)| (namespace.as_str(), name.as_str()) == service.key())
    }

    /// A label of the proxy's pod.
    pub fn label(&self, key: &str) -> Option<&str> {
        let of_pod = || self.cluster.workloads.at_address(&self.proxy.ip)?.labels.get(key);
        self.proxy.labels.get(key).or_else(of_pod).map(String::as_str)
    }

    /// Where the proxy is: as it says, else as its pod is.
    pub fn locality(&self) -> &str {
        match self.proxy.locality.as_str() {
            "" => self.cluster.workloads.at_address(&self.proxy.ip).map(|workload| workload.locality.as_str()).unwrap_or_default(),
            locality => locality,
        }
    }

    /// The proxy's labels with those of its place.
    pub fn topology_labels(&self) -> BTreeMap<String, String> {
        let node = self.cluster.workloads.at_address(&self.proxy.ip).map(|workload| workload.node.as_str()).unwrap_or_default();
        with_topology(&self.proxy.labels, self.locality(), node)
    }

    /// The mesh's settings.
    pub fn mesh(&self) -> &'a MeshConfig {
        &self.cluster.mesh_config
    }
}

/// The services that a namespace sees. Of a host name in several namespaces the own one counts, else that of a Kubernetes
/// Service, else the oldest.
fn imported<'a>(cluster: &'a Cluster, namespace: &str) -> Vec<&'a Service> {
    let own = |service: &&Service| !service.visibility.is_public() && service.visibility.allows(namespace, &service.namespace);
    let public = cluster.services.iter().filter(|service| service.visibility.is_public());
    let mut services: Vec<&Service> = cluster.services.iter().filter(own).chain(public).collect();
    let mut chosen: HashMap<&str, &Service> = HashMap::new();
    for &service in &services {
        let takes_over = chosen.get(service.hostname.as_str()).is_none_or(|have| {
            let is_first_kubernetes = have.registry != Registry::Kubernetes && service.registry == Registry::Kubernetes;
            service.namespace == namespace || is_first_kubernetes && have.namespace != namespace
        });
        if takes_over {
            chosen.insert(&service.hostname, service);
        }
    }
    services.retain(|service| chosen.get(service.hostname.as_str()).is_some_and(|have| have.namespace == service.namespace));
    services
}
