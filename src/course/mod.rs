//! The course: manifest, chapters, questions and worlds, loaded once from `content/`.
//!
//! Knows the engine; knows nothing of learners, pages or SQL. The only place where HTML is declared safe.

mod files;
mod manifest;

pub use files::Files;
pub use manifest::{Competency, Domain, Exam, Manifest, Part};

/// Everything that is taught.
#[derive(Debug)]
pub struct Course {
    /// Title as the manifest gives it.
    pub title: String,
    /// The exam it prepares for.
    pub exam: Exam,
    /// The exam's domains with their weights.
    pub domains: Vec<Domain>,
    /// The parts in reading order.
    pub parts: Vec<Part>,
}

impl Course {
    /// The course that the binary carries.
    pub fn embedded() -> anyhow::Result<Self> {
        Self::load(&Files::embedded())
    }

    /// Loads a course.
    pub fn load(files: &Files) -> anyhow::Result<Self> {
        let Manifest { title, exam, domains, parts, .. } = Manifest::load(files)?;
        Ok(Self { title, exam, domains, parts })
    }
}
