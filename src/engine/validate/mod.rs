//! What `kubectl apply` would be told: the CRD's schema, then istiod's admission webhook, a document at a time.

mod names;
mod object;
mod report;
mod schema;
mod webhook;

use super::{
    diagnostic::{Diagnostic, Level, Stage},
    manifest::{Document, Manifest, Node},
    source::Position,
};

/// What would become of one document.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The file's name.
    pub file: String,
    /// Where the document starts.
    pub position: Position,
    /// As written; empty where there is none.
    pub kind: String,
    /// As written, `default` where a namespaced object names none.
    pub namespace: String,
    /// As written.
    pub name: String,
    /// Errors (it is refused), warnings (it is accepted, and this is said), notes.
    pub diagnostics: Vec<Diagnostic>,
}

impl Verdict {
    /// Whether Kubernetes and istiod would take it.
    pub fn is_accepted(&self) -> bool {
        !self.diagnostics.iter().any(|d| d.level == Level::Error && d.stage != Stage::Simulation)
    }
}

/// Judges every document of a text, broken ones included, in order; an object of a `List` counts as a document.
pub fn validate(manifest: &Manifest) -> Vec<Verdict> {
    let mut verdicts = Vec::with_capacity(manifest.documents.len());
    for document in &manifest.documents {
        let root = &document.root;
        if root.get("kind").and_then(Node::as_str) == Some("List") {
            verdicts.extend(root.get("items").map(Node::items).unwrap_or_default().iter().map(|item| verdict(document, item)));
        } else {
            verdicts.push(verdict(document, root));
        }
    }
    verdicts
}

fn verdict(document: &Document, object: &Node) -> Verdict {
    let (identity, diagnostics) = object::judge(document, object);
    Verdict {
        file: document.file.name().to_owned(),
        position: document.file.position(object.span.start),
        kind: identity.kind,
        namespace: identity.namespace,
        name: identity.name,
        diagnostics,
    }
}
