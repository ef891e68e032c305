//! Who somebody means by a name: a pod, its workload, its app and version, or a Service with its subset as answers write it.

use super::super::{Scene, describe, names};
use crate::engine::resource::Spec;

const CLUSTER_DOMAIN: &str = ".svc.cluster.local";

/// Whether a destination, as answers write it, is meant: `reviews/v2` by itself, by its Service, and by longer names of that.
pub(super) fn is_destination(destination: &str, who: &str) -> bool {
    if destination.is_empty() {
        return false;
    }
    let (host, subset) = who.split_once('/').map_or((who, None), |(host, subset)| (host, Some(subset)));
    let host = host.strip_suffix(CLUSTER_DOMAIN).unwrap_or(host);
    let host = host.strip_suffix(".default").filter(|name| !name.contains('.')).unwrap_or(host);
    match (destination.split_once('/'), subset) {
        (Some((service, known)), Some(subset)) => service == host && known == subset,
        (Some((service, _)), None) => service == host,
        (None, None) => destination == host,
        (None, Some(_)) => destination == who,
    }
}

/// Whether a pod, `name.namespace`, is meant.
pub(super) fn is_pod(scene: &Scene, id: &str, who: &str) -> bool {
    names::workloads(&scene.cluster).find(|workload| workload.id() == id).is_some_and(|workload| is_workload(workload, who))
}

fn is_workload(workload: names::Workload<'_>, who: &str) -> bool {
    let metadata = &workload.resource.metadata;
    let bare = who.strip_suffix(metadata.namespace.as_str()).and_then(|who| who.strip_suffix('.')).unwrap_or(who);
    let label = |names: [&str; 2]| names.into_iter().find_map(|name| metadata.labels.get(name));
    let app = label(["app", "app.kubernetes.io/name"]);
    let is_app = || {
        let version = label(["version", "app.kubernetes.io/version"]);
        app.zip(version).is_some_and(|(app, version)| who.split_once('/') == Some((app, version)))
    };
    metadata.name == bare || owner(&metadata.name, metadata.labels.get("pod-template-hash")) == Some(bare) || is_app()
}

/// What a pod is a replica of: its name without what a Deployment or a StatefulSet puts behind its own.
fn owner<'a>(pod: &'a str, hash: Option<&str>) -> Option<&'a str> {
    let (owner, _) = pod.rsplit_once('-')?;
    Some(hash.and_then(|hash| owner.strip_suffix(hash)?.strip_suffix('-')).unwrap_or(owner))
}

/// Whether anybody here can be meant. Of hosts outside the cluster nothing is known, so a name with a dot may be one.
pub(super) fn is_known(scene: &Scene, who: &str) -> bool {
    let host = who.split('/').next().unwrap_or(who);
    let is_service = |name: &str, namespace: &str| is_destination(&describe::service_name(name, namespace, ""), host);
    host == "passthrough"
        || is_outside(host)
        || names::services(&scene.cluster).any(|(resource, _)| is_service(&resource.metadata.name, &resource.metadata.namespace))
        || scene.cluster.resources.iter().any(|resource| matches!(&resource.spec, Spec::ServiceEntry(entry) if entry.hosts.iter().any(|known| *known == host)))
        || names::workloads(&scene.cluster).any(|workload| is_workload(workload, who))
}

/// A name that may be one of public DNS: a dot in it, and not that of a pod or a Service with its namespace.
fn is_outside(host: &str) -> bool {
    !host.ends_with(CLUSTER_DOMAIN) && host.matches('.').count() > 1
}

/// Names that may have been meant.
pub(super) fn candidates(scene: &Scene) -> Vec<String> {
    let services = names::services(&scene.cluster).map(|(resource, _)| describe::service_name(&resource.metadata.name, &resource.metadata.namespace, ""));
    let pods = names::workloads(&scene.cluster).flat_map(|workload| {
        let metadata = &workload.resource.metadata;
        let owner = owner(&metadata.name, metadata.labels.get("pod-template-hash")).map(str::to_owned);
        owner.into_iter().chain([metadata.name.to_string()])
    });
    services.chain(pods).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_has_shorter_and_longer_names() {
        for who in ["reviews/v2", "reviews", "reviews.default", "reviews.default.svc.cluster.local", "reviews.default/v2"] {
            assert!(is_destination("reviews/v2", who), "{who}");
        }
        for who in ["reviews/v1", "review", "reviews.foo", "", "v2"] {
            assert!(!is_destination("reviews/v2", who), "{who}");
        }
        assert!(is_destination("httpbin.foo", "httpbin.foo.svc.cluster.local"));
        assert!(is_destination("httpbin.org", "httpbin.org"));
        assert!(!is_destination("reviews", "reviews/v2") && !is_destination("", ""));
    }

    #[test]
    fn a_pod_is_a_replica_of_something() {
        assert_eq!(owner("reviews-v2-a", None), Some("reviews-v2"));
        assert_eq!(owner("reviews-v2-7f5dfc8b5c-x2x9k", Some("7f5dfc8b5c")), Some("reviews-v2"));
        assert_eq!(owner("db-0", None), Some("db"));
        assert_eq!(owner("alone", None), None);
    }
}
