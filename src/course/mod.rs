//! The course: manifest, chapters, questions, worlds, examples and pages of codes, loaded once from `content/`.
//!
//! Knows the engine; knows nothing of learners, pages or SQL. The only place where HTML is declared safe.

pub mod address;
mod chapter;
pub mod check;
mod diagram;
mod figures;
mod files;
mod gallery;
mod html;
mod manifest;
mod markdown;
mod question;
mod read;
mod reading;
mod rule;
mod trial;

use std::collections::BTreeMap;

use anyhow::bail;
pub use chapter::{Block, Chapter, CheckOption, Heading, Piece, Promise, QuickCheck, Source};
pub use files::Files;
pub use gallery::{Exhibit, Probe, Promised};
pub use html::SafeHtml;
pub use manifest::{Competency, Domain, Exam, Part, Range, WorldNote};
pub use question::{Blank, Choice, Item, Prediction, Question, QuestionKind, WrongAnswer};
pub use reading::{Fault, Target};
pub use rule::{Example, Mark, RulePage, RulePiece, Section, Subject};
pub use trial::{Finding, Trial, Tried, World};

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
    /// The competencies that are covered today, by id.
    pub covered: Vec<String>,
    /// The chapters in reading order.
    pub chapters: Vec<Chapter>,
    /// The questions, by chapter and in the order of their files.
    pub questions: Vec<Question>,
    /// The clusters in which something can be tried, by name.
    pub worlds: BTreeMap<String, World>,
    /// What there is to say of them, in the order of the playground's list.
    pub world_notes: Vec<WorldNote>,
    /// The pages of codes, in the order of the catalogue.
    pub rules: Vec<RulePage>,
    /// What the codes are about.
    pub subjects: Vec<Subject>,
    /// Examples that the playground offers, in the order of the list.
    pub gallery: Vec<Exhibit>,
}

impl Course {
    /// The course that the binary carries.
    pub fn embedded() -> anyhow::Result<Self> {
        Self::load(&Files::embedded())
    }

    /// Loads a course. What cannot be read is an error; whether what it says is true is the matter of [`check`].
    pub fn load(files: &Files) -> anyhow::Result<Self> {
        let (course, reading) = read::read(files)?;
        match reading.faults.as_slice() {
            [] => Ok(course),
            [first, rest @ ..] => {
                bail!("{first}{}", if rest.is_empty() { String::new() } else { format!(" (and {} more; run meshwright content check)", rest.len()) })
            }
        }
    }

    /// A chapter by its slug.
    pub fn chapter(&self, slug: &str) -> Option<&Chapter> {
        self.chapters.iter().find(|chapter| chapter.slug == slug)
    }

    /// The chapters of a part, in order.
    pub fn chapters_of<'a>(&'a self, part: &'a Part) -> impl Iterator<Item = &'a Chapter> {
        part.chapters.iter().filter_map(|slug| self.chapter(slug))
    }

    /// The part that a chapter is in.
    pub fn part_of(&self, slug: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.chapters.iter().any(|chapter| chapter == slug))
    }

    /// The chapters before and behind one.
    pub fn neighbours(&self, slug: &str) -> (Option<&Chapter>, Option<&Chapter>) {
        let Some(at) = self.chapters.iter().position(|chapter| chapter.slug == slug) else { return (None, None) };
        (at.checked_sub(1).and_then(|before| self.chapters.get(before)), self.chapters.get(at + 1))
    }

    /// The quiz of a chapter.
    pub fn questions_of<'a>(&'a self, slug: &'a str) -> impl Iterator<Item = &'a Question> {
        self.questions.iter().filter(move |question| question.chapter == slug)
    }

    /// A question by its id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// The page of a code, however its letters are cased.
    pub fn rule(&self, id: &str) -> Option<&RulePage> {
        self.rules.iter().find(|page| page.code.id.eq_ignore_ascii_case(id))
    }

    /// What there is to say of a world.
    pub fn world_note(&self, name: &str) -> Option<&WorldNote> {
        self.world_notes.iter().find(|note| note.name == name)
    }

    /// An example of the gallery.
    pub fn exhibit(&self, name: &str) -> Option<&Exhibit> {
        self.gallery.iter().find(|exhibit| exhibit.name == name)
    }

    /// The subject that a code belongs to.
    pub fn subject_of(&self, id: &str) -> Option<&Subject> {
        self.subjects.iter().find(|subject| subject.codes.iter().any(|code| code == id))
    }

    /// A competency and the domain it belongs to.
    pub fn competency(&self, id: &str) -> Option<(&Domain, &Competency)> {
        self.domains.iter().find_map(|domain| domain.competencies.iter().find(|competency| competency.id == id).map(|competency| (domain, competency)))
    }
}
