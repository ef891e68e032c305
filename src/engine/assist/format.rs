//! One look for a text: two blanks a level, lists at the column of their key, double quotes. Comments and meaning stay.
//!
//! Only blanks and quotes are touched, and every document is read again afterwards: one that would mean something else, or that
//! cannot be read, is left as it is.

use super::sketch::{Item, Sketch, Step, boundaries};
use crate::engine::{
    manifest::{self, Manifest},
    source::{SourceFile, Span},
};

/// A text in its new look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// All of it.
    pub text: String,
    /// How many documents are left as they were.
    pub left: usize,
}

/// Formats every document that can be read.
pub fn format(text: &str) -> Formatted {
    let mut out = Formatted { text: String::with_capacity(text.len()), left: 0 };
    let mut last = 0;
    for span in boundaries(text) {
        out.text += &text[last..span.start()];
        last = span.end();
        let document = &text[span.range()];
        if let Some(new) = formatted(document) {
            out.text += &new;
        } else {
            out.left += 1;
            out.text += document;
        }
    }
    out.text += &text[last..];
    out
}

/// A document in its new look; none where that cannot be had.
fn formatted(document: &str) -> Option<String> {
    if document.len() > super::LARGEST || document.contains('\t') {
        return None;
    }
    let before = read(document);
    if !before.diagnostics.is_empty() || before.documents.len() > 1 {
        return None;
    }
    let new = indented(&requoted(document));
    let after = read(&new);
    let is_same = after.diagnostics.is_empty()
        && after.documents.len() == before.documents.len()
        && after.documents.iter().zip(&before.documents).all(|(new, old)| new.root.is_same(&old.root));
    is_same.then_some(new)
}

fn read(text: &str) -> Manifest {
    manifest::read(&SourceFile::new("format", text))
}

/// Values in double quotes instead of single ones, where nothing has to be escaped.
fn requoted(text: &str) -> String {
    let sketch = Sketch::of(text);
    let mut spans: Vec<Span> = sketch.items.iter().map(|item| item.value).filter(|span| is_requotable(sketch.slice(*span))).collect();
    spans.sort_unstable();
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    for span in spans {
        out += &text[last..span.start()];
        out.push('"');
        out += &text[span.start() + 1..span.end() - 1];
        out.push('"');
        last = span.end();
    }
    out + &text[last..]
}

fn is_requotable(value: &str) -> bool {
    let inner = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
    inner.is_some_and(|inner| !inner.contains(['\'', '"', '\\']))
}

/// Every line at its column.
fn indented(text: &str) -> String {
    let sketch = Sketch::of(text);
    let columns = columns(&sketch);
    let mut out = String::with_capacity(text.len());
    let mut next = 0;
    // From where to where the last item moved: what belongs to it moves along.
    let mut shift = (0, 0);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let blanks = line.len() - line.trim_start_matches(' ').len();
        while next < sketch.items.len() && (sketch.items[next].key.start() < start || !sketch.items[next].is_block()) {
            next += 1;
        }
        let item = sketch.items.get(next).filter(|item| item.key.start() == start + blanks && is_start(item));
        if let Some(item) = item {
            shift = (item.indent, columns[next]);
            write_item(&mut out, &sketch, next, columns[next], end);
        } else if line[blanks..].starts_with('#') && !sketch.is_in_text(start + blanks) {
            let column = comment_column(&sketch, &columns, next, blanks).unwrap_or_else(|| moved(blanks, shift));
            out += &" ".repeat(column);
            out += trimmed(&line[blanks..]);
            out += ending(line);
        } else if line.trim().is_empty() && !sketch.is_in_text(start) {
            out += ending(line);
        } else {
            out += &" ".repeat(moved(blanks, shift));
            out += &line[blanks..];
        }
        start = end;
    }
    out
}

/// A key or dash that may start a line; a word without a colon is the rest of a text of several lines.
fn is_start(item: &Item) -> bool {
    item.has_colon || matches!(item.step, Step::Index(_))
}

/// The column of each item in the new look.
fn columns(sketch: &Sketch<'_>) -> Vec<usize> {
    let mut columns: Vec<usize> = Vec::with_capacity(sketch.items.len());
    for item in &sketch.items {
        let column = item.parent.map_or(0, |parent| {
            let above = columns[parent];
            let is_in_key = matches!(sketch.items[parent].step, Step::Key(_));
            above + if is_in_key && matches!(item.step, Step::Index(_)) { 0 } else { 2 }
        });
        columns.push(column);
    }
    columns
}

/// A line that starts with an item, with one blank behind each dash.
fn write_item(out: &mut String, sketch: &Sketch<'_>, first: usize, column: usize, end: usize) {
    *out += &" ".repeat(column);
    let mut at = sketch.items[first].key.start();
    for item in sketch.items[first..].iter().take_while(|item| item.is_block() && item.key.start() < end) {
        if !matches!(item.step, Step::Index(_)) {
            break;
        }
        let rest = sketch.text[item.key.end()..end].trim_start_matches(' ');
        let is_bare = rest.trim().is_empty();
        *out += if is_bare { "-" } else { "- " };
        at = if is_bare { item.key.end() } else { end - rest.len() };
    }
    let line = &sketch.text[at..end];
    *out += trimmed(line);
    *out += ending(line);
}

/// A comment stays beside the item that it stood beside: the next one, else the nearest before.
fn comment_column(sketch: &Sketch<'_>, columns: &[usize], next: usize, blanks: usize) -> Option<usize> {
    let is_beside = |at: &usize| sketch.items.get(*at).is_some_and(|item| item.is_block() && item.indent == blanks);
    let at = Some(next).filter(is_beside).or_else(|| (0..next.min(sketch.items.len())).rev().find(is_beside))?;
    Some(columns[at])
}

fn moved(blanks: usize, (from, to): (usize, usize)) -> usize {
    (blanks + to).saturating_sub(from)
}

fn ending(line: &str) -> &str {
    let bare = line.trim_end_matches(['\n', '\r']);
    &line[bare.len()..]
}

fn trimmed(line: &str) -> &str {
    line.trim_end_matches(['\n', '\r', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(text: &str) -> String {
        let formatted = format(text);
        assert_eq!(format(&formatted.text), formatted, "a second time changes nothing");
        formatted.text
    }

    #[test]
    fn indentation_dashes_and_quotes_become_one_look() {
        let text = "# a\nspec:\n    hosts:\n      - 'a'   \n      # b\n      -   \"c\"\n    http:\n        -   route:\n                - destination: {host: 'x',\n                      subset: v1}   # d\n            timeout: 1s\n\n    # e\n";
        let wanted = "# a\nspec:\n  hosts:\n  - \"a\"\n  # b\n  - \"c\"\n  http:\n  - route:\n    - destination: {host: \"x\",\n          subset: v1}   # d\n    timeout: 1s\n\n  # e\n";
        assert_eq!(new(text), wanted);
    }

    #[test]
    fn texts_of_several_lines_keep_their_meaning() {
        for text in [
            "a:\n    b: |\n        x\n          y  \n\n    c: >-\n        # no comment\n        z\n",
            "a:\n    b: \"one\n      two\"\n    c: one\n      two: three\n",
            "a:\n    b: one\n        two\n",
            "- - a\n  - b\n-   c: 1\n    d: 'it''s'\n",
            "a: &x\n    b: 1\nc: *x\n",
            "{a: 'b', c: [d, 'e\"']}\n",
            "a:\r\n    b: 1\r\n",
        ] {
            let formatted = new(text);
            let (old, fresh) = (read(text), read(&formatted));
            assert_eq!(fresh.documents.len(), old.documents.len(), "{formatted}");
            assert!(fresh.documents.iter().zip(&old.documents).all(|(a, b)| a.root.is_same(&b.root)), "{formatted}");
        }
        assert_eq!(new("a:\n    b: |\n        x\n          y\n    c: 1\n"), "a:\n  b: |\n      x\n        y\n  c: 1\n");
    }

    #[test]
    fn what_cannot_be_read_is_left_alone() {
        let text = "a:\n    b: 1\n---\na: [\n   b\n--- # c\nd:\n    e: 1\n";
        assert_eq!(format(text), Formatted { text: "a:\n  b: 1\n---\na: [\n   b\n--- # c\nd:\n  e: 1\n".into(), left: 1 });
        assert_eq!(format(""), Formatted { text: String::new(), left: 0 });
    }
}
