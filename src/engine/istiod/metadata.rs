//! Notes that istiod leaves in the configuration: which resource it came from, which services are behind it.

use serde_json::{Value, json};

use crate::engine::{
    cluster::Service,
    xds::{Metadata, Note},
};

/// Under which name Istio leaves its own.
pub(super) const ISTIO: &str = "istio";

/// The note about the resource, for example `/apis/networking.istio.io/v1/namespaces/default/virtual-service/reviews`.
pub(super) fn config_metadata(kind: &str, namespace: &str, name: &str) -> Metadata {
    of_istio([("config", config_path(kind, namespace, name).into())])
}

/// The path in that note.
pub(super) fn config_path(kind: &str, namespace: &str, name: &str) -> String {
    ["/apis/networking.istio.io/v1/namespaces/", namespace, "/", kind, "/", name].concat()
}

/// Istio's own notes.
pub(super) fn of_istio(notes: impl IntoIterator<Item = (&'static str, Note)>) -> Metadata {
    Metadata { filter_metadata: [(ISTIO, notes.into_iter().collect())].into_iter().collect() }
}

/// Sets one of Istio's own notes.
pub(super) fn set(metadata: &mut Metadata, key: &'static str, note: impl Into<Note>) {
    match metadata.filter_metadata.get_mut(ISTIO) {
        Some(notes) => notes.insert(key, note.into()),
        None => metadata.filter_metadata.insert(ISTIO, [(key, note.into())].into_iter().collect()),
    }
}

/// The note "services", which all their clusters share.
pub(super) fn services_note<'a>(services: impl IntoIterator<Item = &'a Service>) -> Note {
    let list: Vec<Value> = services.into_iter().map(|s| json!({"host": s.hostname, "name": s.name, "namespace": s.namespace})).collect();
    Value::from(list).into()
}
