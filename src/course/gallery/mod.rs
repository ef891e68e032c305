//! The gallery: configurations to start from, each with the question that it answers and the requests that answer it.
//!
//! Knows the engine's requests and loads; whether an answer is right is the matter of the checker.

mod read;

use std::collections::BTreeMap;

pub(super) use read::{INDEX, read};

use crate::engine::mesh::{Load, Request};

/// An example of the gallery.
#[derive(Debug)]
pub struct Exhibit {
    /// What addresses and files call it.
    pub name: String,
    /// What the list calls it.
    pub title: String,
    /// What somebody who tries it knows afterwards; one sentence.
    pub question: String,
    /// The competency of the exam that it belongs to.
    pub competency: String,
    /// The cluster in which it is tried.
    pub world: String,
    /// The configuration.
    pub yaml: String,
    /// The same with the Gateway API.
    pub twin: Option<String>,
    /// Why there is no such thing, in one sentence.
    pub no_twin: Option<String>,
    /// What is sent, the first one by whoever opens it.
    pub probes: Vec<Probe>,
    /// Whether a document is meant to be refused.
    pub is_refused: bool,
    /// Its line in the list.
    pub(super) line: usize,
}

/// A request, and what must come of it.
#[derive(Debug)]
pub struct Probe {
    /// What is sent.
    pub request: Request,
    /// Several of it on the virtual clock.
    pub load: Option<Load>,
    /// What must come of it.
    pub promise: Promised,
}

/// What must come of a request. What is left empty is not asked.
#[derive(Debug, Default)]
pub struct Promised {
    /// The answer, in the notation of outcomes.
    pub outcome: String,
    /// Headers of the answer.
    pub response: BTreeMap<String, String>,
    /// What the backend sees.
    pub backend: Backend,
    /// The pods that answer, `name.namespace`.
    pub pods: Vec<String>,
    /// Where copies go, for example `reviews/v2 50%`.
    pub mirrors: Vec<String>,
    /// How the load ends, for example `4 × 200, 4 × 503 UO`.
    pub tally: String,
}

/// What a backend sees of a request.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Backend {
    /// Its path.
    pub path: Option<String>,
    /// Its host.
    pub authority: Option<String>,
    /// Headers that it has.
    pub headers: BTreeMap<String, String>,
    /// Headers that it does not have.
    pub without: Vec<String>,
}

impl Exhibit {
    /// Its file in `content/`.
    pub(super) fn path(&self) -> String {
        path(&self.name)
    }

    /// The file of its twin.
    pub(super) fn twin_path(&self) -> String {
        twin_path(&self.name)
    }
}

fn path(name: &str) -> String {
    format!("examples/{name}.yaml")
}

fn twin_path(name: &str) -> String {
    format!("examples/{name}.gateway.yaml")
}
