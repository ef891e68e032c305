//! The cluster under analysis: objects by kind and by name.

use std::{sync::OnceLock, time::Duration};

use super::{
    stand_in,
    view::{Fleet, Hosts, Index, Registry, Workloads, index_of},
};
use crate::engine::{
    cluster::{DestinationRules, MeshConfig, MeshNetworks},
    diagnostic::Diagnostic,
    resource::{Kind, Resource, ResourceId},
    validate::undecodable,
};

/// Namespaces of Kubernetes itself, whose objects are not looked at (`pkg/kube/inject/initializer.go`).
const IGNORED_NAMESPACES: &[&str] = &["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

/// Objects by kind and by name, one of a name.
#[derive(Debug)]
pub(super) struct Objects<'a> {
    /// In the order of [`Kind::ALL`].
    by_kind: Vec<Vec<&'a Resource>>,
    by_id: Index<(Kind, &'a str, &'a str), &'a Resource>,
}

impl<'a> Objects<'a> {
    fn with_capacity(count: usize) -> Self {
        Self { by_kind: vec![Vec::new(); Kind::ALL.len()], by_id: index_of(count) }
    }

    fn add(&mut self, resource: &'a Resource) {
        let key = (resource.kind, resource.metadata.namespace.as_str(), resource.metadata.name.as_str());
        // What comes again word for word is passed over, so that istioctl names the place where it stood first.
        if self.by_id.get(&key).is_some_and(|before| text(before) == text(resource)) {
            return;
        }
        let of_kind = &mut self.by_kind[resource.kind as usize];
        match self.by_id.insert(key, resource) {
            None => of_kind.push(resource),
            // Names that come twice are rare enough to be searched for.
            Some(before) => {
                if let Some(place) = of_kind.iter_mut().find(|known| std::ptr::eq(**known, before)) {
                    *place = resource;
                }
            }
        }
    }

    pub(super) fn of_kind(&self, kind: Kind) -> &[&'a Resource] {
        &self.by_kind[kind as usize]
    }

    pub(super) fn find(&self, kind: Kind, namespace: &str, name: &str) -> Option<&'a Resource> {
        self.by_id.get(&(kind, namespace, name)).copied()
    }
}

/// The cluster and its settings, with what several rules ask of it worked out once.
#[derive(Debug)]
pub struct Snapshot<'a> {
    pub(super) objects: Objects<'a>,
    pub(super) mesh: &'a MeshConfig,
    pub(super) networks: &'a MeshNetworks,
    pub(super) workloads: Workloads<'a>,
    pub(super) hosts: Hosts<'a>,
    pub(super) now: Option<Duration>,
    left_out: Vec<Diagnostic>,
    hints: Box<HintViews<'a>>,
}

/// What only hints ask for, made when the first of them does.
#[derive(Debug, Default)]
struct HintViews<'a> {
    fleet: OnceLock<Fleet<'a>>,
    registry: OnceLock<Registry<'a>>,
    destination_rules: OnceLock<DestinationRules>,
}

impl<'a> Snapshot<'a> {
    /// Takes objects for the whole cluster. One that comes twice counts as it was written last; one that Istio cannot decode is
    /// not there, see [`Self::left_out`].
    ///
    /// Where nothing is like Istio's own ingress gateway, a plain one stands in for it: who pastes a Gateway alone does not want
    /// to hear that the installation is missing.
    pub fn new(resources: impl IntoIterator<Item = &'a Resource>, mesh: &'a MeshConfig, networks: &'a MeshNetworks) -> Self {
        let resources = resources.into_iter();
        let mut objects = Objects::with_capacity(resources.size_hint().0);
        let mut left_out = Vec::new();
        for resource in resources.filter(|resource| !is_ignored(resource)) {
            match resource.node("").filter(|_| !resource.is_sound()).and_then(|object| undecodable(&resource.document, object, resource.kind)) {
                Some(fault) => left_out.push(fault),
                None => objects.add(resource),
            }
        }
        for resource in stand_in::ingress_gateway(&objects) {
            objects.add(resource);
        }
        let (workloads, hosts) = (Workloads::new(&objects), Hosts::new(&objects));
        Self { objects, mesh, networks, workloads, hosts, now: None, left_out, hints: Box::default() }
    }

    /// Says what time it is, since the epoch. Where nobody does, no certificate has expired.
    #[must_use]
    pub fn at(self, now: Duration) -> Self {
        Self { now: Some(now), ..self }
    }

    /// Why objects are not in the cluster although they could be read as YAML.
    pub fn left_out(&self) -> &[Diagnostic] {
        &self.left_out
    }

    pub(super) fn fleet(&self) -> &Fleet<'a> {
        self.hints.fleet.get_or_init(|| Fleet::new(&self.objects))
    }

    pub(super) fn registry(&self) -> &Registry<'a> {
        self.hints.registry.get_or_init(|| Registry::new(&self.objects))
    }

    pub(super) fn destination_rules(&self) -> &DestinationRules {
        self.hints.destination_rules.get_or_init(|| DestinationRules::new(self.objects.of_kind(Kind::DestinationRule).iter().copied(), self.mesh))
    }

    /// How many objects there are.
    pub(super) fn len(&self) -> usize {
        self.objects.by_id.len()
    }

    /// The object of a name.
    pub fn get(&self, id: &ResourceId) -> Option<&'a Resource> {
        self.objects.find(id.kind, &id.namespace, &id.name)
    }
}

/// An object as it is written.
fn text(resource: &Resource) -> &str {
    resource.document.file.slice(resource.span_of(""))
}

fn is_ignored(resource: &Resource) -> bool {
    let home = if resource.kind == Kind::Namespace { &resource.metadata.name } else { &resource.metadata.namespace };
    IGNORED_NAMESPACES.contains(&home.as_str())
}
