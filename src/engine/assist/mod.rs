//! Help while somebody writes: what may stand at a place of a text, and what stands there means.
//!
//! Types come from the tables of `validate`, words from `docs`, names from a cluster. A text that is broken at the place is the usual
//! case, so it is read by its indentation (`sketch`). Judges nothing.

mod docs;
mod format;
mod hover;
mod names;
mod offers;
mod site;
mod skeleton;
mod sketch;
mod text;
mod top;

pub use format::{Formatted, format};
pub use hover::Hover;

use self::{offers::Ground, site::Subject, sketch::document_at};
use super::{cluster::Cluster, source::Span};

/// Larger texts get no help.
pub const LARGEST: usize = 1 << 20;
/// So many offers are made; whoever types on sees the others.
const MOST: usize = 300;

/// What may stand at a place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completion {
    /// What an offer takes the place of, in bytes of the text.
    pub span: Span,
    /// The best first.
    pub offers: Vec<Offer>,
}

/// What kind of thing is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// A field of the object.
    Field,
    /// One of the values that the schema or Istio knows.
    Value,
    /// A name of this cluster.
    Name,
    /// A whole document to fill in.
    Document,
}

/// One thing that may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// How it is listed and found.
    pub label: String,
    /// What kind of thing it is.
    pub group: Group,
    /// The text that is written.
    pub insert: String,
    /// Its type, or where it comes from.
    pub detail: String,
    /// What it is for, in a sentence; may be empty.
    pub doc: String,
    /// Whether the object needs it.
    pub is_required: bool,
}

impl Offer {
    fn new(label: impl Into<String>, group: Group, insert: impl Into<String>, detail: impl Into<String>, doc: impl Into<String>) -> Self {
        Self { label: label.into(), group, insert: insert.into(), detail: detail.into(), doc: doc.into(), is_required: false }
    }

    /// A text whose quotes are added where it is written.
    fn name(label: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(label, Group::Name, String::new(), detail, "")
    }

    fn number(number: u32, detail: impl Into<String>) -> Self {
        Self::new(number.to_string(), Group::Name, number.to_string(), detail, "")
    }
}

/// Says what may stand at a byte offset of a text, in a cluster that it is applied to.
pub fn complete(text: &str, offset: usize, cluster: &Cluster) -> Completion {
    let Some(place) = Place::of(text, offset) else { return Completion::default() };
    let Some(spot) = place.subject.sketch.spot(place.offset) else { return Completion::default() };
    let (word, offers) = Ground { cluster, subject: &place.subject }.offers(&spot);
    let offers = offers.into_iter().take(MOST).collect();
    Completion { span: Span::new(place.base + word.start(), place.base + word.end()), offers }
}

/// Says what stands at a byte offset of a text means; none where there is nothing to say.
pub fn hover(text: &str, offset: usize, cluster: &Cluster) -> Option<Hover> {
    let place = Place::of(text, offset)?;
    let spot = place.subject.sketch.spot(place.offset)?;
    let hover = hover::at(cluster, &place.subject, &spot)?;
    Some(Hover { span: Span::new(place.base + hover.span.start(), place.base + hover.span.end()), ..hover })
}

/// A place within its document.
struct Place<'a> {
    subject: Subject<'a>,
    /// Where the document starts in the text.
    base: usize,
    offset: usize,
}

impl<'a> Place<'a> {
    fn of(text: &'a str, offset: usize) -> Option<Self> {
        if text.len() > LARGEST || !text.is_char_boundary(offset) {
            return None;
        }
        let span = document_at(text, offset);
        let subject = Subject::of(text.get(span.range())?);
        Some(Self { subject, base: span.start(), offset: offset.checked_sub(span.start())? })
    }
}

#[cfg(test)]
mod tests;
