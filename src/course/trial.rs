//! Configuration, a cluster to try it in, perhaps a request, and what the engine makes of them.

use std::collections::BTreeMap;

use crate::engine::{
    diagnostic::Level,
    manifest::{self, Manifest},
    mesh::{Request, Scene},
    source::SourceFile,
};

/// A cluster of `worlds/`.
#[derive(Debug)]
pub struct World {
    /// Its name, for example `bookinfo`.
    pub name: String,
    /// Its objects.
    pub manifest: Manifest,
}

impl World {
    /// Reads one.
    pub(super) fn read(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), manifest: manifest::read(&SourceFile::new(format!("worlds/{name}.yaml"), text)) }
    }
}

/// Something that can be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The cluster's name.
    pub world: String,
    /// What is applied to it.
    pub yaml: String,
    /// What is sent then.
    pub request: Option<Request>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Whether at least one document is refused.
    pub refused: bool,
    /// Why: what would be told to whoever applies it.
    pub refusals: Vec<Finding>,
    /// Where the request ends, or why it cannot be sent; none where there is no request.
    pub outcome: Option<Result<String, String>>,
}

/// One thing that the engine says of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Line in the text, from 1.
    pub line: usize,
    /// The engine's words.
    pub message: String,
}

impl Trial {
    /// Tries it; none where there is no such world.
    pub fn run(&self, worlds: &BTreeMap<String, World>) -> Option<Tried> {
        let world = worlds.get(&self.world)?;
        let scene = Scene::new(&world.manifest, "yaml", &self.yaml);
        let refusals = scene.findings().into_iter().filter(|finding| finding.level == Level::Error);
        let refusals = refusals.map(|finding| Finding { line: finding.position().line, message: finding.message.clone() }).collect();
        let outcome = self.request.as_ref().map(|request| match scene.send(request) {
            Ok(journey) => Ok(journey.answer.to_string()),
            Err(error) => Err(error.to_string()),
        });
        Some(Tried { refused: scene.is_refused(), refusals, outcome })
    }
}

/// Reads `GET http://host/path`; a URL alone is a GET.
pub(super) fn request(from: &str, line: &str, headers: BTreeMap<String, String>) -> Request {
    let (method, url) = line.trim().split_once(char::is_whitespace).unwrap_or(("GET", line.trim()));
    let headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    Request { from: from.to_owned(), method: method.to_owned(), url: url.trim().to_owned(), headers, ..Request::default() }
}
