//! How protobuf's JSON mapping becomes a Rust struct.

/// Declares a message: fields in lowerCamelCase, and as in proto3 a field at its default is not written.
/// Fields with presence of their own (wrappers, messages) are `Option`s.
macro_rules! message {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[allow(missing_docs, reason = "the fields are Envoy's, under Envoy's names, and documented there")]
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name {
            $($(#[$field_meta])* #[serde(skip_serializing_if = "crate::engine::xds::value::is_default")] pub $field: $ty,)*
        }
    )*};
}
