//! What there is to say of texts, as plain data: verdicts, findings, and whether all would be taken.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::Finding;
use crate::engine::{
    diagnostic::{Diagnostic, Level, Stage},
    mesh::Scene,
    source::SourceFile,
    validate::Verdict,
};

/// So many findings and verdicts are told; whoever has more has one mistake many times.
const MOST: usize = 500;

/// What there is to say of a configuration.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Report {
    /// Whether Kubernetes and istiod would take every document.
    pub accepted: bool,
    /// One for each document, at most 500.
    pub verdicts: Vec<VerdictReport>,
    /// In the order of the text, at most 500.
    pub findings: Vec<Finding>,
    /// How many findings are left out.
    pub omitted: usize,
}

/// What would become of one document.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VerdictReport {
    /// The file's name.
    pub file: String,
    /// Line where the document starts, from 1.
    pub line: usize,
    /// As written.
    pub kind: String,
    /// As written, `default` where a namespaced object names none.
    pub namespace: String,
    /// As written.
    pub name: String,
    /// Whether Kubernetes and istiod would take it.
    pub accepted: bool,
}

/// One thing that can come out of a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Part {
    /// For example `200 reviews/v2`, `404`, `connection refused`.
    pub text: String,
    /// The status, where there is an HTTP answer.
    pub status: Option<u16>,
    /// Who answered; empty for a proxy itself.
    pub destination: String,
    /// 0 to 1, exact.
    pub share: f64,
}

/// Several texts, judged as one cluster.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckReport {
    /// Whether every document of every file would be taken.
    pub accepted: bool,
    /// In the order of the request.
    pub files: Vec<CheckedFile>,
}

/// One text, judged.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckedFile {
    /// As given.
    pub name: String,
    /// What there is to say of it.
    #[serde(flatten)]
    pub report: Report,
}

impl CheckReport {
    /// Tells texts of different names apart.
    pub(super) fn of(scene: &Scene, hints: bool) -> Self {
        let findings = scene.findings_in_cluster(hints);
        let report = |file: &Arc<SourceFile>| {
            let verdicts: Vec<&Verdict> = scene.verdicts.iter().filter(|verdict| verdict.file.name() == file.name()).collect();
            let findings: Vec<&Diagnostic> = findings.iter().filter(|finding| Arc::ptr_eq(&finding.file, file)).collect();
            CheckedFile { name: file.name().to_owned(), report: Report::new(&verdicts, &findings) }
        };
        let files: Vec<CheckedFile> = scene.files.iter().map(report).collect();
        Self { accepted: files.iter().all(|file| file.report.accepted), files }
    }
}

impl Report {
    /// All that there is to say of a scene, hints included.
    pub(super) fn of(scene: &Scene) -> Self {
        let findings = scene.findings_in_cluster(true);
        Self::new(&scene.verdicts.iter().collect::<Vec<_>>(), &findings.iter().collect::<Vec<_>>())
    }

    fn new(verdicts: &[&Verdict], findings: &[&Diagnostic]) -> Self {
        // What is said of the cluster refuses nothing, and a fault of the text may belong to no document.
        let refuses = |finding: &&Diagnostic| finding.level == Level::Error && !matches!(finding.stage, Stage::Analyze | Stage::Hint | Stage::Simulation);
        Self {
            accepted: !findings.iter().any(refuses) && verdicts.iter().all(|verdict| verdict.is_accepted()),
            verdicts: verdicts.iter().take(MOST).map(|verdict| VerdictReport::of(verdict)).collect(),
            omitted: findings.len().saturating_sub(MOST),
            findings: findings.iter().take(MOST).map(|finding| Finding::of(finding)).collect(),
        }
    }

    /// Documents that are refused.
    pub fn refused(&self) -> impl Iterator<Item = &VerdictReport> {
        self.verdicts.iter().filter(|verdict| !verdict.accepted)
    }
}

impl VerdictReport {
    fn of(verdict: &Verdict) -> Self {
        Self {
            file: verdict.file.name().to_owned(),
            line: verdict.position().line,
            kind: verdict.kind.to_string(),
            namespace: verdict.namespace.to_string(),
            name: verdict.name.to_string(),
            accepted: verdict.is_accepted(),
        }
    }
}
