//! Where a piece of configuration came from.

/// The resource, and the field in it, that made istiod write a piece of configuration.
///
/// Not part of xDS and never serialized: Envoy carries it along without looking at it, so that a trace can point at YAML.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Origin {
    /// `Kind/namespace/name`, for example `VirtualService/default/reviews`.
    pub resource: String,
    /// The field, for example `spec.http[0].match[1]`; empty for the whole resource.
    pub path: String,
}
