//! Which Sidecar holds for a workload: of its namespace, the oldest that selects it, else the oldest for all of the namespace,
//! else the root namespace's for all (`getSidecarScope`, `pilot/pkg/model/push_context.go` of istio/istio at 1.26.4).

use std::collections::HashMap;

use super::{created, endpoint::selects};
use crate::engine::{
    resource::{self, Labels, Resource, Spec},
    source::Origin,
};

/// All Sidecars, in the order in which they are asked.
#[derive(Debug, Clone, Default)]
pub struct Sidecars {
    /// Positions among the objects.
    by_namespace: HashMap<String, Vec<usize>>,
    mesh_wide: Option<usize>,
}

/// A Sidecar that holds for a workload.
#[derive(Debug, Clone, Copy)]
pub struct Sidecar<'a> {
    /// What it says.
    pub spec: &'a resource::Sidecar,
    /// The object.
    pub resource: &'a Resource,
}

impl Sidecar<'_> {
    /// The object and one of its fields.
    pub fn field(&self, path: impl Into<String>) -> Origin {
        Origin::new(self.resource.id().to_string(), path.into())
    }
}

impl Sidecars {
    pub(super) fn new(resources: &[Resource], root_namespace: &str) -> Self {
        let mut sorted: Vec<(usize, bool)> = resources
            .iter()
            .enumerate()
            .filter_map(|(at, resource)| match &resource.spec {
                Spec::Sidecar(spec) => Some((at, spec.workload_selector.is_none())),
                _ => None,
            })
            .collect();
        sorted.sort_by_cached_key(|&(at, is_for_all)| {
            let metadata = &resources[at].metadata;
            (is_for_all, created(metadata), metadata.name.clone(), metadata.namespace.clone())
        });
        let mut sidecars = Self::default();
        for (at, is_for_all) in sorted {
            let namespace = &resources[at].metadata.namespace;
            sidecars.by_namespace.entry(namespace.to_string()).or_default().push(at);
            if is_for_all && namespace == root_namespace && sidecars.mesh_wide.is_none() {
                sidecars.mesh_wide = Some(at);
            }
        }
        sidecars
    }

    /// The one for a workload with these labels in this namespace.
    pub(super) fn find<'a>(&self, resources: &'a [Resource], namespace: &str, labels: &Labels) -> Option<Sidecar<'a>> {
        let read = |at: usize| match &resources[at].spec {
            Spec::Sidecar(spec) => Some(Sidecar { spec, resource: &resources[at] }),
            _ => None,
        };
        let holds = |sidecar: &Sidecar| sidecar.spec.workload_selector.as_ref().is_none_or(|selector| selects(&selector.labels, labels));
        let of_namespace = self.by_namespace.get(namespace).into_iter().flatten();
        of_namespace.filter_map(|&at| read(at)).find(holds).or_else(|| read(self.mesh_wide?))
    }
}
