//! A world with somebody's configuration applied to it.

use std::sync::Arc;

use super::{Journey, Request, RequestError};
use crate::engine::{
    cluster::Cluster,
    diagnostic::Diagnostic,
    manifest::{self, Manifest},
    source::SourceFile,
    validate::Verdict,
};

/// The caller that stands in front of the ingress gateway instead of being a workload.
pub const OUTSIDE: &str = "outside";

/// A cluster with a text applied to it, object by object, as `kubectl apply` would: what is refused is not in it.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The text under test.
    pub file: Arc<SourceFile>,
    /// A verdict for each of its documents.
    pub verdicts: Vec<Verdict>,
    /// Faults that belong to no document, and "accepted, not simulated yet" notes.
    pub diagnostics: Vec<Diagnostic>,
    /// World and accepted objects.
    pub cluster: Cluster,
}

/// Somebody who can send a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// `pod.namespace`, or [`OUTSIDE`].
    pub id: String,
    /// How a list shows it, for example `productpage-v1-a (default)`.
    pub label: String,
    /// Whether a sidecar or gateway proxy carries its requests.
    pub has_proxy: bool,
}

impl Scene {
    /// Applies `text` on top of `world`.
    pub fn new(_world: &Manifest, name: &str, text: &str) -> Self {
        let file = SourceFile::new(name, text);
        let manifest = manifest::read(&file);
        Self { file, verdicts: Vec::new(), diagnostics: manifest.diagnostics, cluster: Cluster::default() }
    }

    /// Everything there is to say of the text, in its order: verdicts' and other diagnostics.
    pub fn findings(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<&Diagnostic> = self.verdicts.iter().flat_map(|verdict| &verdict.diagnostics).chain(&self.diagnostics).collect();
        all.sort_by_key(|d| (d.span.start, std::cmp::Reverse(d.level)));
        all
    }

    /// Whether any document is refused.
    pub fn is_refused(&self) -> bool {
        self.verdicts.iter().any(|verdict| !verdict.is_accepted())
    }

    /// Who can send a request here, workloads by namespace and name, then the outside.
    pub fn callers(&self) -> Vec<Caller> {
        Vec::new()
    }

    /// Sends a request.
    pub fn send(&self, request: &Request) -> Result<Journey, RequestError> {
        Err(RequestError::UnknownCaller { given: request.from.clone(), near: None })
    }
}
