//! Whose proxy is meant: pods by the names that istioctl takes.

use super::super::names;
use crate::engine::{
    cluster::{Cluster, Workload},
    diagnostic::closest,
    istiod::Proxy,
};

/// So many pods are named where none is close to what was given.
const MOST_NAMED: usize = 10;

/// Why there is nothing to show of a pod.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PodError {
    /// There is no such pod.
    #[error("there is no pod {name:?} in the namespace {namespace:?}{hint}")]
    Unknown {
        /// As given, without its namespace.
        name: String,
        /// As given, or the default one.
        namespace: String,
        /// What could have been meant, ready to be put behind.
        hint: String,
    },
    /// The pod is not in the mesh.
    #[error(
        "the pod {name:?} in the namespace {namespace:?} has no istio-proxy container, so istiod pushes nothing to it; a pod gets one when it is made in a namespace with the label istio-injection: enabled"
    )]
    NoProxy {
        /// Its name.
        name: String,
        /// Its namespace.
        namespace: String,
    },
}

/// The proxy of a pod, by the names that [`names::meant`] takes; `home` is the namespace where none is given.
pub(in crate::engine::mesh) fn proxy_of(cluster: &Cluster, pod: &str, home: &str) -> Result<Proxy, PodError> {
    let (_, name, namespace) = names::parts(pod, home);
    match names::meant(cluster, pod, home) {
        Some(workload) if workload.has_proxy => Ok(Proxy::of_workload(workload)),
        Some(_) => Err(PodError::NoProxy { name: name.to_owned(), namespace: namespace.to_owned() }),
        None => Err(PodError::Unknown { name: name.to_owned(), namespace: namespace.to_owned(), hint: hint(cluster, name, namespace) }),
    }
}

fn hint(cluster: &Cluster, name: &str, namespace: &str) -> String {
    let with_proxy = || cluster.workloads.iter().filter(|workload| workload.is_pod && workload.has_proxy);
    let full = |workload: &Workload| format!("{}.{}", workload.name, workload.namespace);
    let ids: Vec<String> = with_proxy().map(full).collect();
    // The right name in another namespace, a slip of the finger, or the name of the app in front of what Kubernetes adds.
    let elsewhere = with_proxy().find(|workload| workload.name == name).map(full);
    let slip = closest(&format!("{name}.{namespace}"), ids.iter().map(String::as_str)).map(str::to_owned);
    let begins = with_proxy().find(|workload| workload.namespace == namespace && workload.name.starts_with(&format!("{name}-"))).map(full);
    match elsewhere.or(slip).or(begins) {
        Some(near) => format!("; did you mean {near:?}?"),
        None if ids.is_empty() => "; there is no pod with an istio-proxy container at all".to_owned(),
        None => {
            let more = if ids.len() > MOST_NAMED { format!(" and {} more", ids.len() - MOST_NAMED) } else { String::new() };
            format!("; pods with a proxy are {}{more}", ids.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", "))
        }
    }
}
