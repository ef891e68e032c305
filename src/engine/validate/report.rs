//! Collects what is found in one object, each finding at its place.
//!
//! Knows paths and spans, and no rule.

use std::sync::Arc;

use compact_str::ToCompactString;

use super::Extent;
use crate::engine::{
    diagnostic::{Code, Diagnostic, Fix, Level, Stage},
    manifest::{Document, Node, Value},
    source::Span,
};

/// One object under judgement: a document, or an item of a `List` in one.
pub(super) struct Report<'a> {
    document: &'a Document,
    /// The object itself.
    pub object: &'a Node,
    /// How much of it is there.
    pub extent: Extent,
    /// What was found so far.
    pub diagnostics: Vec<Diagnostic>,
    left_out: usize,
}

/// Findings that are told of one object; nobody reads more, and a text of megabytes can hold hundreds of thousands.
const MOST: usize = 500;

impl<'a> Report<'a> {
    /// Nothing is found yet.
    pub fn new(document: &'a Document, object: &'a Node, extent: Extent) -> Self {
        Self { document, object, extent, diagnostics: Vec::new(), left_out: 0 }
    }

    /// Says something of a range of the text.
    pub fn say(&mut self, stage: Stage, level: Level, path: &str, span: Span, message: impl Into<String>) {
        if self.diagnostics.len() >= MOST {
            self.left_out += 1;
            return;
        }
        self.diagnostics.push(Diagnostic {
            stage,
            level,
            code: None,
            message: message.into(),
            path: path.to_owned(),
            file: Arc::clone(&self.document.file),
            span,
            fix: None,
        });
    }

    /// Whether one more finding would be left out; it then counts as such, and its words need not be found.
    pub fn is_full(&mut self) -> bool {
        let is_full = self.diagnostics.len() >= MOST;
        self.left_out += usize::from(is_full);
        is_full
    }

    /// Adds a certain cure to what was said last.
    pub fn fix(&mut self, span: Span, replacement: String) {
        // What was said last may have been left out.
        if self.left_out == 0
            && let Some(last) = self.diagnostics.last_mut()
        {
            last.fix = Some(Fix { span, replacement });
        }
    }

    /// Gives what was said last a code of its own.
    pub fn code(&mut self, code: &'static Code) {
        if self.left_out == 0
            && let Some(last) = self.diagnostics.last_mut()
        {
            last.code = Some(code);
        }
    }

    /// All that was found; where it was too much, the last finding says so.
    pub fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        if self.left_out > 0
            && let Some(last) = self.diagnostics.last_mut()
        {
            last.message = format!("{} (and {} more findings, which are left out)", last.message, self.left_out);
        }
        self.diagnostics
    }

    /// The text as it is written.
    pub fn written(&self, span: Span) -> &str {
        self.document.file.slice(span)
    }

    /// Where to point for a path: the value where it is a simple one, the key where it is a mapping or a list,
    /// the same for the nearest part that exists where the path itself is not written.
    pub fn locate(&self, path: &str) -> Span {
        let mut node = self.object;
        let mut span = first_of(node);
        for step in Document::steps(path) {
            let next = match &node.value {
                Value::Map(_) => node.entry(step).map(|entry| (&entry.value, place(&entry.value, entry.key_span))),
                Value::Seq(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)).map(|item| (item, first_of(item))),
                _ => None,
            };
            let Some((next, next_span)) = next else { break };
            (node, span) = (next, next_span);
        }
        span
    }
}

/// Puts a key behind a path. A key that would look like several steps stands in brackets.
pub(super) fn push_key(path: &mut String, key: &str) {
    if key.is_empty() || key.bytes().any(|byte| matches!(byte, b'.' | b'[' | b']' | b'/')) {
        path.extend(["[", key, "]"]);
    } else {
        push_field(path, key);
    }
}

/// Puts the name of a field behind a path.
pub(super) fn push_field(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}

/// Puts the place of an item of a list behind a path.
pub(super) fn push_item(path: &mut String, at: usize) {
    path.extend(["[", &at.to_compact_string(), "]"]);
}

/// Where to point for a value under a key.
pub(super) fn place(value: &Node, key: Span) -> Span {
    match value.value {
        Value::Map(_) | Value::Seq(_) | Value::Null => key,
        _ => value.span,
    }
}

/// Where to point for a value without a key: the first key of a mapping, the first sign of a list, else all of it.
pub(super) fn first_of(node: &Node) -> Span {
    match &node.value {
        Value::Map(entries) => entries.first().map_or(node.span, |entry| entry.key_span),
        Value::Seq(_) => Span::new(node.span.start(), node.span.end().min(node.span.start() + 1)),
        _ => node.span,
    }
}
