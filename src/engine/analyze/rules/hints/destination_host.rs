//! Names of Services that no service of the input has.

use crate::engine::{
    analyze::view::Registry,
    cluster::{DOMAIN, ROOT_NAMESPACE, service_hostname},
    resource::Resource,
};

/// Services that clusters have, whether or not the input says so: Kubernetes' and Istio's own, and those of gateways that
/// Istio makes.
pub(super) fn is_out_of_sight(registry: &Registry<'_>, gateways: &[&Resource], host: &str) -> bool {
    let Some((name, namespace)) = host.strip_suffix(DOMAIN).and_then(|rest| rest.strip_suffix(".svc.")).and_then(|rest| rest.rsplit_once('.')) else {
        return false;
    };
    let is_made_for = |gateway: &&Resource| gateway.metadata.namespace == namespace && name.starts_with(gateway.metadata.name.as_str());
    namespace.starts_with("kube-")
        || (name, namespace) == ("kubernetes", "default")
        || namespace == ROOT_NAMESPACE && !registry.has_namespace(namespace)
        || gateways.iter().any(is_made_for)
}

/// The full name of the Service that `name.namespace` or `name.namespace.svc` was meant for. Istio does not complete such names.
pub(super) fn service_meant(registry: &Registry<'_>, host: &str) -> Option<String> {
    let (name, namespace) = host.strip_suffix(".svc").unwrap_or(host).split_once('.')?;
    let full = service_hostname(name, namespace);
    registry.of_host(&full).next().map(|_| full)
}
