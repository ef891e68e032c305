//! `course.yaml`: the exam's figures, domains and competencies, parts and the order of chapters.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::Files;

/// Where the manifest lies in `content/`.
pub(super) const PATH: &str = "course.yaml";
/// The format this program reads.
const FORMAT: u32 = 1;

/// The manifest as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format.
    pub format: u32,
    /// The course's title.
    pub title: String,
    /// The exam.
    pub exam: Exam,
    /// Its domains.
    pub domains: Vec<Domain>,
    /// The course's parts.
    pub parts: Vec<Part>,
    /// Competencies that the course promises to cover today.
    pub covered: Vec<String>,
    /// What there is to say of the worlds, in the order of the playground's list.
    #[serde(default)]
    pub worlds: Vec<WorldNote>,
}

/// What is known of the exam.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exam {
    /// Its full name.
    pub name: String,
    /// The Istio version it is about.
    pub istio_version: String,
    /// Date of the curriculum, `YYYY-MM-DD`.
    pub curriculum_date: String,
    /// Duration in minutes.
    pub minutes: u32,
    /// The mark from which it is passed, in percent.
    pub pass_percent: u32,
    /// How many tasks it has.
    pub tasks: Range,
    /// Weights that older material gives, in percent by domain.
    pub former_weights: BTreeMap<String, u32>,
}

/// From … to …, both included.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The least.
    pub least: u32,
    /// The most.
    pub most: u32,
}

/// One domain of the exam.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// Short name, unique.
    pub id: String,
    /// As the curriculum calls it.
    pub title: String,
    /// Share of the marks in percent.
    pub weight: u32,
    /// What it asks for.
    pub competencies: Vec<Competency>,
}

/// Something that the exam asks a candidate to be able to do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Competency {
    /// Short name, unique.
    pub id: String,
    /// As the curriculum calls it.
    pub title: String,
}

/// What somebody is told who chooses a world.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldNote {
    /// The name of its file.
    pub name: String,
    /// Title.
    pub title: String,
    /// Who is there, in a sentence or two.
    pub about: String,
    /// Who calls, where the world is opened without an example.
    #[serde(default)]
    pub from: String,
    /// What is called then.
    #[serde(default)]
    pub request: String,
}

/// A part of the course.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Short name, unique.
    pub id: String,
    /// Title.
    pub title: String,
    /// Slugs of its chapters in reading order.
    pub chapters: Vec<String>,
}

impl Manifest {
    /// Reads it.
    pub fn load(files: &Files) -> anyhow::Result<Self> {
        let text = files.text(PATH).with_context(|| format!("{PATH} is missing"))?;
        let manifest: Self = serde_yaml::from_str(text).with_context(|| format!("{PATH} cannot be read"))?;
        ensure!(manifest.format == FORMAT, "{PATH} has format {}, this program reads format {FORMAT}", manifest.format);
        Ok(manifest)
    }
}
