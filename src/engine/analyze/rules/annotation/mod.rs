//! Rules on Istio's annotations (`analyzers/annotations/annotations.go` of 1.26.4).
//!
//! Istio looks at Namespaces, Services, Pods and Deployments; at a Deployment's own annotations, not at those of its pods. It
//! names the line of the object, never that of the annotation.

mod catalogue;
mod deprecated;
mod invalid;
mod misplaced;
mod unknown;
mod value;

use self::catalogue::Annotation;
use super::Rule;
use crate::engine::{
    analyze::Context,
    resource::{Kind, Resource},
};

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&deprecated::RULE, &invalid::RULE, &misplaced::RULE, &unknown::RULE];

/// The kinds whose annotations are looked at.
const KINDS: &[Kind] = &[Kind::Namespace, Kind::Service, Kind::Pod, Kind::Deployment];

/// Annotations that Istio writes itself, on whatever it likes.
const OWN: &[&str] = &["gateway.istio.io/controller-version", "istio.io/rev", "sidecar.istio.io/status"];

/// The annotation, deprecated, and the label that decide whether a pod is injected.
const INJECT: &str = "sidecar.istio.io/inject";

/// One of Istio's annotations on an object.
#[derive(Debug, Clone, Copy)]
struct Use<'a> {
    resource: &'a Resource,
    name: &'a str,
    value: &'a str,
    /// What Istio knows of it.
    known: Option<&'static Annotation>,
}

impl Use<'_> {
    fn path(&self) -> String {
        format!("metadata.annotations[{}]", self.name)
    }
}

/// Every annotation in a domain that ends as Istio's does, and the one of Kubernetes that Istio documents.
fn each<'a>(context: &Context<'a>) -> Vec<Use<'a>> {
    let resources = KINDS.iter().flat_map(|kind| context.of_kind(*kind));
    let all = resources.flat_map(|&resource| resource.metadata.annotations.iter().map(move |(name, value)| (resource, name, value)));
    let is_istios = |name: &str| name == "kubernetes.io/ingress.class" || name.split('/').next().is_some_and(|domain| domain.ends_with("istio.io"));
    let istios = all.filter(|(_, name, _)| is_istios(name) && !OWN.contains(name));
    istios.map(|(resource, name, value)| Use { resource, name, value, known: catalogue::find(name) }).collect()
}
