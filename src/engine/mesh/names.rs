//! Who is who in a cluster: workloads by name or address, services by the names that a workload may call them by.

use std::collections::BTreeMap;

use super::Membership;
use crate::engine::{
    cluster::{self, Cluster, has_ended, is_ready},
    resource::{IntOrString, Pod, PodSpec, Resource, Service, ServiceEntry, Spec},
};

const CLUSTER_DOMAIN: &str = "svc.cluster.local";

/// A pod as a party of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Workload<'a> {
    pub resource: &'a Resource,
    pub pod: &'a Pod,
    /// Whether it is in ambient mode.
    pub is_ambient: bool,
}

/// What stands between a pod's application and the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attachment {
    Sidecar,
    /// The proxy is all there is in the pod.
    GatewayProxy,
    /// The proxy of its node.
    Ztunnel,
    None,
}

impl Workload<'_> {
    pub fn id(&self) -> String {
        format!("{}.{}", self.resource.metadata.name, self.resource.metadata.namespace)
    }

    pub fn attachment(&self) -> Attachment {
        let containers = || self.pod.spec.containers.iter().chain(&self.pod.spec.init_containers);
        if self.is_ambient {
            Attachment::Ztunnel
        } else if !containers().any(|container| container.name == "istio-proxy") {
            Attachment::None
        } else if is_gateway_proxy(&self.pod.spec) {
            Attachment::GatewayProxy
        } else {
            Attachment::Sidecar
        }
    }
}

/// Whether a proxy is all there is in a pod.
pub(super) fn is_gateway_proxy(spec: &PodSpec) -> bool {
    !spec.containers.is_empty() && spec.containers.iter().all(|container| container.name == "istio-proxy") && spec.init_containers.is_empty()
}

/// All pods, in the order of the input.
pub(super) fn workloads(cluster: &Cluster) -> impl Iterator<Item = Workload<'_>> {
    cluster.resources.iter().filter_map(|resource| match &resource.spec {
        Spec::Pod(pod) => {
            let is_ambient = cluster.ambient.captured(&resource.metadata.namespace, &resource.metadata.name).is_some();
            Some(Workload { resource, pod, is_ambient })
        }
        _ => None,
    })
}

/// The pod that is meant by `[pod/]name[.namespace]`, or by the name of a Deployment or its like, also as `deploy/name[.namespace]`: the
/// first of its pods then, as with `kubectl exec` and istioctl. `home` is the namespace where none is given.
pub(super) fn meant<'a>(cluster: &'a Cluster, given: &str, home: &str) -> Option<&'a cluster::Workload> {
    let (kind, name, namespace) = parts(given, home);
    let of_name = |pod: &&cluster::Workload| pod.is_pod && pod.workload == name && pod.namespace == namespace;
    let exact = (kind == "pod").then(|| cluster.workloads.pod(namespace, name)).flatten();
    exact.or_else(|| cluster.workloads.iter().find(of_name))
}

/// Kind, name and namespace of what is given.
pub(super) fn parts<'a>(given: &'a str, home: &'a str) -> (&'a str, &'a str, &'a str) {
    const KINDS: &[&str] = &["pod", "deployment", "deploy", "statefulset", "sts", "daemonset", "ds"];
    let (kind, full) = given.split_once('/').filter(|(kind, _)| KINDS.contains(kind)).unwrap_or(("pod", given));
    let (name, namespace) = full.rsplit_once('.').unwrap_or((full, home));
    (kind, name, namespace)
}

/// How the pods of each namespace are in the mesh, gateways aside; none where they differ.
pub(super) fn memberships(cluster: &Cluster) -> BTreeMap<&str, Option<Membership>> {
    let mut modes: BTreeMap<&str, Option<Membership>> = BTreeMap::new();
    for workload in workloads(cluster) {
        let mode = match workload.attachment() {
            Attachment::Sidecar => Membership::Sidecar,
            Attachment::Ztunnel => Membership::Ambient,
            Attachment::None => Membership::None,
            Attachment::GatewayProxy => continue,
        };
        let known = modes.entry(&workload.resource.metadata.namespace).or_insert(Some(mode));
        *known = known.filter(|known| *known == mode);
    }
    modes
}

/// The pod with an address.
pub(super) fn workload_at<'a>(cluster: &'a Cluster, ip: &str) -> Option<Workload<'a>> {
    workloads(cluster).find(|workload| !ip.is_empty() && workload.pod.status.pod_ip == ip)
}

/// Where a host name leads, as DNS in the caller's pod would say.
#[derive(Debug, Clone, Copy)]
pub(super) enum Resolved<'a> {
    Service(&'a Resource, &'a Service),
    ServiceEntry(&'a Resource, &'a ServiceEntry),
    /// The name is an address itself.
    Address,
    /// A name that the cluster does not know and that public DNS may.
    Elsewhere,
    /// A name that only the cluster could know, and does not.
    Nowhere,
}

/// Resolves a host that a workload of `namespace` calls.
pub(super) fn resolve<'a>(cluster: &'a Cluster, namespace: &str, host: &str) -> Resolved<'a> {
    if host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok() {
        return Resolved::Address;
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let service = services(cluster).find(|(resource, _)| {
        let (name, home) = (&resource.metadata.name, &resource.metadata.namespace);
        (home == namespace && host == *name)
            || host == format!("{name}.{home}")
            || host == format!("{name}.{home}.svc")
            || host == format!("{name}.{home}.{CLUSTER_DOMAIN}")
    });
    if let Some((resource, service)) = service {
        return Resolved::Service(resource, service);
    }
    let entry = cluster.resources.iter().find_map(|resource| match &resource.spec {
        Spec::ServiceEntry(entry) if entry.hosts.iter().any(|pattern| covers(pattern, &host)) => Some((resource, entry)),
        _ => None,
    });
    match entry {
        Some((resource, entry)) => Resolved::ServiceEntry(resource, entry),
        None if !host.contains('.') || host.rsplit('.').next() == Some("svc") || host.ends_with(CLUSTER_DOMAIN) => Resolved::Nowhere,
        None => Resolved::Elsewhere,
    }
}

/// All Kubernetes Services with the objects they come from.
pub(super) fn services(cluster: &Cluster) -> impl Iterator<Item = (&Resource, &Service)> {
    cluster.resources.iter().filter_map(|resource| match &resource.spec {
        Spec::Service(service) => Some((resource, service.as_ref())),
        _ => None,
    })
}

/// The pods that a Service selects and that are ready, or need not be.
pub(super) fn selected<'a>(cluster: &'a Cluster, resource: &Resource, service: &Service) -> Vec<Workload<'a>> {
    if service.selector.is_empty() {
        return Vec::new();
    }
    workloads(cluster)
        .filter(|workload| {
            let metadata = &workload.resource.metadata;
            metadata.namespace == resource.metadata.namespace
                && service.selector.iter().all(|(key, value)| metadata.labels.get(key) == Some(value))
                && !has_ended(workload.pod)
                && (service.publish_not_ready_addresses || is_ready(metadata, workload.pod))
        })
        .collect()
}

/// The pod's port behind a Service's port.
pub(super) fn target_port(service: &Service, port: u32, pod: &Pod) -> Option<u32> {
    let service_port = service.ports.iter().find(|candidate| candidate.port == port)?;
    match &service_port.target_port {
        None => Some(service_port.port),
        Some(IntOrString::Int(number)) => Some(*number),
        Some(IntOrString::String(name)) => pod
            .spec
            .containers
            .iter()
            .flat_map(|container| &container.ports)
            .find(|candidate| candidate.name == *name)
            .map(|candidate| candidate.container_port),
    }
}

/// The gateways that a client from outside can reach: pods that are only a proxy, behind Services of type LoadBalancer or NodePort.
pub(super) fn edges(cluster: &Cluster) -> impl Iterator<Item = (Workload<'_>, &Service)> {
    services(cluster).filter(|(_, service)| matches!(service.r#type.as_str(), "LoadBalancer" | "NodePort")).filter_map(|(resource, service)| {
        let gateway = selected(cluster, resource, service).into_iter().find(|workload| workload.attachment() == Attachment::GatewayProxy)?;
        Some((gateway, service))
    })
}

/// Whether a ServiceEntry's host, perhaps with a leading `*.`, covers a name.
fn covers(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => host.len() > suffix.len() && host.ends_with(&suffix.to_ascii_lowercase()),
        None => pattern.eq_ignore_ascii_case(host),
    }
}
