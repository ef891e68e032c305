//! The lines that istioctl names.
//!
//! `pilot/pkg/config/file/store.go` and `util/kubeyaml` of 1.26.4: a document is known by the first line that is neither blank
//! nor the separator, comments counting; a field by the line of its value, where that is a scalar. The figures have two quirks,
//! kept here so that both programs name the same line: a separator in front of the first document moves its fields down by the
//! lines between, and the objects of a `List` are written out again, which moves them down by one.

use crate::engine::{
    manifest::{Document, Node, Value},
    resource::Resource,
};

/// The line of a field of an object, or of the object where the field is not a scalar or not there.
pub(super) fn line(resource: &Resource, path: &str) -> usize {
    let chunk = Chunk::of(resource);
    let shift = usize::from(!resource.prefix.is_empty());
    let field = if path.is_empty() { None } else { scalar(resource, path) };
    match field {
        Some(node) => resource.document.file.position(node.span.start()).line + chunk.first - chunk.text + shift,
        None if resource.prefix.is_empty() => chunk.first,
        None => resource.document.file.position(resource.span_of("").start()).line + chunk.first - chunk.text + shift,
    }
}

/// The scalar at a path. What stands behind an alias is not seen.
fn scalar<'a>(resource: &'a Resource, path: &str) -> Option<&'a Node> {
    let is_alias = |node: &Node| resource.document.file.slice(node.span).starts_with('*');
    let mut node = resource.node("")?;
    for step in Document::steps(path) {
        node = match &node.value {
            Value::Seq(items) => items.get(step.parse::<usize>().ok()?)?,
            _ => node.get(step)?,
        };
        if is_alias(node) {
            return None;
        }
    }
    (!matches!(node.value, Value::Seq(_) | Value::Map(_))).then_some(node)
}

/// Where a document starts.
struct Chunk {
    /// Its first line that is neither blank nor the separator.
    first: usize,
    /// The line from which its fields are counted.
    text: usize,
}

impl Chunk {
    /// Follows istioctl's reader from the last line that can have changed its mind to the document's first key.
    fn of(resource: &Resource) -> Self {
        let start = resource.document.root.span.start();
        let above = resource.document.file.lines_above(start);
        let root = above.clone().next().map_or(1, |(nearest, _)| nearest + 1);
        let separator = above.clone().find(|(_, line)| is_separator(line)).map_or(0, |(number, _)| number);
        let mut before = above.clone().skip(root - separator);
        let content = before.find(|(_, line)| !is_separator(line) && !is_blank(line)).map_or(0, |(number, _)| number);
        let downwards: Vec<(usize, &str)> = above.take_while(|(number, _)| *number >= content).collect();
        // What was read since the last separator that counted; one with nothing before it belongs to the text that follows.
        let mut chunk: Vec<(usize, &str)> = Vec::new();
        for (number, line) in downwards.into_iter().rev() {
            if is_separator(line) && !chunk.is_empty() {
                chunk.clear();
            } else {
                chunk.push((number, line));
            }
        }
        let first = |counts: fn(&str) -> bool| chunk.iter().find(|(_, line)| counts(line)).map_or(root, |(number, _)| *number);
        Self { first: first(|line| !matches!(line, "" | "---")), text: first(|line| !is_blank(line)) }
    }
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

fn is_separator(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| rest.trim_end().is_empty())
}
