//! The resources behind rows that their xDS does not name: the Service of a cluster, the pod of an endpoint.

use std::collections::HashMap;

use super::{ConfigKind, Row, clusters};
use crate::engine::{
    cluster::Cluster,
    resource::{Resource, Spec},
    xds::Origin,
};

/// Adds them at the end. Of resources with the same host or address the first counts.
pub(super) fn complete(cluster: &Cluster, kind: ConfigKind, rows: &mut [Row]) {
    let known = match kind {
        ConfigKind::Cluster => services(cluster),
        ConfigKind::Endpoint => endpoints(cluster),
        ConfigKind::Listener | ConfigKind::Route => return,
    };
    for row in rows {
        let key = match kind {
            ConfigKind::Cluster => clusters::parse(&row.resource).host,
            _ => row.cells.first().and_then(|place| place.rsplit_once(':')).map_or("", |(address, _)| address),
        };
        if let Some(&(resource, ref path)) = known.get(key) {
            let origin = Origin::new(resource.id().to_string(), path.clone());
            if !row.origins.iter().any(|own| own.resource == origin.resource) {
                row.origins.push(origin);
            }
        }
    }
}

type Known<'a> = HashMap<String, (&'a Resource, String)>;

/// Services and ServiceEntries by host.
fn services(cluster: &Cluster) -> Known<'_> {
    let mut known = Known::new();
    for resource in &cluster.resources {
        match &resource.spec {
            Spec::Service(_) => {
                let host = format!("{}.{}.svc.cluster.local", resource.metadata.name, resource.metadata.namespace);
                known.entry(host).or_insert_with(|| (resource, String::new()));
            }
            Spec::ServiceEntry(entry) => {
                for (at, host) in entry.hosts.iter().enumerate() {
                    known.entry(host.to_ascii_lowercase()).or_insert_with(|| (resource, format!("spec.hosts[{at}]")));
                }
            }
            _ => {}
        }
    }
    known
}

/// Pods, WorkloadEntries and the endpoints of ServiceEntries by address.
fn endpoints(cluster: &Cluster) -> Known<'_> {
    let mut known = Known::new();
    for resource in &cluster.resources {
        match &resource.spec {
            Spec::Pod(pod) => {
                known.entry(pod.status.pod_ip.clone()).or_insert_with(|| (resource, "status.podIP".to_owned()));
            }
            Spec::WorkloadEntry(entry) => {
                known.entry(entry.address.clone()).or_insert_with(|| (resource, "spec.address".to_owned()));
            }
            Spec::ServiceEntry(entry) => {
                for (at, endpoint) in entry.endpoints.iter().enumerate() {
                    known.entry(endpoint.address.clone()).or_insert_with(|| (resource, format!("spec.endpoints[{at}].address")));
                }
            }
            _ => {}
        }
    }
    known.remove("");
    known
}
