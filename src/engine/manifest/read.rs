//! From text to documents.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use granit_parser::{Event, Parser, ScalarStyle};

use super::{Document, Entry, Node, Value, scalar::resolve_plain};
use crate::engine::{
    diagnostic::{Diagnostic, Level, Stage},
    source::{SourceFile, Span},
};

/// How much is read at all. Past each bound a diagnostic says so.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one text.
    pub bytes: usize,
    /// Documents of one text.
    pub documents: usize,
    /// Levels of nesting.
    pub depth: usize,
    /// Nodes that aliases may add to one text.
    pub alias_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 4 << 20, documents: 5_000, depth: 100, alias_nodes: 10_000 }
    }
}

/// What a text holds.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// The documents that could be read, in order. `List` objects are not opened here.
    pub documents: Vec<Document>,
    /// What could not.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a text within the default limits.
pub fn read(file: &Arc<SourceFile>) -> Manifest {
    read_with(file, Limits::default())
}

/// Reads bytes that somebody sent: they must be UTF-8, which YAML is made of.
pub fn read_bytes(name: &str, bytes: &[u8]) -> (Arc<SourceFile>, Manifest) {
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let file = SourceFile::new(name, text);
            let manifest = read(&file);
            (file, manifest)
        }
        Err(error) => {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let at = valid.len();
            let file = SourceFile::new(name, valid);
            let message = format!("byte {} (0x{:02X}) is not UTF-8; save the file as UTF-8", error.valid_up_to() + 1, bytes[error.valid_up_to()]);
            let diagnostics = vec![fault(&file, Span::new(at, at), message)];
            (file, Manifest { documents: Vec::new(), diagnostics })
        }
    }
}

/// Reads a text within given limits.
pub fn read_with(file: &Arc<SourceFile>, limits: Limits) -> Manifest {
    let text = file.text();
    let mut manifest = Manifest::default();
    if text.len() > limits.bytes {
        manifest.diagnostics.push(fault(
            file,
            Span::default(),
            format!("{} bytes are more than the {} that are read at once; split the input", text.len(), limits.bytes),
        ));
        return manifest;
    }
    if let Some(at) = text.find('\0') {
        manifest.diagnostics.push(fault(file, Span::new(at, at + 1), "a NUL byte cannot stand in YAML; remove it"));
        return manifest;
    }
    Reader { file, limits, alias_nodes: 0, anchors: HashMap::new(), manifest: &mut manifest }.stream();
    manifest
}

fn fault(file: &Arc<SourceFile>, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic { stage: Stage::Yaml, level: Level::Error, message: message.into(), path: String::new(), file: Arc::clone(file), span, fix: None }
}

/// Why a document ends before its end.
enum Stop {
    /// The parser gave up; the next document may still be fine.
    Syntax(Span, String),
    /// A bound of this reader; nothing more is read.
    Bound(Span, String),
}

type Events<'input> = Parser<'input, granit_parser::StrInput<'input>>;

struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    limits: Limits,
    alias_nodes: usize,
    /// Anchored nodes of the current document, with their size.
    anchors: HashMap<usize, (Node, usize)>,
    manifest: &'a mut Manifest,
}

impl Reader<'_> {
    fn stream(&mut self) {
        let file = Arc::clone(self.file);
        let mut events = Parser::new_from_str(file.text());
        loop {
            let stop = match self.next(&mut events) {
                Ok(None | Some((Event::StreamEnd, _))) => return,
                Ok(Some((Event::DocumentStart(..), _))) => {
                    self.anchors.clear();
                    match self.document(&mut events) {
                        Ok(()) => continue,
                        Err(stop) => stop,
                    }
                }
                Ok(Some(_)) => continue,
                Err(stop) => stop,
            };
            match stop {
                Stop::Syntax(span, message) => {
                    self.manifest.diagnostics.push(fault(self.file, span, message));
                    if events.proceed_next_document().is_err() {
                        return;
                    }
                }
                Stop::Bound(span, message) => {
                    self.manifest.diagnostics.push(fault(self.file, span, message));
                    return;
                }
            }
        }
    }

    fn document(&mut self, events: &mut Events<'_>) -> Result<(), Stop> {
        let Some((event, span)) = self.next(events)? else { return Ok(()) };
        let root = self.node(events, event, span, 0)?;
        if root.value == Value::Null {
            return Ok(());
        }
        if self.manifest.documents.len() == self.limits.documents {
            return Err(Stop::Bound(root.span, format!("more than {} documents; split the input", self.limits.documents)));
        }
        self.manifest.documents.push(Document { file: Arc::clone(self.file), root });
        Ok(())
    }

    fn next<'input>(&self, events: &mut Events<'input>) -> Result<Option<(Event<'input>, Span)>, Stop> {
        loop {
            match events.next_event() {
                None => return Ok(None),
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => return Ok(Some((event, self.span(span)))),
                Some(Err(error)) => {
                    let at = error.marker().byte_offset().unwrap_or_else(|| self.file.text().len()).min(self.file.text().len());
                    return Err(Stop::Syntax(Span::new(at, at), syntax_message(self.file.text(), at, error.info().as_ref())));
                }
            }
        }
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let end = self.file.text().len();
        let start = span.start.byte_offset().unwrap_or(end).min(end);
        Span::new(start, span.end.byte_offset().unwrap_or(end).clamp(start, end))
    }

    fn node(&mut self, events: &mut Events<'_>, event: Event<'_>, span: Span, depth: usize) -> Result<Node, Stop> {
        if depth > self.limits.depth {
            return Err(Stop::Bound(span, format!("nested deeper than {} levels", self.limits.depth)));
        }
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_string_tag = tag.as_ref().is_some_and(|tag| tag.suffix() == "str");
                let value = if style == ScalarStyle::Plain && !is_string_tag { resolve_plain(&text) } else { Value::String(text.into_owned()) };
                (anchor, Node { value, span })
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut items = Vec::new();
                let end = loop {
                    match self.next(events)? {
                        Some((Event::SequenceEnd, end)) => break end,
                        Some((event, span)) => items.push(self.node(events, event, span, depth + 1)?),
                        None => break span,
                    }
                };
                let end = items.last().map_or(end.end, |last: &Node| if end.start == end.end { last.span.end } else { end.end });
                (anchor, Node { value: Value::Seq(items), span: Span::new(span.start, end.max(span.start)) })
            }
            Event::MappingStart(_, anchor, _) => {
                let (entries, end) = self.entries(events, span, depth)?;
                (anchor, Node { value: Value::Map(entries), span: Span::new(span.start, end.max(span.start)) })
            }
            Event::Alias(id) => return self.alias(id, span),
            _ => return Err(Stop::Syntax(span, "a value was expected here".into())),
        };
        if anchor > 0 {
            let size = size(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        Ok(node)
    }

    fn entries(&mut self, events: &mut Events<'_>, start: Span, depth: usize) -> Result<(Vec<Entry>, usize), Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged: Vec<Entry> = Vec::new();
        let mut seen = HashSet::new();
        let mut end = start.end;
        while let Some((event, key_span)) = self.next(events)? {
            if matches!(event, Event::MappingEnd) {
                if key_span.end > key_span.start {
                    end = key_span.end;
                }
                break;
            }
            let is_merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<");
            let key_node = self.node(events, event, key_span, depth + 1)?;
            let Some((event, value_span)) = self.next(events)? else { break };
            let value = self.node(events, event, value_span, depth + 1)?;
            end = end.max(value.span.end).max(key_span.end);
            if is_merge {
                merge(&value, &mut merged);
                continue;
            }
            let key = match key_node.value {
                Value::String(text) => text,
                Value::Bool(value) => value.to_string(),
                Value::Int(value) => value.to_string(),
                Value::Float(value) => value.to_string(),
                Value::Null => "null".into(),
                Value::Seq(_) | Value::Map(_) => {
                    self.manifest.diagnostics.push(fault(self.file, key_span, "a key must be a simple value, not a list or a mapping"));
                    continue;
                }
            };
            if !seen.insert(key.clone()) {
                let first = entries.iter().find(|entry| entry.key == key).map_or(0, |entry| self.file.position(entry.key_span.start).line);
                self.manifest.diagnostics.push(fault(self.file, key_span, format!("key {key:?} is set twice (first on line {first}); remove one of the two")));
                continue;
            }
            entries.push(Entry { key, key_span, value });
        }
        for entry in merged {
            if seen.insert(entry.key.clone()) {
                entries.push(entry);
            }
        }
        Ok((entries, end))
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<Node, Stop> {
        let Some((node, size)) = self.anchors.get(&id) else {
            return Err(Stop::Syntax(span, "this alias names an anchor that holds it, or none".into()));
        };
        self.alias_nodes += size;
        if self.alias_nodes > self.limits.alias_nodes {
            return Err(Stop::Bound(span, format!("aliases expand to more than {} values; write the values out", self.limits.alias_nodes)));
        }
        let mut node = node.clone();
        node.span = span;
        Ok(node)
    }
}

/// `<<: *base` and `<<: [*a, *b]`: keys that the mapping does not set itself, the first base wins.
fn merge(bases: &Node, merged: &mut Vec<Entry>) {
    let mut take = |base: &Node| {
        for entry in base.entries() {
            if !merged.iter().any(|have| have.key == entry.key) {
                merged.push(entry.clone());
            }
        }
    };
    match &bases.value {
        Value::Seq(items) => items.iter().for_each(&mut take),
        _ => take(bases),
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::Seq(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|entry| size(&entry.value)).sum::<usize>(),
        _ => 1,
    }
}

/// The parser's own words, with the usual cause where the text shows it.
fn syntax_message(text: &str, at: usize, info: &str) -> String {
    let line_start = text[..floor(text, at)].rfind('\n').map_or(0, |newline| newline + 1);
    let indent_has_tab = text[line_start..].chars().take_while(|c| c.is_whitespace() && *c != '\n').any(|c| c == '\t');
    if indent_has_tab {
        return "a tab indents this line; YAML allows only spaces there".into();
    }
    info.to_owned()
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
