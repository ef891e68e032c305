//! From text to documents, within bounds.

use std::{ops::Range, sync::Arc};

use super::{
    Document,
    fault::{Told, explain},
    parse::{Parsed, Slip, Spent, Stop, Trouble, parse},
    salvage::salvage,
    split::{self, Part},
    tabs,
};
use crate::engine::{
    diagnostic::{Diagnostic, Fix, Level, Stage},
    side_by_side::{MANY, by_halves},
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

impl Limits {
    /// Nodes that anchors of one text may name.
    pub(super) fn anchored_nodes(&self) -> usize {
        self.alias_nodes * 10
    }
}

/// Faults beside broken syntax that are told of one document.
const SLIPS: usize = 100;

/// What a text holds.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// The documents that could be read, in order. `List` objects are not opened here.
    pub documents: Vec<Arc<Document>>,
    /// What could not.
    pub diagnostics: Vec<Diagnostic>,
    /// All documents in order, broken ones included, with their faults.
    pub pieces: Vec<Piece>,
}

/// A document as it stands in the text, sound or not.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Which of [`Manifest::documents`] it is, where it could be read.
    pub document: Option<usize>,
    /// Of a document that could not be read, what can be made out around its faults; not to be taken for the whole.
    pub salvaged: Option<Document>,
    /// Which of [`Manifest::diagnostics`] are about it.
    pub faults: Range<usize>,
}

/// Reads a text within the default limits.
pub fn read(file: &Arc<SourceFile>) -> Manifest {
    read_with(file, Limits::default())
}

/// Reads bytes that somebody sent: they must be UTF-8, which YAML is made of.
pub fn read_bytes(name: &str, bytes: &[u8], limits: Limits) -> (Arc<SourceFile>, Manifest) {
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let file = SourceFile::new(name, text);
            let manifest = read_with(&file, limits);
            (file, manifest)
        }
        Err(error) => {
            let at = error.valid_up_to();
            let file = SourceFile::new(name, String::from_utf8_lossy(&bytes[..at]));
            let message = match bytes {
                [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "this is UTF-16; save the file as UTF-8".into(),
                _ => format!("byte {} (0x{:02X}) is not UTF-8; save the file as UTF-8", at + 1, bytes[at]),
            };
            let manifest = Manifest::refused(&file, Span::new(at, at), message);
            (file, manifest)
        }
    }
}

/// Reads a text within given limits.
pub fn read_with(file: &Arc<SourceFile>, limits: Limits) -> Manifest {
    let text = file.text();
    if text.len() > limits.bytes {
        let message = format!("{} bytes are more than the {} that are read at once; split the input", text.len(), limits.bytes);
        return Manifest::refused(file, Span::default(), message);
    }
    if let Some((at, c)) = unprintable(text) {
        let what = if c == '\0' { "a NUL byte".to_owned() } else { format!("the control character U+{:04X}", u32::from(c)) };
        return Manifest::refused(file, Span::new(at, at + c.len_utf8()), format!("{what} cannot stand in YAML; remove it"));
    }
    let parts = split::documents(file, limits.documents);
    if let Some(part) = parts.get(limits.documents) {
        return Manifest::refused(file, Span::new(part.span.start(), part.span.start()), format!("more than {} documents; split the input", limits.documents));
    }
    let (manifest, spent) = by_halves(&parts, |parts| read_parts(file, limits, parts), join);
    // What aliases may add is for all of a text, whichever half they stand in.
    if parts.len() < MANY || spent.is_within(&limits) { manifest } else { read_parts(file, limits, &parts).0 }
}

/// Reads some parts of a text one after the other.
fn read_parts(file: &Arc<SourceFile>, limits: Limits, parts: &[Part]) -> (Manifest, Spent) {
    let manifest = Manifest { documents: Vec::with_capacity(parts.len()), diagnostics: Vec::new(), pieces: Vec::with_capacity(parts.len()) };
    let mut reader = Reader { file, limits, spent: Spent::default(), manifest };
    for part in parts {
        reader.part(part);
    }
    (reader.manifest, reader.spent)
}

/// Puts the second half of a text behind the first.
fn join((first, spent): &mut (Manifest, Spent), (second, more): (Manifest, Spent)) {
    let (documents, faults) = (first.documents.len(), first.diagnostics.len());
    first.documents.extend(second.documents);
    first.diagnostics.extend(second.diagnostics);
    first.pieces.extend(second.pieces.into_iter().map(|piece| Piece {
        document: piece.document.map(|at| at + documents),
        faults: piece.faults.start + faults..piece.faults.end + faults,
        ..piece
    }));
    spent.add(&more);
}

impl Manifest {
    /// A text of which nothing is read, for one reason.
    fn refused(file: &Arc<SourceFile>, span: Span, message: String) -> Self {
        let diagnostics = vec![fault(file, span, message)];
        Self { documents: Vec::new(), diagnostics, pieces: vec![Piece { document: None, salvaged: None, faults: 0..1 }] }
    }
}

/// The first character that YAML has no place for.
fn unprintable(text: &str) -> Option<(usize, char)> {
    // Whole chunks without a branch for each byte, so that many are looked at at once.
    let (chunks, rest) = text.as_bytes().as_chunks::<32>();
    if chunks.iter().all(|chunk| is_usual(chunk)) && is_usual(rest) {
        return None;
    }
    text.char_indices().find(|(_, c)| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}') || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// Whether all bytes are ASCII that YAML takes.
fn is_usual(bytes: &[u8]) -> bool {
    // Tabs and carriage returns are rare: they are thought of only where something else than a line break is wrong.
    is_printable(bytes, *b"\n") || is_printable(bytes, *b"\n\t\r")
}

/// Whether all bytes are printable ASCII or among `others`; without a branch, so that many are looked at at once.
fn is_printable<const N: usize>(bytes: &[u8], others: [u8; N]) -> bool {
    let is_wrong = |byte: u8| others.iter().fold(u8::from(byte.wrapping_sub(b' ') > b'~' - b' '), |wrong, other| wrong & u8::from(byte != *other));
    bytes.iter().fold(0, |any, byte| any | is_wrong(*byte)) == 0
}

fn fault(file: &Arc<SourceFile>, span: Span, message: String) -> Diagnostic {
    Diagnostic { stage: Stage::Yaml, level: Level::Error, code: None, message, path: String::new(), file: Arc::clone(file), span, fix: None }
}

struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    limits: Limits,
    spent: Spent,
    manifest: Manifest,
}

impl Reader<'_> {
    fn part(&mut self, part: &Part) {
        let file = Arc::clone(self.file);
        // A byte order mark is no part of YAML's text.
        let start = part.span.start() + if part.span.start() == 0 && file.text().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let text = file.slice(Span::new(start, part.span.end()));
        let before = self.manifest.diagnostics.len();
        if let Some(span) = part.stray {
            self.say(Told { span, message: "only a comment can follow \"---\" on its line; start the document on the next line".into(), fix: None });
        }
        let parsed = parse(text, start, &self.limits, &mut self.spent);
        self.slips(parsed.slips);
        let Parsed { root, stop, unread, .. } = parsed;
        let salvaged = stop.and_then(|stop| self.stop(text, start, stop));
        if let Some(at) = unread {
            self.unread(at);
        }
        let faults = before..self.manifest.diagnostics.len();
        if let Some(document) = salvaged {
            self.manifest.pieces.push(Piece { document: None, salvaged: Some(document), faults });
        } else if let Some(root) = root.filter(|root| !root.is_null()) {
            let document = Some(self.manifest.documents.len());
            self.manifest.documents.push(Arc::new(Document::new(file, root)));
            self.manifest.pieces.push(Piece { document, salvaged: None, faults });
        } else if !faults.is_empty() {
            self.manifest.pieces.push(Piece { document: None, salvaged: None, faults });
        }
    }

    fn say(&mut self, told: Told) {
        let mut diagnostic = fault(self.file, told.span, told.message);
        diagnostic.fix = told.fix;
        self.manifest.diagnostics.push(diagnostic);
    }

    /// Behind its first document kubectl does not look at a text, up to the next `---`.
    fn unread(&mut self, at: usize) {
        let end = self.file.text()[at..].find('\n').map_or(self.file.text().len(), |end| at + end);
        let message =
            "the document ends above, so kubectl reads nothing from here to the next \"---\"; part documents with \"---\", and indent the keys of one alike";
        let mut diagnostic = fault(self.file, Span::new(at, end), message.into());
        diagnostic.level = Level::Warning;
        self.manifest.diagnostics.push(diagnostic);
    }

    fn slips(&mut self, slips: Vec<Slip>) {
        let all = slips.len();
        for slip in slips.into_iter().take(SLIPS) {
            self.slip(slip);
        }
        if all > SLIPS
            && let Some(last) = self.manifest.diagnostics.last_mut()
        {
            last.message = format!("{} (and {} more faults, which are left out)", last.message, all - SLIPS);
        }
    }

    fn slip(&mut self, slip: Slip) {
        let mut fix = None;
        let (span, message) = match slip {
            Slip::Duplicate { key, first, second, repeated } => {
                let line = self.file.position(first.start()).line;
                fix = repeated.and_then(|span| whole_lines(self.file.text(), span)).map(|span| Fix { span, replacement: String::new() });
                (second, format!("key {key:?} is set twice, first on line {line}; keep one of the two"))
            }
            Slip::Key(span, what) => {
                let advice = "a template such as {{ name }} must be rendered first, or put in quotes";
                (span, format!("a key must be a simple value, not {what}; {advice}"))
            }
            Slip::Merge(span, what) => (span, format!("\"<<\" takes the keys of a mapping, or of a list of mappings, not of {what}")),
            Slip::NotFinite(span) => (span, "JSON, in which Kubernetes is spoken to, has no such number; write a finite one, or put the text in quotes".into()),
            Slip::Tag(span, message) => (span, message),
        };
        self.say(Told { span, message, fix });
    }

    /// Says why the reading of a document stopped, and what else is wrong in it.
    fn stop(&mut self, text: &str, offset: usize, stop: Stop) -> Option<Document> {
        match stop {
            Stop::Bound(bound) => {
                let (span, message) = *bound;
                self.manifest.diagnostics.push(fault(self.file, span, message));
                None
            }
            Stop::Syntax(at, trouble) => {
                let tab = tabs::width(text, &self.limits);
                self.trouble(at, trouble, tab);
                let salvaged = salvage(text, offset, (at, trouble), &self.limits);
                for (at, trouble) in salvaged.troubles {
                    self.trouble(at, trouble, tab);
                }
                salvaged.root.map(|root| Document::new(Arc::clone(self.file), root))
            }
        }
    }

    fn trouble(&mut self, at: usize, trouble: Trouble, tab: Option<usize>) {
        let mut told = explain(self.file.text(), at, trouble);
        if trouble == Trouble::Tab && told.fix.is_none() {
            told.fix = tab.map(|width| tabs::fix(self.file.text(), at, width));
        }
        // Several findings can have one cause.
        if !self.manifest.diagnostics.iter().rev().take(8).any(|d| d.span == told.span) {
            self.say(told);
        }
    }
}

/// A range from the start of its first line to behind its last, where nothing else stands there.
fn whole_lines(text: &str, span: Span) -> Option<Span> {
    let start = text[..span.start()].rfind('\n')? + 1;
    let end = text[span.end()..].find('\n').map_or(text.len(), |end| span.end() + end + 1);
    let is_alone = text[start..span.start()].trim_matches(' ').is_empty() && text[span.end()..end].trim().is_empty();
    is_alone.then(|| Span::new(start, end))
}
