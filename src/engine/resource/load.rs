//! From documents to resources.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;

use super::{Kind, KindLookup, Metadata, Resource, Spec};
use crate::engine::{
    diagnostic::{Diagnostic, Level, Stage},
    manifest::{Document, Node},
};

/// What a set of documents holds.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// Objects of known kinds, in the order of the text, `List`s opened.
    pub resources: Vec<Resource>,
    /// Objects that could not be decoded.
    pub diagnostics: Vec<Diagnostic>,
}

/// Decodes every document. Absent namespaces become `default`, as with kubectl.
pub fn load(documents: &[Document]) -> Loaded {
    load_into("default", documents)
}

/// Decodes every document. Objects that belong into a namespace and name none get the given one.
pub fn load_into(namespace: &str, documents: &[Document]) -> Loaded {
    let mut loaded = Loaded::default();
    for document in documents {
        let document = Arc::new(document.clone());
        let root = document.root.clone();
        object(namespace, &document, &root, String::new(), &mut loaded);
    }
    loaded
}

fn object(namespace: &str, document: &Arc<Document>, node: &Node, prefix: String, loaded: &mut Loaded) {
    let text = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if kind == "List" && prefix.is_empty() {
        for (at, item) in node.get("items").map(Node::items).unwrap_or_default().iter().enumerate() {
            object(namespace, document, item, format!("items[{at}]"), loaded);
        }
        return;
    }
    let mut say = |level, message: String| {
        loaded.diagnostics.push(Diagnostic {
            stage: Stage::Kind,
            level,
            code: None,
            message,
            path: prefix.clone(),
            file: Arc::clone(&document.file),
            span: node.entry("kind").map_or(node.span, |e| e.value.span),
            fix: None,
        });
    };
    // `validate` refuses the others with the reason, or notes that they are passed over.
    let KindLookup::Known(kind) = Kind::lookup(&api_version, &kind) else { return };
    match decode(namespace, kind, node) {
        Ok((metadata, spec)) => loaded.resources.push(Resource { kind, api_version, metadata, spec, document: Arc::clone(document), prefix }),
        Err(error) => say(Level::Error, format!("this {kind} cannot be read: {error}")),
    }
}

fn decode(namespace: &str, kind: Kind, node: &Node) -> Result<(Metadata, Spec), serde_json::Error> {
    let json = without_nulls(node.to_json());
    let mut metadata: Metadata = json.get("metadata").map(Metadata::deserialize).transpose()?.unwrap_or_default();
    if !kind.is_namespaced() {
        metadata.namespace.clear();
    } else if metadata.namespace.is_empty() {
        metadata.namespace = namespace.into();
    }
    Ok((metadata, Spec::decode(kind, json)?))
}

/// A field of an object, empty where it is absent.
pub(super) fn part(mut object: Json, key: &str) -> Json {
    object.get_mut(key).map_or_else(|| Json::Object(serde_json::Map::new()), Json::take)
}

/// A key that says `null` says nothing.
fn without_nulls(json: Json) -> Json {
    match json {
        Json::Object(fields) => {
            fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key, without_nulls(value))).collect::<serde_json::Map<_, _>>().into()
        }
        Json::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
