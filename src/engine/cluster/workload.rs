//! Workloads: Pods and WorkloadEntries, found by name, address and label.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::endpoint::{identity, selects};
use crate::engine::{
    index::Index,
    resource::{Kind, Labels, Metadata, Pod, Resource, Spec, WorkloadEntry},
};

/// A workload that a service can select.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Workload {
    /// The object's name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its labels.
    pub labels: Labels,
    /// Its first address.
    pub address: String,
    /// Whether it is fit to serve.
    pub is_ready: bool,
    /// Whether it is being deleted.
    pub is_leaving: bool,
    /// Whether it has run to its end, so that it is behind no Service any more.
    pub has_ended: bool,
    /// Whether it is a Pod, not a WorkloadEntry.
    pub is_pod: bool,
    /// What telemetry calls it.
    pub workload: String,
    /// The service account, without its namespace.
    pub service_account: String,
    /// `spiffe://…`; empty for a WorkloadEntry without an account.
    pub identity: String,
    /// Whether a proxy beside it speaks Istio's mTLS.
    pub has_mtls: bool,
    /// Whether a proxy runs in it.
    pub has_proxy: bool,
    /// Whether that proxy is all there is in it.
    pub is_gateway: bool,
    /// `region/zone/subzone`.
    pub locality: String,
    /// The same as ztunnel is told it, where that differs: the label `istio-locality` does not count there.
    pub ambient_locality: Option<String>,
    /// The node it runs on.
    pub node: Arc<str>,
    /// The network that a WorkloadEntry names.
    pub network: String,
    /// Its ports by name.
    pub ports: BTreeMap<String, u32>,
    /// Relative weight; 0 for none.
    pub weight: u32,
}

const TLS_MODE: &str = "security.istio.io/tlsMode";
const LOCALITY: &str = "istio-locality";

/// All workloads.
#[derive(Debug, Clone, Default)]
pub struct Workloads {
    all: Vec<Workload>,
    by_name: Index<(String, String), usize>,
    by_address: Index<String, usize>,
    by_label: Index<(String, String, String), Vec<usize>>,
    by_namespace: Index<String, Vec<usize>>,
}

impl Workloads {
    pub(super) fn new(resources: &[Resource]) -> Self {
        let localities = node_localities(resources);
        let mut workloads = Self::default();
        for resource in resources {
            match &resource.spec {
                Spec::Pod(pod) => workloads.add(of_pod(&resource.metadata, pod, &localities)),
                Spec::WorkloadEntry(entry) => workloads.add(of_entry(&resource.metadata, entry)),
                _ => {}
            }
        }
        workloads
    }

    fn add(&mut self, workload: Workload) {
        let at = self.all.len();
        if workload.is_pod {
            self.by_name.insert((workload.namespace.clone(), workload.name.clone()), at);
        }
        if !workload.address.is_empty() {
            self.by_address.entry(workload.address.clone()).or_insert(at);
        }
        for (key, value) in &workload.labels {
            self.by_label.entry((workload.namespace.clone(), key.to_owned(), value.to_owned())).or_default().push(at);
        }
        self.by_namespace.entry(workload.namespace.clone()).or_default().push(at);
        self.all.push(workload);
    }

    /// All of them, in the order of the input.
    pub fn iter(&self) -> impl Iterator<Item = &Workload> {
        self.all.iter()
    }

    /// A Pod by name.
    pub fn pod(&self, namespace: &str, name: &str) -> Option<&Workload> {
        self.by_name.get(&(namespace.to_owned(), name.to_owned())).map(|&at| &self.all[at])
    }

    /// The workload that has an address.
    pub fn at_address(&self, address: &str) -> Option<&Workload> {
        self.by_address.get(address).map(|&at| &self.all[at])
    }

    /// The workloads of a namespace that have all of the labels; none where no label is asked for.
    pub fn select<'a>(&'a self, namespace: &str, selector: &'a Labels) -> impl Iterator<Item = &'a Workload> {
        let candidates = match selector.iter().next() {
            Some((key, value)) => self.by_label.get(&(namespace.to_owned(), key.to_owned(), value.to_owned())).map_or(&[][..], Vec::as_slice),
            None => &[],
        };
        candidates.iter().map(|&at| &self.all[at]).filter(|workload| selects(selector, &workload.labels))
    }
}

/// `region/zone/subzone` by node, from the nodes' labels.
fn node_localities(resources: &[Resource]) -> HashMap<&str, String> {
    let of = |metadata: &Metadata| {
        let label = |key: &str| metadata.labels.get(key).unwrap_or_default().to_owned();
        joined(&[label("topology.kubernetes.io/region"), label("topology.kubernetes.io/zone"), label("topology.istio.io/subzone")])
    };
    resources.iter().filter(|r| r.kind == Kind::Node).map(|r| (r.metadata.name.as_str(), of(&r.metadata))).collect()
}

fn joined(parts: &[String; 3]) -> String {
    parts.join("/").trim_end_matches('/').to_owned()
}

/// Whether a Pod is fit to serve. One that says nothing of it is.
pub fn is_ready(metadata: &Metadata, pod: &Pod) -> bool {
    let may_serve = match pod.status.conditions.iter().find(|condition| condition.r#type == "Ready") {
        Some(condition) => condition.status == "True",
        None => matches!(pod.status.phase.as_str(), "" | "Running"),
    };
    may_serve && !has_ended(pod) && metadata.deletion_timestamp.is_none()
}

/// Whether a Pod has run to its end: Kubernetes puts it behind no Service then, whatever that wants.
pub fn has_ended(pod: &Pod) -> bool {
    matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
}

fn of_pod(metadata: &Metadata, pod: &Pod, localities: &HashMap<&str, String>) -> Workload {
    let has_container = |name: &str| pod.spec.containers.iter().chain(&pod.spec.init_containers).any(|container| container.name == name);
    let has_proxy = has_container("istio-proxy");
    let address = match pod.status.pod_ip.as_str() {
        "" => pod.status.pod_ips.first().map(|ip| ip.ip.clone()).unwrap_or_default(),
        ip => ip.to_owned(),
    };
    let of_node = localities.get(pod.spec.node_name.as_str()).cloned().unwrap_or_default();
    let (locality, ambient_locality) = match metadata.labels.get(LOCALITY) {
        Some(label) => (label.replace('.', "/"), Some(of_node)),
        None => (of_node, None),
    };
    Workload {
        name: metadata.name.to_string(),
        namespace: metadata.namespace.to_string(),
        labels: metadata.labels.clone(),
        address,
        is_ready: is_ready(metadata, pod),
        is_leaving: metadata.deletion_timestamp.is_some(),
        has_ended: has_ended(pod),
        is_pod: true,
        workload: workload_name(metadata),
        service_account: pod.spec.service_account_name.clone(),
        identity: identity(&metadata.namespace, &pod.spec.service_account_name),
        has_mtls: metadata.labels.get(TLS_MODE).is_some_and(|mode| mode == "istio"),
        has_proxy,
        is_gateway: has_proxy && pod.spec.containers.len() == 1,
        locality,
        ambient_locality,
        node: pod.spec.node_name.as_str().into(),
        network: String::new(),
        ports: pod.spec.containers.iter().flat_map(|c| &c.ports).filter(|p| !p.name.is_empty()).map(|p| (p.name.clone(), p.container_port)).collect(),
        weight: 0,
    }
}

/// The Deployment's name where the pod's name was generated for one, else the pod's.
fn workload_name(metadata: &Metadata) -> String {
    if let Some(name) = metadata.labels.get("service.istio.io/workload-name") {
        return name.to_owned();
    }
    let controller = metadata.owner_references.iter().find(|owner| owner.controller == Some(true));
    match controller {
        Some(owner) if !metadata.generate_name.is_empty() => {
            let hash = metadata.labels.get("pod-template-hash").unwrap_or_default();
            let name =
                if owner.kind == "ReplicaSet" && !hash.is_empty() { owner.name.strip_suffix(hash).and_then(|name| name.strip_suffix('-')) } else { None };
            name.unwrap_or(&owner.name).to_owned()
        }
        _ => metadata.name.to_string(),
    }
}

fn of_entry(metadata: &Metadata, entry: &WorkloadEntry) -> Workload {
    let mut labels = metadata.labels.clone();
    labels.extend(&entry.labels);
    Workload {
        name: metadata.name.to_string(),
        namespace: metadata.namespace.to_string(),
        address: entry.address.clone(),
        is_ready: true,
        is_leaving: false,
        has_ended: false,
        is_pod: false,
        workload: metadata.labels.get("service.istio.io/workload-name").unwrap_or(&metadata.name).to_owned(),
        service_account: entry.service_account.clone(),
        identity: entry_identity(&metadata.namespace, entry),
        has_mtls: entry_has_mtls(entry, &labels),
        has_proxy: false,
        is_gateway: false,
        locality: entry_locality(entry),
        ambient_locality: entry.labels.get(LOCALITY).map(|_| entry.locality.clone()),
        node: Arc::default(),
        network: entry.network.clone(),
        ports: entry.ports.clone(),
        weight: entry.weight,
        labels,
    }
}

pub(super) fn entry_identity(namespace: &str, entry: &WorkloadEntry) -> String {
    if entry.service_account.is_empty() { String::new() } else { identity(namespace, &entry.service_account) }
}

pub(super) fn entry_has_mtls(entry: &WorkloadEntry, labels: &Labels) -> bool {
    labels.get(TLS_MODE).map_or(!entry.service_account.is_empty(), |mode| mode == "istio")
}

pub(super) fn entry_locality(entry: &WorkloadEntry) -> String {
    match (entry.locality.as_str(), entry.labels.get(LOCALITY)) {
        ("", Some(label)) => label.replace('.', "/"),
        (locality, _) => locality.to_owned(),
    }
}
