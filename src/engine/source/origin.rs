//! Where a piece of configuration came from.

use std::sync::Arc;

/// The resource, and the field in it, that made istiod write a piece of configuration.
///
/// Not part of xDS and never serialized: Envoy carries it along without looking at it, so that a trace can point at YAML. One
/// field is behind many pieces, so its words are shared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Origin {
    /// `Kind/namespace/name`, for example `VirtualService/default/reviews`.
    pub resource: Arc<str>,
    /// The field, for example `spec.http[0].match[1]`; empty for the whole resource.
    pub path: Arc<str>,
}

impl Origin {
    /// A field of a resource.
    pub fn new(resource: impl Into<Arc<str>>, path: impl Into<Arc<str>>) -> Self {
        Self { resource: resource.into(), path: path.into() }
    }

    /// A resource as a whole.
    pub fn whole(resource: impl Into<Arc<str>>) -> Self {
        Self::new(resource, "")
    }

    /// Another field of the same resource.
    #[must_use]
    pub fn field(&self, path: impl Into<Arc<str>>) -> Self {
        Self::new(Arc::clone(&self.resource), path)
    }
}
