//! From text to one tree of nodes.
//!
//! Kubernetes reads YAML with go-yaml v2 behind `sigs.k8s.io/yaml`: YAML 1.1 with libyaml's habits, and of a text only the
//! first document. What that reader takes is taken here, with the same values; what it refuses is refused, at a place.
//! Knows nothing of kinds, and says nothing in words: that is `fault`.

mod atom;
mod block;
mod cursor;
mod flow;
mod literal;
mod mapping;
mod plain;
mod property;
mod quoted;
mod trouble;
mod usual;

use std::{borrow::Cow, collections::HashMap};

pub(super) use self::trouble::{Slip, Stop, Trouble};
use super::{Entry, Limits, Node};
use crate::engine::source::Span;

/// What a piece of text holds.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// Its value; `None` where there is none.
    pub root: Option<Node>,
    /// What is wrong, but leaves a tree.
    pub slips: Vec<Slip>,
    /// Why the reading ended early.
    pub stop: Option<Stop>,
    /// Where text begins that the reader does not look at: behind the end of the first document.
    pub unread: Option<usize>,
}

/// What one piece of a text leaves to the next.
#[derive(Debug, Default)]
pub(super) struct Spent {
    /// How much anchors and aliases have added so far.
    alias_nodes: usize,
    anchored_nodes: usize,
    /// Emptied lists, whose memory is used again.
    entries: Vec<Entry>,
    items: Vec<Node>,
}

impl Spent {
    /// Whether it is what a text may spend.
    pub(super) fn is_within(&self, limits: &Limits) -> bool {
        self.alias_nodes <= limits.alias_nodes && self.anchored_nodes <= limits.anchored_nodes()
    }

    /// Adds what another part of the text has spent.
    pub(super) fn add(&mut self, other: &Self) {
        self.alias_nodes += other.alias_nodes;
        self.anchored_nodes += other.anchored_nodes;
    }
}

/// Reads a piece without its `---`. Places are offsets in the piece, moved by `offset`.
pub(super) fn parse(text: &str, offset: usize, limits: &Limits, spent: &mut Spent) -> Parsed {
    let (entries, items) = (std::mem::take(&mut spent.entries), std::mem::take(&mut spent.items));
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        offset,
        at: 0,
        line_start: 0,
        indent: 0,
        flow: 0,
        depth: 0,
        key_may_start: true,
        is_json: is_json(text),
        limits,
        spent,
        anchors: HashMap::new(),
        open_anchors: Vec::new(),
        entries,
        items,
        merge_signs: Vec::new(),
        slips: Vec::new(),
    };
    let mut out = Parsed::default();
    match parser.document() {
        Ok((root, unread)) => (out.root, out.unread) = (root, unread),
        Err(stop) => out.stop = Some(stop),
    }
    let Parser { slips, mut entries, mut items, .. } = parser;
    out.slips = slips;
    // Where the reading ended early, something is left in them.
    entries.clear();
    items.clear();
    (spent.entries, spent.items) = (entries, items);
    out
}

/// Whether a text starts with a JSON object, which is then read as such.
fn is_json(text: &str) -> bool {
    let starts_so = text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{');
    starts_so && serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>().next().is_some_and(|first| first.is_ok())
}

/// One pass over a piece of text.
struct Parser<'t, 'l> {
    text: &'t str,
    bytes: &'t [u8],
    /// Where the piece starts in its file.
    offset: usize,
    at: usize,
    line_start: usize,
    /// Column of the innermost block collection, 0 outside of any; columns start at 1.
    indent: usize,
    /// How many flow collections are open.
    flow: usize,
    depth: usize,
    /// Whether a key that is written without `?` may start here; on a line of its own it may, behind `key: ` it may not.
    key_may_start: bool,
    /// JSON has two escapes that YAML 1.1 lacks, and keys of any length.
    is_json: bool,
    limits: &'l Limits,
    spent: &'l mut Spent,
    /// Anchored nodes so far, with their size.
    anchors: HashMap<&'t str, (Node, usize)>,
    /// Anchors of the nodes that are being read.
    open_anchors: Vec<&'t str>,
    /// Entries of all mappings that are being read, the innermost one's last; and items of lists alike.
    entries: Vec<Entry>,
    items: Vec<Node>,
    /// Where `<<` stands without quotes and tag.
    merge_signs: Vec<Span>,
    slips: Vec<Slip>,
}

/// A scalar as it is written.
struct Scalar<'t> {
    text: Cow<'t, str>,
    is_plain: bool,
    span: Span,
}

impl Parser<'_, '_> {
    fn document(&mut self) -> Result<(Option<Node>, Option<usize>), Stop> {
        self.skip_to_token();
        if self.peek() == b'%' && self.column() == 1 {
            return Err(self.trouble(self.at, Trouble::Directive));
        }
        let root = if self.is_at_end() { None } else { Some(self.value(None, false)?) };
        self.skip_to_token();
        if self.peek() == b'.' && self.is_at_end() {
            self.at += 3;
            self.key_may_start = false;
            self.skip_to_token();
        }
        let unread = (self.at < self.bytes.len()).then_some(self.at + self.offset);
        Ok((root.map(|node| self.finite(node)), unread))
    }

    fn trouble(&self, at: usize, trouble: Trouble) -> Stop {
        Stop::Syntax(at.min(self.bytes.len()) + self.offset, trouble)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(start + self.offset, end + self.offset)
    }

    /// One level further in, within the bounds.
    fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Result<T, Stop> {
        if self.depth >= self.limits.depth {
            let message = format!("nested deeper than {} levels; no Kubernetes object is", self.limits.depth);
            return Err(Stop::Bound(Box::new((self.span(self.at, self.at), message))));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }
}
