//! What `istioctl analyze` would say of a cluster, and our own hints.

mod fixtures;
mod lines;
mod pages;
mod registry;
mod time;
pub mod tls_matches;

use meshwright::engine::{
    analyze::{Finding, Question, Snapshot, analyze, load},
    cluster::{MeshConfig, MeshNetworks},
    manifest,
    resource::Resource,
    source::SourceFile,
};

/// A text as a cluster: no default namespace is filled in, as with `--all-namespaces`. Lines that start with `# mesh: ` or
/// `# networks: ` give settings.
struct Cluster {
    resources: Vec<Resource>,
    mesh: MeshConfig,
    networks: MeshNetworks,
}

impl Cluster {
    fn new(yaml: &str) -> Self {
        let manifest = manifest::read(&SourceFile::new("test.yaml", yaml));
        let messages = |all: &[meshwright::engine::diagnostic::Diagnostic]| all.iter().map(|d| d.message.clone()).collect::<Vec<_>>();
        assert!(manifest.diagnostics.is_empty(), "{:#?} of\n{yaml}", messages(&manifest.diagnostics));
        let loaded = load("", &manifest.documents);
        assert!(loaded.diagnostics.is_empty(), "{:#?} of\n{yaml}", messages(&loaded.diagnostics));
        Self { resources: loaded.resources, mesh: setting(yaml, "# mesh: "), networks: setting(yaml, "# networks: ") }
    }

    fn snapshot(&self) -> Snapshot<'_> {
        Snapshot::new(&self.resources, &self.mesh, &self.networks)
    }

    fn findings(&self) -> Vec<Finding> {
        analyze(&self.snapshot(), &Question { hints: true, ..Question::default() })
    }
}

fn setting<T: serde::de::DeserializeOwned + Default>(yaml: &str, mark: &str) -> T {
    yaml.lines().find_map(|line| line.strip_prefix(mark)).map(|text| serde_json::from_str(text).unwrap()).unwrap_or_default()
}
