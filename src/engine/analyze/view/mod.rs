//! What several rules ask of a snapshot, worked out once.

mod fleet;
mod host_set;
mod hosts;
mod label_selectors;
mod registry;
mod selectors;
mod workloads;

pub use crate::engine::index::{Index, index_of};
pub use fleet::{FLEET_KINDS, Fleet, Member, Membership, is_label_of_place};
pub use host_set::HostSet;
pub use hosts::{Host, HostPort, Hosts};
pub use label_selectors::LabelSelectors;
pub use registry::{Backends, REGISTRY_KINDS, Registry};
pub use selectors::{Selectors, first_label, selector_text, selects_nothing};
pub use workloads::{Pod, Workloads, carries, in_mesh, is_ambient, template_in_mesh};

use crate::engine::resource::Resource;

/// The name that a host stands for: a name without a dot is a Service of the namespace
/// (`pkg/config/analysis/analyzers/util/hosts.go`).
pub fn fqdn(namespace: &str, host: &str) -> String {
    if host.starts_with('*') || host.contains('.') { host.to_owned() } else { [host, ".", namespace, ".svc.cluster.local"].concat() }
}

/// Name and namespace of the Service that a host names; a host that is no Service's full name is one of the given namespace.
pub fn service_of<'h>(namespace: &'h str, host: &'h str) -> (&'h str, &'h str) {
    let full = host.strip_suffix(".svc.cluster.local").and_then(|rest| rest.rsplit_once('.'));
    match full {
        Some((name, home)) if !name.is_empty() && !home.is_empty() => (name, home),
        _ => (host, namespace),
    }
}

/// Whether an object belongs to Istio itself (`pkg/config/analysis/analyzers/util/config.go`).
pub fn is_control_plane(resource: &Resource) -> bool {
    let labels = &resource.metadata.labels;
    labels.contains_key("istio") || labels.get("release").is_some_and(|release| release == "istio")
}
