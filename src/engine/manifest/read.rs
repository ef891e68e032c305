//! From text to documents, within bounds.

use std::{ops::Range, sync::Arc};

use super::{
    Document, Node,
    compose::{Slip, Spent, Stop, compose},
    fault::explain,
    salvage::salvage,
    split,
};
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

/// Faults beside broken syntax that are told of one document.
const SLIPS: usize = 100;

/// What a text holds.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// The documents that could be read, in order. `List` objects are not opened here.
    pub documents: Vec<Document>,
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
pub fn read_bytes(name: &str, bytes: &[u8]) -> (Arc<SourceFile>, Manifest) {
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let file = SourceFile::new(name, text);
            let manifest = read(&file);
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
    if let Some((at, c)) = text.char_indices().find(|(_, c)| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}')) {
        let what = if c == '\0' { "a NUL byte".to_owned() } else { format!("the control character U+{:04X}", u32::from(c)) };
        return Manifest::refused(file, Span::new(at, at + c.len_utf8()), format!("{what} cannot stand in YAML; remove it"));
    }
    let spans = split::documents(text, limits.documents);
    if let Some(span) = spans.get(limits.documents) {
        return Manifest::refused(file, Span::new(span.start, span.start), format!("more than {} documents; split the input", limits.documents));
    }
    let mut reader = Reader { file, limits, spent: Spent::default(), manifest: Manifest::default() };
    for span in spans {
        reader.piece(span);
    }
    reader.manifest
}

impl Manifest {
    /// A text of which nothing is read, for one reason.
    fn refused(file: &Arc<SourceFile>, span: Span, message: String) -> Self {
        let diagnostics = vec![fault(file, span, message)];
        Self { documents: Vec::new(), diagnostics, pieces: vec![Piece { document: None, salvaged: None, faults: 0..1 }] }
    }
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
    fn piece(&mut self, span: Span) {
        let file = Arc::clone(self.file);
        // A byte order mark is no part of YAML's text.
        let start = span.start + if span.start == 0 && file.text().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let text = file.slice(Span::new(start, span.end));
        let before = self.manifest.diagnostics.len();
        let composed = compose(text, start, &self.limits, &mut self.spent);
        let slips = composed.slips.len();
        for slip in composed.slips.into_iter().take(SLIPS) {
            self.slip(slip);
        }
        if slips > SLIPS
            && let Some(last) = self.manifest.diagnostics.last_mut()
        {
            last.message = format!("{} (and {} more faults, which are left out)", last.message, slips - SLIPS);
        }
        let salvaged = composed.stop.and_then(|stop| self.stop(text, start, stop));
        let is_broken = self.manifest.diagnostics.len() > before;
        let faults = before..self.manifest.diagnostics.len();
        if let Some(root) = salvaged {
            self.manifest.pieces.push(Piece { document: None, salvaged: Some(root), faults });
            return;
        }
        let is_empty = composed.roots.is_empty();
        for (at, root) in composed.roots.into_iter().enumerate() {
            let document = Some(self.manifest.documents.len());
            self.manifest.documents.push(Document { file: Arc::clone(self.file), root });
            let faults = if at == 0 { faults.clone() } else { faults.end..faults.end };
            self.manifest.pieces.push(Piece { document, salvaged: None, faults });
        }
        if is_empty && is_broken {
            self.manifest.pieces.push(Piece { document: None, salvaged: None, faults });
        }
    }

    fn slip(&mut self, slip: Slip) {
        let (span, message) = match slip {
            Slip::Duplicate { key, first, second } => {
                let line = self.file.position(first.start).line;
                (second, format!("key {key:?} is set twice, first on line {line}; keep one of the two"))
            }
            Slip::Other(span, message) => (span, message),
        };
        self.manifest.diagnostics.push(fault(self.file, span, message));
    }

    /// Says why the reading of a document stopped, and what else is wrong in it.
    fn stop(&mut self, text: &str, offset: usize, stop: Stop) -> Option<Document> {
        match stop {
            Stop::Bound(span, message) => {
                self.manifest.diagnostics.push(fault(self.file, span, message));
                None
            }
            Stop::Syntax(at, kind) => {
                let file = Arc::clone(self.file);
                let mut say = |at: usize, kind: &granit_parser::ErrorKind| {
                    let (span, message) = explain(file.text(), at, kind);
                    // Several findings can have one cause.
                    if !self.manifest.diagnostics.iter().rev().take(8).any(|d| d.span == span) {
                        self.manifest.diagnostics.push(fault(&file, span, message));
                    }
                };
                say(at, &kind);
                let salvaged = salvage(text, offset, at, &self.limits);
                for stop in &salvaged.stops {
                    if let Stop::Syntax(at, kind) = stop {
                        say(*at, kind);
                    }
                }
                salvaged.root.map(|root: Node| Document { file: Arc::clone(self.file), root })
            }
        }
    }
}
