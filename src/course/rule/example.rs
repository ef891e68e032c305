//! YAML of a rule page, and what the engine says of it.

use std::sync::OnceLock;

use serde::de::DeserializeOwned;

use crate::{
    course::{html::SafeHtml, markdown},
    engine::{
        analyze::{Question, Snapshot, analyze},
        cluster::{MeshConfig, MeshNetworks},
        diagnostic::{Code, Diagnostic},
        manifest,
        resource::load_into,
        source::SourceFile,
    },
};

/// What an example shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It raises the code of its page.
    Bad,
    /// It raises nothing.
    Fixed,
}

impl Mark {
    /// The word behind `yaml` in the fence.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Fixed => "fixed",
        }
    }
}

/// A whole cluster in a few lines: nothing else is there when it is judged.
#[derive(Debug)]
pub struct Example {
    /// Its number in the page, from 1.
    pub number: usize,
    /// The line of its fence.
    pub line: usize,
    /// What it shows.
    pub mark: Mark,
    /// The text.
    pub yaml: String,
    html: OnceLock<SafeHtml>,
}

/// A line that begins so holds settings of the mesh, as JSON.
const MESH: &str = "# mesh: ";
/// A line that begins so holds the mesh's networks, as JSON.
const NETWORKS: &str = "# networks: ";

impl Example {
    pub(super) fn new(number: usize, line: usize, mark: Mark, yaml: String) -> Self {
        Self { number, line, mark, yaml, html: OnceLock::new() }
    }

    /// In colours. They are put on when somebody looks: for all pages at once they would be half of a start.
    pub fn html(&self) -> &SafeHtml {
        self.html.get_or_init(|| markdown::highlight("yaml", &self.yaml))
    }

    /// What there is to say of it: what cannot be read, then the findings of `istioctl analyze` and of `own`, where that is a hint.
    /// Other hints do not count: an example for one thing need not please in every other.
    pub fn findings(&self, own: &Code) -> Vec<Diagnostic> {
        let manifest = manifest::read(&SourceFile::new("example.yaml", self.yaml.as_str()));
        let loaded = load_into("", &manifest.documents);
        let (mesh, networks): (MeshConfig, MeshNetworks) = (self.setting(MESH), self.setting(NETWORKS));
        let snapshot = Snapshot::new(&loaded.resources, &mesh, &networks);
        let said = analyze(&snapshot, &Question { hints: own.is_hint(), ..Question::default() });
        let told = said.into_iter().filter(|finding| finding.code == own || !finding.code.is_hint()).map(|finding| finding.diagnostic);
        let mut findings: Vec<Diagnostic> = manifest.diagnostics.into_iter().chain(loaded.diagnostics).chain(told).collect();
        findings.sort_by_key(|finding| finding.span.start());
        findings
    }

    /// Whether it comes with settings of the mesh, which are no part of the configuration.
    pub fn has_settings(&self) -> bool {
        self.yaml.lines().any(|line| line.starts_with(MESH) || line.starts_with(NETWORKS))
    }

    fn setting<T: DeserializeOwned + Default>(&self, mark: &str) -> T {
        let written = self.yaml.lines().find_map(|line| line.strip_prefix(mark));
        written.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}
