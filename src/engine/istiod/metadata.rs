//! Notes that istiod leaves in the configuration: which resource it came from, which services are behind it.

use serde_json::{Map, Value, json};

use crate::engine::{
    cluster::Service,
    xds::{FilterMetadata, Metadata},
};

/// The note about the resource, for example `/apis/networking.istio.io/v1/namespaces/default/virtual-service/reviews`.
pub(super) fn config_metadata(kind: &str, namespace: &str, name: &str) -> Metadata {
    let mut metadata = Metadata::default();
    set(&mut metadata, "config", config_path(kind, namespace, name).into());
    metadata
}

/// The path in that note.
pub(super) fn config_path(kind: &str, namespace: &str, name: &str) -> String {
    ["/apis/networking.istio.io/v1/namespaces/", namespace, "/", kind, "/", name].concat()
}

/// Sets one of the notes.
pub(super) fn set(metadata: &mut Metadata, key: &str, value: Value) {
    let fields = metadata.filter_metadata.entry("istio".into()).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(fields) = fields {
        fields.insert(key.to_owned(), value);
    }
}

/// The note about services.
pub(super) fn services<'a>(services: impl IntoIterator<Item = &'a Service>) -> Metadata {
    let list: Vec<Value> = services.into_iter().map(|s| json!({"host": s.hostname, "name": s.name, "namespace": s.namespace})).collect();
    let mut metadata = Metadata { filter_metadata: FilterMetadata::new() };
    set(&mut metadata, "services", list.into());
    metadata
}
