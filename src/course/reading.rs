//! What is noted while content is read: its faults, and the places in the course that it points to.

use std::fmt;

/// Something in `content/` that an author has to mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, inside `content/`.
    pub path: String,
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong and how to mend it. Lower case, no full stop.
    pub message: String,
}

/// `content/chapters/mesh.md:12: …`
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "content/{}:{}: {}", self.path, self.line, self.message)
    }
}

/// A chapter, or a place in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The chapter.
    pub slug: String,
    /// The heading.
    pub anchor: Option<String>,
}

impl Target {
    /// Reads `slug` or `slug#anchor`.
    pub(super) fn parse(text: &str) -> Self {
        match text.split_once('#') {
            Some((slug, anchor)) => Self { slug: slug.to_owned(), anchor: Some(anchor.to_owned()) },
            None => Self { slug: text.to_owned(), anchor: None },
        }
    }

    /// Its address in the portal.
    pub fn address(&self) -> String {
        match &self.anchor {
            Some(anchor) => super::address::place(&self.slug, anchor),
            None => super::address::chapter(&self.slug),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.slug)?;
        self.anchor.iter().try_for_each(|anchor| write!(f, "#{anchor}"))
    }
}

/// Where something is pointed to.
#[derive(Debug, Clone)]
pub(super) struct Pointer {
    pub path: String,
    pub line: usize,
    pub target: Target,
}

/// The notes.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub faults: Vec<Fault>,
    pub pointers: Vec<Pointer>,
}

impl Reading {
    /// Notes a fault.
    pub fn fault(&mut self, path: &str, line: usize, message: impl Into<String>) {
        self.faults.push(Fault { path: path.to_owned(), line, message: message.into() });
    }

    /// Notes that `target` has to exist.
    pub fn point(&mut self, path: &str, line: usize, target: Target) {
        self.pointers.push(Pointer { path: path.to_owned(), line, target });
    }
}

/// The line of the first occurrence of `needle`, or 1.
pub(super) fn line_of(text: &str, needle: &str) -> usize {
    text.find(needle).map_or(1, |at| text[..at].matches('\n').count() + 1)
}
