//! A chapter: what its page shows, in pieces.

mod fence;
mod front_matter;
mod quick_check;
mod read;

use super::{
    html::SafeHtml,
    trial::{Trial, Tried},
};
pub use fence::Promise;
pub use front_matter::Source;
pub use quick_check::{CheckOption, QuickCheck};
pub(super) use read::{read, slug};

/// One chapter.
#[derive(Debug)]
pub struct Chapter {
    /// Its name in addresses.
    pub slug: String,
    /// Its file inside `content/`.
    pub path: String,
    /// Title.
    pub title: String,
    /// One sentence.
    pub summary: String,
    /// Reading time.
    pub minutes: u32,
    /// What a reader can do afterwards.
    pub objectives: Vec<SafeHtml>,
    /// The competencies it covers, by id.
    pub competencies: Vec<String>,
    /// Where to read on.
    pub sources: Vec<Source>,
    /// The text in order.
    pub pieces: Vec<Piece>,
    /// Its headings in order.
    pub outline: Vec<Heading>,
    /// Words of prose, without code.
    pub words: usize,
    /// Diagrams it shows, by slug.
    pub diagrams: Vec<String>,
    /// Examples of the gallery that it frames, by name and line.
    pub examples: Vec<(String, usize)>,
}

/// A heading that can be linked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 2 or 3.
    pub level: u8,
    /// Its id in the page.
    pub anchor: String,
    /// Its text.
    pub text: String,
    /// Its line.
    pub line: usize,
}

/// A stretch of a chapter.
#[derive(Debug)]
pub enum Piece {
    /// Prose, tables, plain code, diagrams.
    Prose(SafeHtml),
    /// YAML that the engine judges.
    Block(Box<Block>),
    /// A question between sections.
    Check(QuickCheck),
}

/// YAML in a chapter.
#[derive(Debug)]
pub struct Block {
    /// Its number among the blocks of the chapter that can be tried, from 1.
    pub number: usize,
    /// The line of its fence.
    pub line: usize,
    /// In colours.
    pub html: SafeHtml,
    /// What to try.
    pub trial: Trial,
    /// What its fence says comes of it.
    pub promise: Promise,
    /// What the engine says comes of it; none where the world is missing.
    pub tried: Option<Tried>,
}

impl Block {
    /// The headers of its request, for people.
    pub fn headers(&self) -> String {
        let headers = self.trial.request.iter().flat_map(|request| &request.headers);
        headers.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(", ")
    }

    /// The outcome of its request.
    pub fn outcome(&self) -> Option<&str> {
        self.tried.as_ref()?.outcome.as_ref()?.as_deref().ok()
    }
}

impl Chapter {
    /// Its YAML that can be tried.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Block(block) => Some(block.as_ref()),
            Piece::Prose(_) | Piece::Check(_) => None,
        })
    }

    /// One of them by its number.
    pub fn block(&self, number: usize) -> Option<&Block> {
        self.blocks().find(|block| block.number == number)
    }

    /// Its quick checks.
    pub fn checks(&self) -> impl Iterator<Item = &QuickCheck> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Check(check) => Some(check),
            Piece::Prose(_) | Piece::Block(_) => None,
        })
    }

    pub(super) fn blocks_mut(&mut self) -> impl Iterator<Item = &mut Block> {
        self.pieces.iter_mut().filter_map(|piece| match piece {
            Piece::Block(block) => Some(block.as_mut()),
            Piece::Prose(_) | Piece::Check(_) => None,
        })
    }

    /// Whether it has a heading with that anchor.
    pub fn has_anchor(&self, anchor: &str) -> bool {
        self.outline.iter().any(|heading| heading.anchor == anchor)
    }
}
