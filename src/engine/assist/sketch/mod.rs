//! A document as indentation and brackets show it, read without ever failing: what is being typed is seldom YAML.
//!
//! Knows keys, items and where they stand; no types, no anchors, no values in more than one line. Everything is linear in the text.

mod flow;
mod spot;

pub(super) use spot::Spot;

use crate::engine::source::Span;

/// Levels below which nothing is read.
const DEPTH: usize = 100;

/// One step of the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// A key or an item of a list.
#[derive(Debug)]
pub(super) struct Item {
    pub parent: Option<usize>,
    pub step: Step,
    /// Where the key stands, or the dash.
    pub key: Span,
    /// Whether a colon follows: a word alone may become a key.
    pub has_colon: bool,
    /// The text behind it on its line; empty where there is none.
    pub value: Span,
    /// Bytes before it on its line.
    pub indent: usize,
    /// The brackets that it stands in.
    flow: Option<usize>,
    depth: usize,
    children: usize,
}

impl Item {
    /// Whether it stands in no brackets.
    pub fn is_block(&self) -> bool {
        self.flow.is_none()
    }
}

/// Brackets and what they belong to.
#[derive(Debug)]
struct Flow {
    owner: Option<usize>,
    open: usize,
    /// Where they close, or where they would have to.
    end: usize,
    is_map: bool,
}

/// What was made out of one document. Places are those of its own text.
#[derive(Debug)]
pub(super) struct Sketch<'a> {
    pub text: &'a str,
    pub items: Vec<Item>,
    flows: Vec<Flow>,
    /// Texts of several lines behind `|` and `>`.
    blocks: Vec<Span>,
}

/// The document of a text that an offset lies in, without the lines that part it from its neighbours; nothing on such a line.
pub(super) fn document_at(text: &str, offset: usize) -> Span {
    let mut span = Span::new(0, text.len());
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        if start > offset {
            if is_boundary(line) {
                span = Span::new(span.start(), start);
                break;
            }
        } else if is_boundary(line) {
            if offset < end || !line.ends_with('\n') {
                return Span::new(offset, offset);
            }
            span = Span::new(end, span.end());
        }
        start = end;
    }
    span
}

/// All documents of a text, without the lines between them.
pub(super) fn boundaries(text: &str) -> Vec<Span> {
    let mut spans = vec![Span::new(0, 0)];
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        if is_boundary(line) {
            spans.push(Span::new(end, end));
        } else if let Some(last) = spans.last_mut() {
            *last = Span::new(last.start(), end);
        }
        start = end;
    }
    spans
}

fn is_boundary(line: &str) -> bool {
    ["---", "..."].iter().any(|mark| line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n'])))
}

impl<'a> Sketch<'a> {
    /// Reads one document.
    pub fn of(text: &'a str) -> Self {
        let mut reader = Reader { sketch: Self { text, items: Vec::new(), flows: Vec::new(), blocks: Vec::new() }, next: 0, stack: Vec::new() };
        reader.run();
        reader.sketch
    }

    /// The way to an item.
    pub fn path(&self, item: Option<usize>) -> Vec<Step> {
        let mut path = Vec::new();
        let mut next = item;
        while let Some(at) = next {
            path.push(self.items[at].step.clone());
            next = self.items[at].parent;
        }
        path.reverse();
        path
    }

    /// What stands directly below an item, or at the top.
    pub fn children(&self, parent: Option<usize>) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.parent == parent)
    }

    /// The place of a key below an item.
    pub fn child(&self, parent: Option<usize>, key: &str) -> Option<usize> {
        self.items.iter().position(|item| item.parent == parent && item.has_colon && matches!(&item.step, Step::Key(name) if name == key))
    }

    /// The text behind a key, without quotes; none where nothing stands there.
    pub fn value(&self, parent: Option<usize>, key: &str) -> Option<&'a str> {
        let text = self.slice(self.items[self.child(parent, key)?].value);
        let bare = text.trim_matches(['"', '\'']);
        (!bare.is_empty()).then_some(bare)
    }

    /// Whether an offset lies in a text of several lines behind `|` or `>`.
    pub fn is_in_text(&self, at: usize) -> bool {
        self.blocks.iter().any(|block| block.start() < at && at <= block.end())
    }

    pub fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or_default()
    }
}

struct Reader<'a> {
    sketch: Sketch<'a>,
    /// Where the next line starts.
    next: usize,
    /// The items that the next line may belong to, outermost first.
    stack: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn text(&self) -> &'a str {
        self.sketch.text
    }

    fn run(&mut self) {
        while self.next < self.text().len() {
            let start = self.next;
            let (indent, end) = self.line_at(start);
            self.next = (end + 1).min(self.text().len());
            let body = self.text()[start + indent..end].trim_end();
            if !body.is_empty() && !body.starts_with('#') && !(indent == 0 && (is_boundary(body) || body.starts_with('%'))) {
                self.line(start + indent, indent, start + indent + body.len());
            }
        }
    }

    /// Blanks at the start of a line, and where it ends.
    fn line_at(&self, start: usize) -> (usize, usize) {
        let rest = &self.text()[start..];
        let end = start + rest.find('\n').unwrap_or(rest.len());
        (rest.bytes().take_while(|byte| *byte == b' ').count().min(end - start), end)
    }

    fn line(&mut self, mut from: usize, mut column: usize, end: usize) {
        let mut dash = None;
        loop {
            let rest = &self.text()[from..end];
            if rest == "-" || rest.starts_with("- ") {
                self.leave(column, true);
                dash = self.push(Step::Index(0), Span::new(from, from + 1), column, false);
                let Some(_) = dash else { return };
                let skip = 1 + rest[1..].bytes().take_while(|byte| *byte == b' ').count();
                if from + skip >= end {
                    return;
                }
                (from, column) = (from + skip, column + skip);
                continue;
            }
            return match key(rest) {
                Some((name, length, colon)) => {
                    self.leave(column, false);
                    let Some(item) = self.push(Step::Key(name), Span::new(from, from + length), column, true) else { return };
                    self.value(Some(item), from + colon, end, column);
                }
                None if dash.is_some() => self.value(dash, from, end, column.saturating_sub(2)),
                None if rest.starts_with(['{', '[']) => self.flow(None, from, None),
                None => {
                    self.leave(column, false);
                    let word = rest[..comment(rest)].trim_end();
                    self.push(Step::Key(word.to_owned()), Span::new(from, from + word.len()), column, false);
                }
            };
        }
    }

    /// Leaves what does not reach to a column; a list may stand at the column of its key.
    fn leave(&mut self, column: usize, is_dash: bool) {
        while let Some(&top) = self.stack.last() {
            let item = &self.sketch.items[top];
            if item.indent < column || is_dash && item.indent == column && matches!(item.step, Step::Key(_)) {
                return;
            }
            self.stack.pop();
        }
    }

    fn push(&mut self, step: Step, key: Span, indent: usize, has_colon: bool) -> Option<usize> {
        let parent = self.stack.last().copied();
        let at = self.add(parent, step, key, indent, has_colon, None)?;
        self.stack.push(at);
        Some(at)
    }

    /// Adds an item; items of a list are counted here. Nothing below the bound.
    fn add(&mut self, parent: Option<usize>, step: Step, key: Span, indent: usize, has_colon: bool, flow: Option<usize>) -> Option<usize> {
        let depth = parent.map_or(0, |parent| self.sketch.items[parent].depth + 1);
        if depth >= DEPTH {
            return None;
        }
        let mut step = step;
        if let (Some(parent), Step::Index(number)) = (parent, &mut step) {
            *number = self.sketch.items[parent].children;
            self.sketch.items[parent].children += 1;
        }
        self.sketch.items.push(Item { parent, step, key, has_colon, value: Span::new(key.end(), key.end()), indent, flow, depth, children: 0 });
        Some(self.sketch.items.len() - 1)
    }

    /// What follows a colon or a dash.
    fn value(&mut self, item: Option<usize>, from: usize, end: usize, column: usize) {
        let rest = &self.text()[from..end];
        let skip = rest.len() - properties(rest).len();
        let (from, rest) = (from + skip, &rest[skip..]);
        let length = match rest.bytes().next() {
            None | Some(b'#') => return,
            Some(b'{' | b'[') => return self.flow(item, from, Some(column)),
            Some(b'|' | b'>') => return self.block(end, column),
            Some(quote @ (b'"' | b'\'')) => quoted(rest, quote),
            Some(_) => rest[..comment(rest)].trim_end().len(),
        };
        if let Some(item) = item {
            self.sketch.items[item].value = Span::new(from, from + length);
        }
    }

    /// Passes over the lines of a text that are deeper than its key.
    fn block(&mut self, from: usize, column: usize) {
        let mut last = from;
        while self.next < self.text().len() {
            let (indent, end) = self.line_at(self.next);
            let is_blank = self.text()[self.next + indent..end].trim().is_empty();
            if !is_blank && indent <= column {
                break;
            }
            if !is_blank {
                last = end;
            }
            self.next = (end + 1).min(self.text().len());
        }
        self.sketch.blocks.push(Span::new(from, last));
    }
}

/// Name, length and, behind the colon, the start of the value, where a line starts with a key.
fn key(rest: &str) -> Option<(String, usize, usize)> {
    let first = rest.bytes().next()?;
    let is_colon = |tail: &str| tail.strip_prefix(':').is_some_and(|tail| tail.is_empty() || tail.starts_with([' ', '\t']));
    if matches!(first, b'"' | b'\'') {
        let length = quoted(rest, first);
        let blanks = rest[length..].bytes().take_while(|byte| *byte == b' ').count();
        return is_colon(&rest[length + blanks..]).then(|| (rest[..length].trim_matches(char::from(first)).to_owned(), length, length + blanks + 1));
    }
    if matches!(first, b'{' | b'[' | b'|' | b'>' | b'#' | b'&' | b'*' | b'!' | b'%' | b'@' | b'`') {
        return None;
    }
    let at = rest.match_indices(':').map(|(at, _)| at).find(|at| is_colon(&rest[*at..]))?;
    let name = rest[..at].trim_end_matches([' ', '\t']);
    (comment(rest) > at).then(|| (name.to_owned(), name.len(), at + 1))
}

/// How long a quoted text is, with its quotes; to the end where it is not closed.
fn quoted(rest: &str, quote: u8) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            byte if byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 1,
            byte if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Where a comment starts, or the end.
fn comment(rest: &str) -> usize {
    if rest.starts_with('#') { 0 } else { rest.find(" #").unwrap_or(rest.len()) }
}

/// What follows blanks, anchors and tags.
fn properties(rest: &str) -> &str {
    let mut rest = rest.trim_start();
    while rest.starts_with(['&', '!']) {
        let end = rest.find(' ').unwrap_or(rest.len());
        rest = rest[end..].trim_start();
    }
    rest
}

#[cfg(test)]
mod tests;
