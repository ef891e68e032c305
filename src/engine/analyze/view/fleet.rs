//! Everything that runs, or is about to: Pods, the templates of controllers that have no Pods yet, workloads outside
//! Kubernetes, and the gateways that Istio makes out of Gateway API resources.
//!
//! Hints ask it what a selector can select. It rather says that something may be there than that it is not: labels that are
//! only added while a pod is made count as carried by whatever has not been made yet.

use std::borrow::Cow;

use super::{Index, index_of};
use crate::engine::{
    analyze::{snapshot::Objects, stand_in},
    resource::{Container, Kind, Labels, Metadata, PodSpec, Resource, Spec},
};

/// How a workload takes part in the mesh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// A proxy runs in it, or will be put into it.
    Proxy,
    /// The node's ztunnel speaks for it.
    Ambient,
    /// Not at all.
    Outside,
    /// Its namespace is not known.
    Unknown,
}

/// A workload.
#[derive(Debug)]
pub struct Member<'a> {
    /// The Pod, its controller, or the WorkloadEntry, WorkloadGroup or Gateway.
    pub resource: &'a Resource,
    /// The labels of its pods.
    pub labels: Cow<'a, Labels>,
    /// Whether it is in the mesh.
    pub membership: Membership,
    /// Whether the proxy is all there is in it.
    pub is_gateway: bool,
    /// Whether it is made already, so that its labels are all there.
    pub is_made: bool,
    /// How many of it there are.
    pub replicas: usize,
    /// The service account that it runs under, as written.
    pub service_account: &'a str,
    /// Its containers, where it has any.
    pub containers: &'a [Container],
}

impl<'a> Member<'a> {
    /// Its namespace.
    pub fn namespace(&self) -> &'a str {
        &self.resource.metadata.namespace
    }

    /// Whether it has all of the labels, or may come to have them.
    pub fn may_carry(&self, wanted: &Labels) -> bool {
        wanted.iter().all(|(key, value)| self.labels.get(key) == Some(value) || self.may_be_given(key))
    }

    /// Labels of place are added to endpoints; those of injection and of the controllers to pods.
    fn may_be_given(&self, key: &str) -> bool {
        if is_label_of_place(key) {
            return true;
        }
        let domain = key.split_once('/').map_or("", |(domain, _)| domain);
        let is_given_late = domain.ends_with("istio.io") || domain.ends_with("kubernetes.io") || key.ends_with("-hash");
        !self.is_made && is_given_late && !self.labels.contains_key(key)
    }
}

/// Labels that Istio adds to every endpoint: where it is.
pub fn is_label_of_place(key: &str) -> bool {
    key.starts_with("topology.") || key == "kubernetes.io/hostname"
}

/// All of them, in the order of the input.
#[derive(Debug, Default)]
pub struct Fleet<'a> {
    members: Vec<Member<'a>>,
    by_label: Index<(Cow<'a, str>, Cow<'a, str>), Vec<usize>>,
    by_namespace: Index<&'a str, Vec<usize>>,
    /// Those that the input says nothing of.
    assumed: usize,
}

/// The kinds that it is made of.
pub const FLEET_KINDS: &[Kind] =
    &[Kind::Pod, Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet, Kind::WorkloadEntry, Kind::WorkloadGroup, Kind::K8sGateway, Kind::Namespace];

impl<'a> Fleet<'a> {
    pub(in crate::engine::analyze) fn new(objects: &Objects<'a>) -> Self {
        let most = FLEET_KINDS.iter().map(|kind| objects.of_kind(*kind).len()).sum();
        let mut fleet = Self { members: Vec::with_capacity(most), by_label: index_of(most), ..Self::default() };
        for &resource in objects.of_kind(Kind::Pod) {
            let Spec::Pod(pod) = &resource.spec else { continue };
            let membership = membership(&resource.metadata, &pod.spec, home(objects, resource));
            fleet.assumed += usize::from(stand_in::is_one(resource));
            fleet.add(of_pod_spec(resource, Cow::Borrowed(&resource.metadata.labels), &pod.spec, membership, true, 1));
        }
        for &resource in [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet].into_iter().flat_map(|kind| objects.of_kind(kind)) {
            let Spec::WorkloadController(controller) = &resource.spec else { continue };
            let template = &controller.template;
            let has_pods = fleet.selected(Some(&resource.metadata.namespace), &template.metadata.labels).any(|member| member.is_made);
            // A template without labels would stand for every pod; the API server refuses it.
            if has_pods || template.metadata.labels.is_empty() {
                continue;
            }
            let membership = membership(&template.metadata, &template.spec, home(objects, resource));
            let replicas = controller.replicas.unwrap_or(1) as usize;
            fleet.add(of_pod_spec(resource, Cow::Borrowed(&template.metadata.labels), &template.spec, membership, false, replicas));
        }
        for &resource in [Kind::WorkloadEntry, Kind::WorkloadGroup].into_iter().flat_map(|kind| objects.of_kind(kind)) {
            fleet.add(of_machine(resource));
        }
        objects.of_kind(Kind::K8sGateway).iter().for_each(|resource| fleet.add(of_gateway(resource)));
        fleet
    }

    fn add(&mut self, member: Member<'a>) {
        let at = self.members.len();
        let mut file = |key: Cow<'a, str>, value: Cow<'a, str>| self.by_label.entry((key, value)).or_default().push(at);
        match &member.labels {
            &Cow::Borrowed(labels) => labels.iter().for_each(|(key, value)| file(key.into(), value.into())),
            Cow::Owned(labels) => labels.iter().for_each(|(key, value)| file(key.to_owned().into(), value.to_owned().into())),
        }
        self.by_namespace.entry(member.namespace()).or_default().push(at);
        self.members.push(member);
    }

    /// All of them.
    pub fn all(&self) -> &[Member<'a>] {
        &self.members
    }

    /// Whether the input says of anything that it runs.
    pub fn is_known(&self) -> bool {
        self.members.len() > self.assumed
    }

    /// Those of a namespace.
    pub fn in_namespace(&self, namespace: &str) -> impl Iterator<Item = &Member<'a>> {
        self.by_namespace.get(namespace).into_iter().flatten().map(|&at| &self.members[at])
    }

    /// Those that carry all of the labels, or may; of one namespace or of all. No labels select everything.
    pub fn selected<'s>(&'s self, namespace: Option<&'s str>, labels: &'s Labels) -> impl Iterator<Item = &'s Member<'a>> {
        // A label that pods are given late is in no index of what is not made yet.
        let certain = labels.iter().filter(|(key, _)| !key.contains('/') && !key.ends_with("-hash"));
        let rarest = certain
            .map(|(key, value)| self.by_label.get(&(Cow::from(key), Cow::from(value))).map_or(&[][..], Vec::as_slice))
            .min_by_key(|members| members.len());
        let home = namespace.map(|namespace| self.by_namespace.get(namespace).map_or(&[][..], Vec::as_slice));
        let walked = match (rarest, home) {
            (Some(members), Some(home)) if home.len() < members.len() => Some(home),
            (Some(members), _) => Some(members),
            (None, home) => home,
        };
        let all = walked.is_none().then_some(0..self.members.len()).into_iter().flatten();
        all.chain(walked.into_iter().flatten().copied())
            .map(|at| &self.members[at])
            .filter(move |member| namespace.is_none_or(|namespace| namespace == member.namespace()) && member.may_carry(labels))
    }
}

fn home<'a>(objects: &Objects<'a>, resource: &Resource) -> Option<&'a Resource> {
    objects.find(Kind::Namespace, "", &resource.metadata.namespace)
}

fn of_pod_spec<'a>(resource: &'a Resource, labels: Cow<'a, Labels>, spec: &'a PodSpec, membership: Membership, is_made: bool, replicas: usize) -> Member<'a> {
    let is_gateway = matches!(spec.containers.as_slice(), [only] if only.name == PROXY);
    Member { resource, labels, membership, is_gateway, is_made, replicas, service_account: &spec.service_account_name, containers: &spec.containers }
}

/// A WorkloadEntry, or the entries that a WorkloadGroup's machines register: the labels of both the object and its spec.
fn of_machine(resource: &Resource) -> Member<'_> {
    let (own, given) = match &resource.spec {
        Spec::WorkloadEntry(entry) => (&resource.metadata.labels, &entry.labels),
        Spec::WorkloadGroup(group) => (&group.metadata.labels, &group.template.labels),
        _ => (&resource.metadata.labels, &resource.metadata.labels),
    };
    let mut labels = own.clone();
    labels.extend(given);
    Member {
        resource,
        labels: Cow::Owned(labels),
        // A machine runs its own proxy, or none; the entry does not say.
        membership: Membership::Unknown,
        is_gateway: false,
        is_made: resource.kind != Kind::WorkloadGroup,
        replicas: 1,
        service_account: "",
        containers: &[],
    }
}

/// The Deployment that Istio makes for a Gateway of the Gateway API.
fn of_gateway(resource: &Resource) -> Member<'_> {
    let mut labels = resource.metadata.labels.clone();
    labels.insert("gateway.networking.k8s.io/gateway-name", resource.metadata.name.clone());
    Member {
        resource,
        labels: Cow::Owned(labels),
        membership: Membership::Proxy,
        is_gateway: true,
        is_made: false,
        replicas: 1,
        service_account: "",
        containers: &[],
    }
}

const PROXY: &str = "istio-proxy";
const INJECT: &str = "sidecar.istio.io/inject";
const MODE: &str = "istio.io/dataplane-mode";

/// What the injector of the default installation and the CNI plugin would do.
fn membership(metadata: &Metadata, spec: &PodSpec, namespace: Option<&Resource>) -> Membership {
    let (labels, annotations) = (&metadata.labels, &metadata.annotations);
    if spec.containers.iter().chain(&spec.init_containers).any(|container| container.name == PROXY) {
        return Membership::Proxy;
    }
    // Pods on the node's own network are neither injected nor redirected.
    if spec.host_network {
        return Membership::Outside;
    }
    let of_namespace = |key: &str| namespace.and_then(|namespace| namespace.metadata.labels.get(key));
    let own = labels.get(INJECT).or_else(|| annotations.get(INJECT));
    let has_revision = labels.get("istio.io/rev").is_some_and(|revision| !revision.is_empty()) || of_namespace("istio.io/rev").is_some();
    let is_injected = match (own, of_namespace("istio-injection")) {
        (Some("false"), _) | (_, Some("disabled")) => false,
        (Some("true"), _) | (_, Some("enabled")) => true,
        _ => has_revision,
    };
    match labels.get(MODE).or_else(|| of_namespace(MODE)) {
        _ if is_injected => Membership::Proxy,
        Some("ambient") => Membership::Ambient,
        _ if namespace.is_none() => Membership::Unknown,
        _ => Membership::Outside,
    }
}
