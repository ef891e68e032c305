//! A coded finding on an object.

use std::{cmp::Reverse, path::Path};

use crate::engine::{
    cluster::ROOT_NAMESPACE,
    diagnostic::{Code, Diagnostic, Fix, Level},
    resource::{Kind, ResourceId},
    source::Span,
};

/// What a rule says of an object.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Its entry in the catalogue.
    pub code: &'static Code,
    /// The object; none where it is about the mesh's networks, which are a setting.
    pub resource: Option<ResourceId>,
    /// The words, and the place that we would point at.
    pub diagnostic: Diagnostic,
    /// The line that istioctl names: of the field, where it knows that, else of the document's first line.
    pub line: usize,
}

impl Finding {
    /// The object as istioctl calls it: `Kind namespace/name`, or `Kind name` where there is no namespace.
    pub fn origin(&self) -> String {
        let (kind, namespace, name) = self.parts();
        if namespace.is_empty() { format!("{kind} {name}") } else { format!("{kind} {namespace}/{name}") }
    }

    /// File and line as istioctl prints them; it does not count lines of JSON files.
    pub fn reference(&self) -> String {
        let name = self.diagnostic.file.name();
        let is_json = Path::new(name).extension().is_some_and(|extension| extension == "json");
        if is_json || name.is_empty() { name.to_owned() } else { format!("{name}:{}", self.line) }
    }

    /// Points at another field of the same object than the one that istioctl's line comes from.
    pub fn point_at(&mut self, path: &str, span: Span) -> &mut Self {
        path.clone_into(&mut self.diagnostic.path);
        self.diagnostic.span = span;
        self
    }

    /// Adds a cure that is certain.
    pub fn fix(&mut self, span: Span, replacement: impl Into<String>) -> &mut Self {
        self.diagnostic.fix = Some(Fix { span, replacement: replacement.into() });
        self
    }

    /// The namespace that it counts as one of; empty where that is every one.
    pub(super) fn home(&self) -> &str {
        match &self.resource {
            Some(ResourceId { kind: Kind::Namespace, name, .. }) => name,
            _ => self.parts().1,
        }
    }

    /// What findings are sorted by.
    pub(super) fn order(&self) -> (Reverse<Level>, &'static str, &'static str, &str, &str, &str, usize, &str) {
        let (kind, namespace, name) = self.parts();
        (Reverse(self.code.level), self.code.id, kind, name, namespace, self.diagnostic.file.name(), self.line, &self.diagnostic.message)
    }

    /// Kind, namespace and name; istioctl keeps the networks as an object of its own making.
    fn parts(&self) -> (&'static str, &str, &str) {
        match &self.resource {
            Some(ResourceId { kind, namespace, name }) => (kind.name(), namespace, name),
            None => ("MeshNetworks", ROOT_NAMESPACE, "meshnetworks"),
        }
    }
}
