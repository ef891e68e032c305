//! Where in an object of which kind a place is, by the tables.

use super::sketch::{Sketch, Step};
use crate::engine::{
    resource::{Kind, KindLookup},
    validate::Outline,
};

/// A document, as far as it says what it is.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub sketch: Sketch<'a>,
    /// Its kind, where that is served.
    pub kind: Option<Kind>,
    /// Its namespace, `default` where it names none.
    pub namespace: &'a str,
}

/// What the tables say of a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    /// What may stand there.
    pub outline: Outline,
    /// The object type and the field that it belongs to; items of a list and entries of a map belong to their field.
    pub owner: Option<(&'static str, &'static str)>,
    /// Whether it is the value of a key that people choose themselves.
    pub is_entry: bool,
    /// Whether the field must be there.
    pub is_required: bool,
}

impl<'a> Subject<'a> {
    pub fn of(text: &'a str) -> Self {
        let sketch = Sketch::of(text);
        let word = |key: &str| sketch.value(None, key).unwrap_or_default();
        let kind = match Kind::lookup(word("apiVersion"), word("kind")) {
            KindLookup::Known(kind) | KindLookup::WrongVersion(kind) => Some(kind),
            // The kind alone says enough, where only one group has it.
            _ => only(Kind::ALL.iter().copied().filter(|kind| kind.name() == word("kind") && word("apiVersion").is_empty())),
        };
        let metadata = sketch.child(None, "metadata");
        let namespace = metadata.and_then(|metadata| sketch.value(Some(metadata), "namespace")).unwrap_or("default");
        Self { sketch, kind, namespace }
    }

    /// What may stand at the end of a path; none where the tables do not say.
    pub fn site(&self, path: &[Step]) -> Option<Site> {
        let whole = |outline| Site { outline, owner: None, is_entry: false, is_required: false };
        let (mut site, rest) = match path {
            [Step::Key(first), rest @ ..] if first == "metadata" => (whole(Outline::metadata()), rest),
            path => (whole(Outline::of(self.kind?)?), path),
        };
        for step in rest {
            let outline = site.outline;
            site = match step {
                Step::Index(_) => Site { outline: outline.item()?, ..site },
                Step::Key(name) => match outline.object_name() {
                    Some(object) => {
                        let field = outline.field(name)?;
                        Site { outline: field.value, owner: Some((object, field.name)), is_entry: false, is_required: field.is_required }
                    }
                    None => Site { outline: outline.entry()?, is_entry: true, is_required: false, ..site },
                },
            };
        }
        Some(site)
    }
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next();
    if all.next().is_some() { None } else { first }
}
