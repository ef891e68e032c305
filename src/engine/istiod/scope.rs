//! What of the cluster one proxy is told about.
//!
//! Retells `SidecarScope` of `pilot/pkg/model/sidecar.go` (istio/istio at 1.26.4).

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use super::{
    Proxy, ProxyType,
    access_log::AccessLogs,
    egress::{Egress, exported},
    ingress::{Ingress, ingress_listeners},
    security::Security,
};
use crate::engine::{
    cluster::{
        Cluster, DestinationRule, HttpRule, MeshConfig, PolicySubject, Registry, Service, Sidecar, VirtualService, WorkloadMode, endpoint::with_topology,
    },
    index::Index,
    resource::{ConnectionPoolSettings, Destination, Labels},
    xds::Origin,
};

/// A proxy and what it sees.
pub(super) struct Scope<'a> {
    pub cluster: &'a Cluster,
    pub proxy: &'a Proxy,
    /// The Sidecar that holds for it.
    pub sidecar: Option<Sidecar<'a>>,
    /// One for each host name, of all listeners.
    pub services: Vec<Cow<'a, Service>>,
    /// Its ways out, the one without a port last; none for a gateway.
    pub egress: Vec<Egress<'a>>,
    /// Its ways in, where a Sidecar lists them.
    pub ingress: Vec<Ingress<'a>>,
    /// The filters of the proxy's own policies.
    pub security: Security,
    /// By the proxy's own Telemetries.
    pub access_logs: AccessLogs,
    by_host: Index<String, usize>,
    topology_labels: OnceLock<Labels>,
}

impl<'a> Scope<'a> {
    pub fn new(cluster: &'a Cluster, proxy: &'a Proxy) -> Self {
        let mut scope = Self {
            cluster,
            proxy,
            sidecar: None,
            services: Vec::new(),
            egress: Vec::new(),
            ingress: Vec::new(),
            security: Security::default(),
            access_logs: AccessLogs::default(),
            by_host: Index::default(),
            topology_labels: OnceLock::new(),
        };
        scope.security = Security::new(&scope);
        scope.access_logs = AccessLogs::new(&scope);
        if proxy.r#type != ProxyType::Sidecar {
            for service in exported(cluster, &proxy.namespace) {
                scope.add(Cow::Borrowed(service));
            }
            return scope;
        }
        scope.sidecar = cluster.sidecar(&proxy.namespace, &proxy.labels);
        scope.egress = scope.egress_listeners();
        scope.ingress = scope.sidecar.map(|sidecar| ingress_listeners(sidecar, proxy)).unwrap_or_default();
        for egress in std::mem::take(&mut scope.egress) {
            for service in &egress.services {
                scope.add(service.clone());
            }
            scope.add_destinations(&egress);
            scope.egress.push(egress);
        }
        scope
    }

    /// Whom policies are for: the proxy, or what a waypoint handles for a service.
    pub fn policy_subject<'s>(&'s self, service: Option<&'s Service>) -> PolicySubject<'s> {
        let is_waypoint = self.proxy.r#type == ProxyType::Waypoint;
        PolicySubject { namespace: &self.proxy.namespace, labels: &self.proxy.labels, is_waypoint, service }
    }

    /// Which side of its workload a proxy is on where it opens tunnels. Of a waypoint both sides count as the way in.
    pub fn tunnel_mode(&self) -> WorkloadMode {
        if self.proxy.r#type == ProxyType::Waypoint { WorkloadMode::Server } else { WorkloadMode::Client }
    }

    fn egress_listeners(&self) -> Vec<Egress<'a>> {
        let (cluster, namespace) = (self.cluster, self.proxy.namespace.as_str());
        match self.sidecar.filter(|sidecar| !sidecar.spec.egress.is_empty()) {
            Some(sidecar) => {
                let listeners = sidecar.spec.egress.iter().enumerate();
                listeners.map(|(at, spec)| Egress::new(cluster, namespace, Some(spec), Some(sidecar.field(format!("spec.egress[{at}]"))))).collect()
            }
            None => vec![Egress::new(cluster, namespace, None, None)],
        }
    }

    /// The services that rules send to are known even where no host names them.
    fn add_destinations(&mut self, egress: &Egress<'a>) {
        let namespace = self.proxy.namespace.as_str();
        for (host, ports) in egress.virtual_services.iter().flat_map(|service| destinations(service, namespace)) {
            let of_host = || self.cluster.services_of_host(host);
            let own = of_host().find(|service| service.namespace == namespace);
            let seen = || of_host().find(|service| service.visibility.allows(namespace, &service.namespace));
            let Some(service) = own.or_else(seen).map(Cow::Borrowed) else { continue };
            let has_own_port = egress.port().is_some_and(|port| port != 0) && !egress.is_http_proxy();
            let trimmed = if has_own_port { egress.with_own_port(&service) } else { with_ports(service, &ports) };
            if let Some(service) = trimmed {
                self.add(service);
            }
        }
    }

    /// Of several services with one host name the oldest counts, one of Kubernetes before all others. ServiceEntries that
    /// differ in nothing but their ports are one service.
    fn add(&mut self, service: Cow<'a, Service>) {
        let Some(&at) = self.by_host.get(&service.hostname) else {
            self.by_host.insert(service.hostname.clone(), self.services.len());
            self.services.push(service);
            return;
        };
        let existing = &mut self.services[at];
        match (existing.registry, service.registry) {
            (Registry::Kubernetes, Registry::ServiceEntry) => return,
            (Registry::ServiceEntry, Registry::Kubernetes) => {
                *existing = service;
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

    /// The DestinationRule by which this proxy treats a service, as far as it knows the service.
    pub fn destination_rule(&self, service: &Service) -> Option<&'a DestinationRule> {
        self.rule(service, Some(&self.proxy.labels))
    }

    /// The DestinationRule that holds for a service of which the proxy's workload is a server.
    pub fn server_rule(&self, service: &Service) -> Option<&'a DestinationRule> {
        self.rule(service, None)
    }

    fn rule(&self, service: &Service, labels: Option<&Labels>) -> Option<&'a DestinationRule> {
        self.cluster.destination_rules.find(self.service(&service.hostname)?, &self.proxy.namespace, labels)
    }

    /// The egress listener whose routes a port has, or a socket.
    pub fn egress_for_routes(&self, port: u32, bind: &str) -> Option<&Egress<'a>> {
        self.egress.iter().find(|egress| match egress.port() {
            None => true,
            Some(0) => port == 0 && egress.spec.is_some_and(|spec| spec.bind == bind),
            Some(own) => own == port,
        })
    }

    /// Whether only known hosts can be reached. A Sidecar that says nothing of the mode means just that.
    pub fn is_registry_only(&self) -> bool {
        match self.sidecar.and_then(|sidecar| sidecar.spec.outbound_traffic_policy.as_ref()) {
            Some(policy) => policy.mode.as_deref() != Some("ALLOW_ANY"),
            None => self.mesh().is_registry_only(),
        }
    }

    /// Where unknown hosts are sent instead of where the client wanted.
    pub fn egress_proxy(&self) -> Option<&'a Destination> {
        self.sidecar?.spec.outbound_traffic_policy.as_ref()?.egress_proxy.as_ref()
    }

    /// What decides about unknown hosts, or about what is unknown.
    pub fn unknown_origin(&self, egress: Option<&Egress>) -> Option<Origin> {
        let sidecar = self.sidecar?;
        if sidecar.spec.outbound_traffic_policy.is_some() {
            return Some(sidecar.field("spec.outboundTrafficPolicy"));
        }
        egress.and_then(|egress| egress.origin.clone()).or_else(|| (!sidecar.spec.egress.is_empty()).then(|| sidecar.field("spec.egress")))
    }

    /// The pool that a Sidecar gives to a port of the workload.
    pub fn inbound_pool(&self, port: u32) -> Option<&'a ConnectionPoolSettings> {
        let sidecar = self.sidecar?;
        let mut of_port = sidecar.spec.ingress.iter().filter(|ingress| ingress.port.as_ref().is_some_and(|own| own.number == port));
        of_port.find_map(|ingress| ingress.connection_pool.as_ref()).or(sidecar.spec.inbound_connection_pool.as_ref())
    }

    /// A label of the proxy's pod.
    pub fn label(&self, key: &str) -> Option<&str> {
        let of_pod = || self.cluster.workloads.at_address(&self.proxy.ip)?.labels.get(key);
        self.proxy.labels.get(key).or_else(of_pod)
    }

    /// Where the proxy is: as it says, else as its pod is.
    pub fn locality(&self) -> &str {
        match self.proxy.locality.as_str() {
            "" => self.cluster.workloads.at_address(&self.proxy.ip).map(|workload| workload.locality.as_str()).unwrap_or_default(),
            locality => locality,
        }
    }

    /// The node that the proxy's pod runs on, empty where that is unknown.
    pub fn node(&self) -> &str {
        self.cluster.workloads.at_address(&self.proxy.ip).map(|workload| workload.node.as_ref()).unwrap_or_default()
    }

    /// The proxy's labels with those of its place.
    pub fn topology_labels(&self) -> &Labels {
        self.topology_labels.get_or_init(|| with_topology(&self.proxy.labels, self.locality(), self.node(), ""))
    }

    /// The mesh's settings.
    pub fn mesh(&self) -> &'a MeshConfig {
        &self.cluster.mesh_config
    }
}

/// The hosts that a VirtualService sends clients of a namespace to, each with its ports; 0 where one is not given.
fn destinations<'a>(service: &'a VirtualService, namespace: &str) -> BTreeMap<&'a str, BTreeSet<u32>> {
    let is_for = |rule: &&HttpRule| {
        let sources = || rule.rule.r#match.iter().map(|condition| condition.source_namespace.as_str()).filter(|source| !source.is_empty());
        sources().next().is_none() || sources().any(|source| source == namespace)
    };
    let http = service.http.iter().filter(is_for).flat_map(|rule| {
        let routes = rule.rule.route.iter().filter_map(|route| route.destination.as_ref());
        routes.chain(rule.rule.mirror.as_deref()).chain(rule.rule.mirrors.iter().filter_map(|mirror| mirror.destination.as_ref()))
    });
    let tcp = service.tcp.iter().flat_map(|rule| &rule.route).filter_map(|route| route.destination.as_ref());
    let tls = service.tls.iter().flat_map(|rule| &rule.route).filter_map(|route| route.destination.as_ref());
    let mut found: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for destination in http.chain(tcp).chain(tls) {
        found.entry(&destination.host).or_default().insert(destination.port.as_ref().map_or(0, |port| port.number));
    }
    found
}

/// A service with those of its ports that rules send to; none where they send to other ports only.
fn with_ports<'a>(service: Cow<'a, Service>, ports: &BTreeSet<u32>) -> Option<Cow<'a, Service>> {
    if ports.contains(&0) || service.ports.iter().all(|port| ports.contains(&port.number)) {
        return Some(service);
    }
    let found: Vec<_> = service.ports.iter().filter(|port| ports.contains(&port.number)).cloned().collect();
    if found.is_empty() { None } else { Some(Cow::Owned(Service { ports: found, ..service.into_owned() })) }
}
