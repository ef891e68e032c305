//! From documents to resources.

use std::sync::Arc;

use serde::de::value::Error;

use super::{BATCH, Kind, KindLookup, Metadata, Resource, Spec, by_kind, decode::decode};
use crate::engine::{
    diagnostic::{Diagnostic, Level, Stage},
    manifest::{Document, Node},
    side_by_side::by_halves,
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
pub fn load(documents: &[Arc<Document>]) -> Loaded {
    load_into("default", documents)
}

/// Decodes every document. Objects that belong into a namespace and name none get the given one.
pub fn load_into(namespace: &str, documents: &[Arc<Document>]) -> Loaded {
    load_rereading(namespace, documents, |_, _| None)
}

/// How an object that cannot be decoded as it stands is read again.
pub type Reread = fn(Kind, &Node) -> Option<Node>;

/// The same for a reader that is kinder than the API server.
pub fn load_rereading(namespace: &str, documents: &[Arc<Document>], reread: Reread) -> Loaded {
    by_halves(
        documents,
        |some| load_all(namespace, some, reread),
        |loaded, rest| {
            loaded.resources.extend(rest.resources);
            loaded.diagnostics.extend(rest.diagnostics);
        },
    )
}

fn load_all(namespace: &str, documents: &[Arc<Document>], reread: Reread) -> Loaded {
    let mut loaded = Loaded { resources: Vec::with_capacity(documents.len()), diagnostics: Vec::new() };
    for batch in documents.chunks(BATCH) {
        let mut objects = Vec::with_capacity(batch.len());
        for document in batch {
            objects_of(document, &document.root, String::new(), &mut objects);
        }
        let mut decoded: Vec<_> = objects.iter().map(|_| None).collect();
        for at in by_kind(&objects, |object| object.kind) {
            let Object { kind, node, .. } = objects[at];
            decoded[at] = Some(read(kind, node).or_else(|fault| reread(kind, node).map_or(Err(fault), |node| read(kind, &node))));
        }
        for (object, decoded) in objects.into_iter().zip(decoded.into_iter().flatten()) {
            object.settle(namespace, decoded, &mut loaded);
        }
    }
    loaded
}

/// An object of a known kind and where it stands.
struct Object<'a> {
    kind: Kind,
    api_version: &'a str,
    document: &'a Arc<Document>,
    node: &'a Node,
    prefix: String,
}

/// Finds the objects of known kinds; `validate` refuses the others with the reason, or notes that they are passed over.
fn objects_of<'a>(document: &'a Arc<Document>, node: &'a Node, prefix: String, found: &mut Vec<Object<'a>>) {
    let text = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if kind == "List" && prefix.is_empty() {
        for (at, item) in node.get("items").map(Node::items).unwrap_or_default().iter().enumerate() {
            objects_of(document, item, format!("items[{at}]"), found);
        }
    } else if let KindLookup::Known(kind) = Kind::lookup(api_version, kind) {
        found.push(Object { kind, api_version, document, node, prefix });
    }
}

impl Object<'_> {
    fn settle(self, namespace: &str, decoded: Result<(Metadata, Spec), Error>, loaded: &mut Loaded) {
        let Self { kind, api_version, document, node, prefix } = self;
        match decoded {
            Ok((mut metadata, spec)) => {
                let names_namespace = !metadata.namespace.is_empty();
                settle(namespace, kind, &mut metadata);
                let (api_version, document) = (api_version.to_owned(), Arc::clone(document));
                loaded.resources.push(Resource { kind, api_version, metadata, spec, document, prefix, names_namespace });
            }
            Err(error) => loaded.diagnostics.push(Diagnostic {
                stage: Stage::Kind,
                level: Level::Error,
                code: None,
                message: format!("this {kind} cannot be read: {error}"),
                path: prefix,
                file: Arc::clone(&document.file),
                span: node.entry("kind").map_or(node.span, |e| e.value.span),
                fix: None,
            }),
        }
    }
}

fn read(kind: Kind, node: &Node) -> Result<(Metadata, Spec), Error> {
    let metadata = part(node, "metadata").map(decode).transpose()?.unwrap_or_default();
    Ok((metadata, Spec::decode(kind, node)?))
}

/// Puts an object into the given namespace where it belongs into one and names none.
fn settle(namespace: &str, kind: Kind, metadata: &mut Metadata) {
    if !kind.is_namespaced() {
        metadata.namespace.clear();
    } else if metadata.namespace.is_empty() {
        metadata.namespace = namespace.into();
    }
}

/// A field of an object, unless it is absent or null.
pub(super) fn part<'a>(object: &'a Node, key: &str) -> Option<&'a Node> {
    object.get(key).filter(|node| !node.is_null())
}
