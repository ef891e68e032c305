//! One document of a stream.

use std::sync::{Arc, OnceLock};

use super::{Node, Value};
use crate::engine::source::{Position, SourceFile, Span};

/// A document that holds a value. Empty documents are none.
#[derive(Debug, Clone)]
pub struct Document {
    /// The text it stands in.
    pub file: Arc<SourceFile>,
    /// The value, a mapping for anything that Kubernetes takes.
    pub root: Node,
    sound: OnceLock<()>,
}

impl Document {
    /// A document of which nothing is known yet.
    pub(in crate::engine) fn new(file: Arc<SourceFile>, root: Node) -> Self {
        Self { file, root, sound: OnceLock::new() }
    }

    /// Remembers that the API server and istiod have nothing to say of it, so that no later stage need ask them again.
    pub(in crate::engine) fn note_sound(&self) {
        // Whoever comes second has found the same.
        let _ = self.sound.set(());
    }

    /// Whether that has been found; where it has not, nothing is known.
    pub(in crate::engine) fn is_known_sound(&self) -> bool {
        self.sound.get().is_some()
    }

    /// Line and column of the first key.
    pub fn position(&self) -> Position {
        self.file.position(self.root.span.start())
    }

    /// The node at a path such as `spec.http[0].match[1]`; keys with dots stand in brackets: `metadata.labels[app.kubernetes.io/name]`.
    pub fn find(&self, path: &str) -> Option<&Node> {
        Self::steps(path).try_fold(&self.root, step_into)
    }

    /// Where a path is written: its key and value, or those of the nearest part of the path that exists.
    pub fn span_of(&self, path: &str) -> Span {
        let mut span = self.root.span;
        let mut node = &self.root;
        for step in Self::steps(path) {
            if let Some(entry) = node.entry(step) {
                span = Span::new(entry.key_span.start(), entry.value.span.end().max(entry.key_span.end()));
                node = &entry.value;
            } else if let Some(item) = step_into(node, step) {
                span = item.span;
                node = item;
            } else {
                break;
            }
        }
        span
    }

    /// The steps of a path: `spec`, `http`, `0`.
    pub(in crate::engine) fn steps(path: &str) -> impl Iterator<Item = &str> {
        let mut rest = path;
        std::iter::from_fn(move || {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            if rest.is_empty() {
                return None;
            }
            if let Some(inner) = rest.strip_prefix('[') {
                let (step, tail) = inner.split_once(']').unwrap_or((inner, ""));
                rest = tail;
                return Some(step);
            }
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (step, tail) = rest.split_at(end);
            rest = tail;
            Some(step)
        })
    }
}

fn step_into<'a>(node: &'a Node, step: &str) -> Option<&'a Node> {
    match &node.value {
        Value::Map(_) => node.get(step),
        Value::Seq(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}
