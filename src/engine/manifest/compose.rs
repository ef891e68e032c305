//! From the parser's events to one tree of nodes.

use std::collections::{HashMap, HashSet};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, StrInput, Tag};

use super::{Entry, Limits, Node, Value, scalar::resolve_plain};
use crate::engine::source::Span;

/// What a piece of text holds.
#[derive(Debug, Default)]
pub(super) struct Composed {
    /// Its values; more than one only where `...` ends a document.
    pub roots: Vec<Node>,
    /// What is wrong, but leaves a tree.
    pub slips: Vec<Slip>,
    /// Why the reading ended early.
    pub stop: Option<Stop>,
}

/// A fault that leaves a tree.
#[derive(Debug)]
pub(super) enum Slip {
    /// A key stands twice in a mapping; the first one is kept.
    Duplicate { key: String, first: Span, second: Span },
    /// Anything else.
    Other(Span, String),
}

/// Why a piece is not read to its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// It is no YAML from here on.
    Syntax(usize, ErrorKind),
    /// A bound of this reader.
    Bound(Span, String),
}

/// How much aliases have added so far, in the whole text.
#[derive(Debug, Default)]
pub(super) struct Spent {
    alias_nodes: usize,
    anchored_nodes: usize,
}

/// Reads a piece. Places are offsets in the piece, moved by `offset`.
pub(super) fn compose(text: &str, offset: usize, limits: &Limits, spent: &mut Spent) -> Composed {
    compose_instead(text, text, offset, limits, spent)
}

/// Reads `text` instead of what is written, which is as long; places lie between the characters that are written.
pub(super) fn compose_instead<'t>(text: &'t str, written: &'t str, offset: usize, limits: &Limits, spent: &mut Spent) -> Composed {
    let mut out = Composed::default();
    let mut composer = Composer { events: Parser::new_from_str(text), written, offset, limits, spent, anchors: HashMap::new(), slips: Vec::new() };
    out.stop = composer.stream(&mut out.roots).err();
    out.slips = composer.slips;
    out
}

struct Composer<'t, 'l> {
    events: Parser<'t, StrInput<'t>>,
    written: &'t str,
    offset: usize,
    limits: &'l Limits,
    spent: &'l mut Spent,
    /// Anchored nodes of the current document, with their size.
    anchors: HashMap<usize, (Node, usize)>,
    slips: Vec<Slip>,
}

impl<'t> Composer<'t, '_> {
    fn stream(&mut self, roots: &mut Vec<Node>) -> Result<(), Stop> {
        while let Some((event, _)) = self.next()? {
            match event {
                Event::StreamEnd => return Ok(()),
                Event::DocumentStart(..) => {
                    self.anchors.clear();
                    let Some((event, span)) = self.next()? else { return Ok(()) };
                    let root = self.node(event, span, 0)?;
                    if root.value != Value::Null {
                        roots.push(root);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, Stop> {
        loop {
            match self.events.next_event() {
                None => return Ok(None),
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => return Ok(Some((event, self.span(span)))),
                Some(Err(error)) => {
                    let at = error.marker().byte_offset().unwrap_or(self.written.len()).min(self.written.len()) + self.offset;
                    return Err(Stop::Syntax(at, error.kind().clone()));
                }
            }
        }
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let at = |place: granit_parser::Marker| self.written.floor_char_boundary(place.byte_offset().unwrap_or(self.written.len()));
        let start = at(span.start);
        Span::new(start + self.offset, at(span.end).max(start) + self.offset)
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, Stop> {
        if depth > self.limits.depth {
            return Err(Stop::Bound(span, format!("nested deeper than {} levels; no Kubernetes object is", self.limits.depth)));
        }
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => (anchor, Node { value: scalar(text.into_owned(), style, tag.as_deref()), span }),
            Event::SequenceStart(_, anchor, _) => {
                let mut items: Vec<Node> = Vec::new();
                let mut end = span.end;
                while let Some((event, item_span)) = self.next()? {
                    if matches!(event, Event::SequenceEnd) {
                        // A list in block style ends with its last item, not where the next key starts.
                        end = if item_span.start == item_span.end { items.last().map_or(end, |last| last.span.end) } else { item_span.end };
                        break;
                    }
                    items.push(self.node(event, item_span, depth + 1)?);
                }
                (anchor, Node { value: Value::Seq(items), span: Span::new(span.start, end.max(span.start)) })
            }
            Event::MappingStart(_, anchor, _) => {
                let (entries, end) = self.entries(span, depth)?;
                (anchor, Node { value: Value::Map(entries), span: Span::new(span.start, end.max(span.start)) })
            }
            Event::Alias(id) => return self.alias(id, span),
            _ => return Err(Stop::Syntax(span.start, ErrorKind::ExpectedNodeContent)),
        };
        if anchor > 0 {
            let size = size(&node);
            self.spent.anchored_nodes += size;
            if self.spent.anchored_nodes > self.limits.alias_nodes * 10 {
                return Err(Stop::Bound(span, format!("anchors hold more than {} values; write them without anchors", self.limits.alias_nodes * 10)));
            }
            self.anchors.insert(anchor, (node.clone(), size));
        }
        Ok(node)
    }

    fn entries(&mut self, start: Span, depth: usize) -> Result<(Vec<Entry>, usize), Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged: Vec<Entry> = Vec::new();
        let mut seen: HashMap<String, Span> = HashMap::new();
        let mut end = start.end;
        while let Some((event, key_span)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                if key_span.end > key_span.start {
                    end = key_span.end;
                }
                break;
            }
            let is_merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<");
            let key = self.node(event, key_span, depth + 1)?;
            let Some((event, value_span)) = self.next()? else { break };
            let value = self.node(event, value_span, depth + 1)?;
            end = end.max(value.span.end).max(key_span.end);
            if is_merge {
                self.merge(&value, key_span, &mut merged);
                continue;
            }
            let key = match key.value {
                Value::String(text) => text,
                Value::Bool(value) => value.to_string(),
                Value::Int(value) => value.to_string(),
                Value::Float(value) => value.to_string(),
                Value::Null => "null".into(),
                Value::Seq(_) | Value::Map(_) => {
                    self.slips.push(Slip::Other(
                        key_span,
                        "a key must be a simple value, not a list or a mapping; a template such as {{ name }} must be rendered first, or put in quotes".into(),
                    ));
                    continue;
                }
            };
            if let Some(first) = seen.get(&key) {
                self.slips.push(Slip::Duplicate { key, first: *first, second: key_span });
                continue;
            }
            seen.insert(key.clone(), key_span);
            entries.push(Entry { key, key_span, value });
        }
        let set: HashSet<String> = seen.into_keys().collect();
        entries.extend(merged.into_iter().filter(|entry| !set.contains(&entry.key)));
        Ok((entries, end))
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<Node, Stop> {
        let Some((node, size)) = self.anchors.get(&id) else {
            return Err(Stop::Syntax(span.start, ErrorKind::UnknownAnchor));
        };
        self.spent.alias_nodes += size;
        if self.spent.alias_nodes > self.limits.alias_nodes {
            return Err(Stop::Bound(span, format!("aliases expand to more than {} values; write the values out", self.limits.alias_nodes)));
        }
        let mut node = node.clone();
        node.span = span;
        Ok(node)
    }

    /// `<<: *base` and `<<: [*a, *b]`: keys that the mapping does not set itself, the first base wins.
    fn merge(&mut self, bases: &Node, key: Span, merged: &mut Vec<Entry>) {
        let mut have: HashSet<String> = merged.iter().map(|entry| entry.key.clone()).collect();
        let bases = match &bases.value {
            Value::Seq(items) => items.as_slice(),
            _ => std::slice::from_ref(bases),
        };
        for base in bases {
            if !matches!(base.value, Value::Map(_)) {
                self.slips.push(Slip::Other(key, format!("\"<<\" takes the keys of a mapping, or of a list of mappings, not of {}", base.kind_name())));
            }
            for entry in base.entries() {
                if have.insert(entry.key.clone()) {
                    merged.push(entry.clone());
                }
            }
        }
    }
}

fn scalar(text: String, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    match tag.and_then(Tag::core_suffix) {
        Some("str" | "binary") => Value::String(text),
        Some("int" | "float" | "bool" | "null") => resolve_plain(&text),
        _ if style == ScalarStyle::Plain => resolve_plain(&text),
        _ => Value::String(text),
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::Seq(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|entry| size(&entry.value)).sum::<usize>(),
        _ => 1,
    }
}
