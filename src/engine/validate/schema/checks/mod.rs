//! Conditions that the tables name: the CEL rules of the CRDs, and what the API server asks of metadata.
//!
//! Each looks at one sound value and its parts, never at its surroundings.

mod filters;
mod gateway_api;
mod istio;
mod kubernetes;
mod metadata;
mod parents;

use crate::engine::{
    diagnostic::{Level, Stage},
    manifest::Node,
    source::Span,
    validate::{
        report::{Report, first_of, place},
        schema::trail::Trail,
    },
};

/// Looks at a value and says what is wrong with it.
pub(super) type Check = fn(&Node, &mut Faults<'_, '_>);

/// Where a check says what it finds.
pub(super) struct Faults<'r, 'a> {
    pub(super) report: &'r mut Report<'a>,
    /// Where the checked value stands.
    pub(super) trail: &'r Trail<'r>,
    pub(super) span: Span,
}

impl Faults<'_, '_> {
    /// Of the value as a whole.
    fn here(&mut self, message: impl Into<String>) {
        self.report.say(Stage::Schema, Level::Error, &self.trail.path(), self.span, message);
    }

    /// Of one of its fields or keys, or of the value where that is not written.
    fn at_key(&mut self, node: &Node, key: &str, message: impl Into<String>) {
        let span = node.entry(key).map_or(self.span, |entry| place(&entry.value, entry.key_span));
        self.report.say(Stage::Schema, Level::Error, &self.trail.key(key).path(), span, message);
    }

    /// Of one of its keys, the key itself and not its value.
    fn of_key(&mut self, node: &Node, key: &str, message: impl Into<String>) {
        let span = node.entry(key).map_or(self.span, |entry| entry.key_span);
        self.report.say(Stage::Schema, Level::Error, &self.trail.key(key).path(), span, message);
    }

    /// Of something deeper within, at a path such as `.ports[0].name`.
    fn at(&mut self, below: &str, span: Span, message: impl Into<String>) {
        let path = format!("{}{below}", self.trail.path());
        self.report.say(Stage::Schema, Level::Error, path.trim_start_matches('.'), span, message);
    }

    /// Of one of its items.
    fn at_item(&mut self, node: &Node, at: usize, message: impl Into<String>) {
        let span = node.items().get(at).map_or(self.span, first_of);
        self.report.say(Stage::Schema, Level::Error, &self.trail.item(at).path(), span, message);
    }
}

/// The check of a name.
pub(super) fn find(name: &str) -> Option<Check> {
    [istio::CHECKS, gateway_api::CHECKS, filters::CHECKS, parents::CHECKS, metadata::CHECKS]
        .into_iter()
        .chain(kubernetes::CHECKS.iter().copied())
        .flatten()
        .find(|(known, _)| *known == name)
        .map(|(_, check)| *check)
}

/// A field that is set; `null` sets nothing.
fn set<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.get(key).filter(|value| !value.is_null())
}

/// A text field, or what it is where it is not set.
fn text<'n>(node: &'n Node, key: &str, otherwise: &'n str) -> &'n str {
    set(node, key).and_then(Node::as_str).unwrap_or(otherwise)
}

/// The items of a list field.
fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    set(node, key).map(Node::items).unwrap_or_default()
}
