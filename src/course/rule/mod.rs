//! What `istioctl analyze` and our hints say, code by code: a page each, in subjects that `rules.yaml` lists.

mod example;
mod read;
mod subject;

use super::html::SafeHtml;
use crate::engine::diagnostic::Code;
pub use example::{Example, Mark};
pub(super) use read::read;
pub use subject::Subject;
pub(super) use subject::{PATH, subjects};

/// The sections of a page, in order.
pub(super) const SECTIONS: [&str; 5] = ["What it says", "Why it matters", "Example", "How to mend it", "See also"];

/// The page of a code.
#[derive(Debug)]
pub struct RulePage {
    /// Its entry in the engine's catalogue: id, name, level, summary.
    pub code: &'static Code,
    /// Its file inside `content/`.
    pub path: String,
    /// Its sections in order; none where the page is not written, which the checker refuses.
    pub sections: Vec<Section>,
}

/// A heading and what stands below it.
#[derive(Debug)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// Its id in the page.
    pub anchor: String,
    /// Its line.
    pub line: usize,
    /// What stands below it, in order.
    pub pieces: Vec<RulePiece>,
}

/// A stretch of a section.
#[derive(Debug)]
pub enum RulePiece {
    /// Prose, plain code.
    Prose(SafeHtml),
    /// YAML that the engine judges.
    Example(Example),
}

impl RulePage {
    /// Its examples in order.
    pub fn examples(&self) -> impl Iterator<Item = &Example> {
        self.sections.iter().flat_map(|section| &section.pieces).filter_map(|piece| match piece {
            RulePiece::Example(example) => Some(example),
            RulePiece::Prose(_) => None,
        })
    }

    /// One of them by its number.
    pub fn example(&self, number: usize) -> Option<&Example> {
        self.examples().find(|example| example.number == number)
    }
}
