//! The Pods of Deployments, StatefulSets and DaemonSets of which the input has none, as Kubernetes and Istio's injector make them.
//!
//! What the injector adds is in `manifests/charts/istio-control/istio-discovery/files/injection-template.yaml` of istio/istio at 1.26.4.

use std::collections::BTreeMap;

use super::{Workloads, addresses::Addresses, injection::is_injected, namespaces::namespaces};
use crate::engine::resource::{Condition, Container, Kind, Labels, Metadata, OwnerReference, Pod, PodStatus, Resource, Spec, WorkloadController};

/// Pods of one controller.
const MOST_OF_ONE: usize = 20;
/// Pods beyond the first of each controller.
const MOST_MORE: usize = 200;

const PROXY: &str = "istio-proxy";
const TLS_MODE: &str = "security.istio.io/tlsMode";
const TEMPLATES: &str = "inject.istio.io/templates";

/// What the controllers make.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub pods: Vec<Resource>,
    /// Controllers that make fewer Pods than they want, by their place among the objects, with how many they make.
    pub fewer: Vec<(usize, usize)>,
}

/// The Pods of the controllers that have none.
pub(super) fn pods(resources: &[Resource], workloads: &Workloads, addresses: &mut Addresses) -> Made {
    let controllers: Vec<(usize, &Resource, &WorkloadController)> = resources
        .iter()
        .enumerate()
        .filter_map(|(at, resource)| match &resource.spec {
            Spec::WorkloadController(controller) => Some((at, resource, &**controller)),
            _ => None,
        })
        .filter(|(_, resource, controller)| !has_pods(resource, controller, workloads))
        .collect();
    let mut made = Made::default();
    if controllers.is_empty() {
        return made;
    }
    let nodes: Vec<&str> = resources.iter().filter(|resource| resource.kind == Kind::Node).map(|node| node.metadata.name.as_str()).collect();
    let (namespaces, mut more) = (namespaces(resources), MOST_MORE);
    for (at, resource, controller) in controllers {
        let wanted = match resource.kind {
            Kind::DaemonSet => nodes.len().max(1),
            _ => controller.replicas.unwrap_or(1) as usize,
        };
        let count = wanted.min(MOST_OF_ONE).min(more + 1);
        more -= count.saturating_sub(1);
        if count < wanted {
            made.fewer.push((at, count));
        }
        let first = usize::from(resource.kind != Kind::StatefulSet);
        let names = (first..).map(|number| (number, format!("{}-{number}", resource.metadata.name)));
        let free = names.filter(|(_, name)| workloads.pod(&resource.metadata.namespace, name).is_none());
        for (place, (number, name)) in free.take(count).enumerate() {
            let node = if resource.kind == Kind::DaemonSet { nodes.get(place).copied().unwrap_or_default() } else { "" };
            let Some(address) = addresses.of_pod() else { break };
            let (metadata, pod) = pod(resource, controller, (number, name), &namespaces, node, address);
            made.pods.push(resource.stand_in(Kind::Pod, metadata, Spec::Pod(Box::new(pod))));
        }
    }
    made
}

/// Whether the input has any of its Pods, or cannot tell them: then it makes none.
fn has_pods(resource: &Resource, controller: &WorkloadController, workloads: &Workloads) -> bool {
    let selector = controller.selector.as_ref().map(|selector| &selector.match_labels).filter(|labels| !labels.is_empty());
    let labels = selector.unwrap_or(&controller.template.metadata.labels);
    labels.is_empty() || workloads.select(&resource.metadata.namespace, labels).any(|workload| workload.is_pod)
}

fn pod(
    resource: &Resource,
    controller: &WorkloadController,
    (number, name): (usize, String),
    namespaces: &BTreeMap<String, Labels>,
    node: &str,
    address: String,
) -> (Metadata, Pod) {
    let (template, home) = (&controller.template, resource.metadata.namespace.as_str());
    let (mut labels, mut spec) = (template.metadata.labels.clone(), template.spec.clone());
    let of_namespace = namespaces.get(home);
    if of_namespace.is_some_and(|labels| is_injected(&template.metadata, &spec, (home, labels))) {
        // The template of gateways knows no such label.
        if template.metadata.annotations.get(TEMPLATES).is_none_or(|names| names.split(',').any(|name| name.trim() == "sidecar"))
            && !labels.contains_key(TLS_MODE)
        {
            labels.insert(TLS_MODE, "istio");
        }
        if !spec.containers.iter().chain(&spec.init_containers).any(|container| container.name == PROXY) {
            spec.containers.push(Container { name: PROXY.into(), ..Container::default() });
        }
    }
    if resource.kind == Kind::StatefulSet {
        labels.insert("statefulset.kubernetes.io/pod-name", name.as_str());
        labels.insert("apps.kubernetes.io/pod-index", number.to_string());
    }
    if !node.is_empty() {
        node.clone_into(&mut spec.node_name);
    }
    let owner = OwnerReference { kind: resource.kind.name().into(), name: resource.metadata.name.to_string(), controller: Some(true) };
    let metadata = Metadata {
        name: name.into(),
        namespace: home.into(),
        labels,
        annotations: template.metadata.annotations.clone(),
        creation_timestamp: resource.metadata.creation_timestamp.clone(),
        generate_name: format!("{}-", resource.metadata.name),
        owner_references: vec![owner],
        ..Metadata::default()
    };
    let ready = Condition { r#type: "Ready".into(), status: "True".into(), ..Condition::default() };
    let status = PodStatus { phase: "Running".into(), pod_ip: address, conditions: vec![ready], ..PodStatus::default() };
    (metadata, Pod { spec, status })
}
