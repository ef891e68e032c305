//! Verdicts and findings as plain data, with places that editors understand.

use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::{
    cluster::MeshConfig,
    diagnostic::{Diagnostic, Level, Stage},
    manifest,
    mesh::Scene,
    source::{SourceFile, Span},
    validate::Verdict,
};

/// So many findings and verdicts are told; whoever has more has one mistake many times.
const MOST: usize = 500;
/// A line is shown up to this many characters.
const LINE: usize = 200;

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

/// Something to say about a place in the text.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Finding {
    /// The file's name.
    pub file: String,
    /// Who would say it: `yaml`, `kind`, `schema`, `webhook`, or `simulation` for what is accepted and not simulated yet.
    #[schema(value_type = String)]
    pub stage: Stage,
    /// `Error` refuses the document; `Warning` and `Info` do not.
    #[schema(value_type = String)]
    pub level: Level,
    /// What is wrong and, where it is known, how to mend it.
    pub message: String,
    /// The field, for example `spec.http[0].route[0].weight`.
    pub path: String,
    /// Where.
    pub place: Place,
    /// A certain cure.
    pub fix: Option<Fix>,
    /// The text of the line where it starts, cut where it is long.
    pub source_line: String,
}

/// A range in a text. Offsets count bytes of UTF-8 from 0; lines and columns start at 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the fields say it")]
pub struct Place {
    pub start: usize,
    pub end: usize,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

/// A replacement that mends a fault for certain.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Fix {
    /// What to replace.
    pub place: Place,
    /// With what.
    pub replacement: String,
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

/// Several texts, each judged by itself.
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
    /// Judges texts given as name and text.
    pub(super) fn of(files: &[(String, String)]) -> Self {
        let judge = |(name, text): &(String, String)| {
            let manifest = manifest::read(&SourceFile::new(name, text));
            CheckedFile { name: name.clone(), report: Report::of(&Scene::of([&manifest], MeshConfig::default())) }
        };
        let files: Vec<_> = files.iter().map(judge).collect();
        Self { accepted: files.iter().all(|file| file.report.accepted), files }
    }
}

impl Report {
    pub(super) fn of(scene: &Scene) -> Self {
        let findings = scene.findings();
        let is_broken = findings.iter().any(|finding| finding.level == Level::Error && finding.stage != Stage::Simulation);
        Self {
            accepted: !is_broken && !scene.is_refused(),
            verdicts: scene.verdicts.iter().take(MOST).map(VerdictReport::of).collect(),
            omitted: findings.len().saturating_sub(MOST),
            findings: findings.into_iter().take(MOST).map(Finding::of).collect(),
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
            file: verdict.file.clone(),
            line: verdict.position.line,
            kind: verdict.kind.clone(),
            namespace: verdict.namespace.clone(),
            name: verdict.name.clone(),
            accepted: verdict.is_accepted(),
        }
    }
}

impl Finding {
    fn of(diagnostic: &Diagnostic) -> Self {
        let file = &diagnostic.file;
        Self {
            file: file.name().to_owned(),
            stage: diagnostic.stage,
            level: diagnostic.level,
            message: diagnostic.message.clone(),
            path: diagnostic.path.clone(),
            place: Place::of(file, diagnostic.span),
            fix: diagnostic.fix.as_ref().map(|fix| Fix { place: Place::of(file, fix.span), replacement: fix.replacement.clone() }),
            source_line: line_at(file, diagnostic.span.start),
        }
    }
}

impl Place {
    pub(super) fn of(file: &SourceFile, span: Span) -> Self {
        let (from, to) = (file.position(span.start), file.position(span.end.max(span.start)));
        Self { start: span.start, end: span.end.max(span.start), line: from.line, column: from.column, end_line: to.line, end_column: to.column }
    }
}

fn line_at(file: &SourceFile, offset: usize) -> String {
    let text = file.text();
    let offset = offset.min(text.len());
    let start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default().lines().next().unwrap_or_default().chars().take(LINE).collect()
}
