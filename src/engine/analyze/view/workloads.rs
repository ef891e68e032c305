//! Pods by their labels, and who of them is in the mesh (`pkg/config/analysis/analyzers/util/in_mesh.go`).

use super::{Index, index_of};
use crate::engine::{
    analyze::snapshot::Objects,
    resource::{Container, Kind, Labels, PodTemplate, Resource, Spec},
};

/// A pod.
#[derive(Debug, Clone, Copy)]
pub struct Pod<'a> {
    /// The object.
    pub resource: &'a Resource,
    /// Its spec and status.
    pub pod: &'a crate::engine::resource::Pod,
    /// Whether it has, or will be given, a sidecar.
    pub is_in_mesh: bool,
}

impl<'a> Pod<'a> {
    /// Its labels.
    pub fn labels(&self) -> &'a Labels {
        &self.resource.metadata.labels
    }

    /// Its name.
    pub fn name(&self) -> &'a str {
        &self.resource.metadata.name
    }

    /// Whether ztunnel takes its traffic, as the node's agent notes at the pod.
    pub fn is_in_ambient(&self) -> bool {
        self.resource.metadata.annotations.get("ambient.istio.io/redirection").is_some_and(|value| value == "enabled")
    }

    /// Its namespace.
    pub fn namespace(&self) -> &'a str {
        &self.resource.metadata.namespace
    }
}

/// All pods, in the order of the input.
#[derive(Debug)]
pub struct Workloads<'a> {
    pods: Vec<Pod<'a>>,
    by_label: Index<(&'a str, &'a str), Vec<usize>>,
    by_namespace: Index<&'a str, Vec<usize>>,
}

impl<'a> Workloads<'a> {
    pub(in crate::engine::analyze) fn new(objects: &Objects<'a>) -> Self {
        let pods = objects.of_kind(Kind::Pod);
        let mut workloads = Self { pods: Vec::with_capacity(pods.len()), by_label: index_of(pods.len()), by_namespace: Index::default() };
        for &resource in pods {
            let Spec::Pod(pod) = &resource.spec else { continue };
            let at = workloads.pods.len();
            for (key, value) in &resource.metadata.labels {
                workloads.by_label.entry((key, value)).or_default().push(at);
            }
            workloads.by_namespace.entry(&resource.metadata.namespace).or_default().push(at);
            let namespace = objects.find(Kind::Namespace, "", &resource.metadata.namespace);
            workloads.pods.push(Pod { resource, pod, is_in_mesh: in_mesh(resource, pod, namespace) });
        }
        workloads
    }

    /// All of them.
    pub fn all(&self) -> &[Pod<'a>] {
        &self.pods
    }

    /// Those of a namespace.
    pub fn in_namespace(&self, namespace: &str) -> impl Iterator<Item = &Pod<'a>> {
        self.by_namespace.get(namespace).into_iter().flatten().map(|&at| &self.pods[at])
    }

    /// Those that carry all of the labels, of one namespace or of all. No labels select every pod.
    pub fn selected<'s>(&'s self, namespace: Option<&'s str>, labels: &'s Labels) -> impl Iterator<Item = &'s Pod<'a>> {
        let rarest = labels.iter().map(|(key, value)| self.by_label.get(&(key, value)).map_or(&[][..], Vec::as_slice)).min_by_key(|pods| pods.len());
        let home = namespace.map(|namespace| self.by_namespace.get(namespace).map_or(&[][..], Vec::as_slice));
        // The shorter of the two lists is walked; both are kept by the check below.
        let walked = match (rarest, home) {
            (Some(pods), Some(home)) if home.len() < pods.len() => Some(home),
            (Some(pods), _) => Some(pods),
            (None, home) => home,
        };
        let all = walked.is_none().then_some(0..self.pods.len()).into_iter().flatten();
        all.chain(walked.into_iter().flatten().copied())
            .map(|at| &self.pods[at])
            .filter(move |pod| namespace.is_none_or(|namespace| namespace == pod.namespace()) && carries(pod.labels(), labels))
    }
}

/// Whether all of the wanted labels are there.
pub fn carries(labels: &Labels, wanted: &Labels) -> bool {
    wanted.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// Whether a pod is in the mesh: it has the proxy, or its own label or annotation, or else its namespace's label says so.
pub fn in_mesh(resource: &Resource, pod: &crate::engine::resource::Pod, namespace: Option<&Resource>) -> bool {
    let containers = pod.spec.containers.iter().chain(&pod.spec.init_containers);
    decide(containers, &resource.metadata.labels, &resource.metadata.annotations, namespace)
}

/// Whether the pods of a template will be in the mesh.
pub fn template_in_mesh(template: &PodTemplate, namespace: Option<&Resource>) -> bool {
    decide(template.spec.containers.iter(), &template.metadata.labels, &template.metadata.annotations, namespace)
}

/// The label of pods and, in older configurations, the annotation.
const INJECT: &str = "sidecar.istio.io/inject";

fn decide<'c>(containers: impl Iterator<Item = &'c Container>, labels: &Labels, annotations: &Labels, namespace: Option<&Resource>) -> bool {
    let mut containers = containers;
    if containers.find(|container| container.name == "istio-proxy").is_some_and(|proxy| !proxy.image.is_empty()) {
        return true;
    }
    let own = labels.get(INJECT).or_else(|| annotations.get(INJECT));
    own.map_or_else(
        || namespace.is_some_and(|namespace| namespace.metadata.labels.get("istio-injection").is_some_and(|value| value == "enabled")),
        |value| value == "true",
    )
}

/// Whether the pods of a namespace are in the mesh by ambient mode. A label that asks for sidecars wins.
pub fn is_ambient(namespace: &Resource) -> bool {
    let label = |key: &str| namespace.metadata.labels.get(key).unwrap_or_default();
    label("istio.io/dataplane-mode") == "ambient" && label("istio-injection") != "enabled" && label("istio.io/rev").is_empty()
}
