//! What `kubectl apply` would be told: the CRD's schema, then istiod's admission webhook, a document at a time.

pub(super) mod go_url;
pub(super) mod names;
mod object;
pub(super) mod operator;
mod report;
mod schema;
mod webhook;

use std::sync::Arc;

use compact_str::CompactString;

use self::{object::Judgement, report::Report};
pub(super) use self::{
    schema::{Outline, OutlineField},
    webhook::proxy_settings,
};
use super::{
    diagnostic::{Diagnostic, Level, Stage},
    manifest::{Document, Entry, Manifest, Node, Piece, Value},
    resource::{BATCH, Kind, by_kind},
    side_by_side::by_halves,
    source::{Position, SourceFile},
};

/// What would become of one document.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The file that it stands in.
    pub file: Arc<SourceFile>,
    /// Where the document starts in it, in bytes.
    pub start: usize,
    /// As written; empty where there is none.
    pub kind: CompactString,
    /// As written, `default` where a namespaced object names none.
    pub namespace: CompactString,
    /// As written.
    pub name: CompactString,
    /// Errors (it is refused), warnings (it is accepted, and this is said), notes.
    pub diagnostics: Vec<Diagnostic>,
}

impl Verdict {
    /// Line and column where the document starts.
    pub fn position(&self) -> Position {
        self.file.position(self.start)
    }

    /// Whether Kubernetes and istiod would take it.
    pub fn is_accepted(&self) -> bool {
        !self.diagnostics.iter().any(|d| d.level == Level::Error && d.stage != Stage::Simulation)
    }
}

/// Judges every document of a text, broken ones included, in order; an object of a `List` counts as a document.
pub fn validate(manifest: &Manifest) -> Vec<Verdict> {
    let all = |pieces: &[Piece]| {
        let mut verdicts = Vec::with_capacity(pieces.len());
        for batch in pieces.chunks(BATCH) {
            judge(manifest, batch, &mut verdicts);
        }
        verdicts
    };
    by_halves(&manifest.pieces, all, Vec::extend)
}

fn judge(manifest: &Manifest, pieces: &[Piece], verdicts: &mut Vec<Verdict>) {
    let mut judged: Vec<Object<'_>> = Vec::with_capacity(pieces.len());
    for (at, piece) in pieces.iter().enumerate() {
        objects_of(manifest, piece, |document, node, extent| {
            judged.push(Object { piece: at, document, node, judgement: Judgement::new(document, node, extent) });
        });
    }
    for batch in judged.chunks_mut(BATCH) {
        let places = by_kind(batch, |object| object.judgement.kind());
        for stage in Judgement::STAGES {
            for at in &places {
                stage(&mut batch[*at].judgement);
            }
        }
    }
    let mut judged = judged.into_iter().peekable();
    for (at, piece) in pieces.iter().enumerate() {
        let first = verdicts.len();
        while let Some(object) = judged.next_if(|object| object.piece == at) {
            verdicts.push(object.into_verdict());
        }
        let faults = manifest.diagnostics.get(piece.faults.clone()).unwrap_or_default();
        let Some(fault) = faults.first() else { continue };
        if verdicts.len() == first {
            verdicts.push(Verdict::of_nothing(fault));
        }
        // Faults of the text come first; those of a `List` stand at its first object.
        verdicts[first].diagnostics.splice(0..0, faults.iter().cloned());
    }
}

/// An object of a text, under judgement.
struct Object<'a> {
    /// Which of the pieces that are judged with it it is, or is of.
    piece: usize,
    document: &'a Document,
    node: &'a Node,
    judgement: Judgement<'a>,
}

impl Object<'_> {
    fn into_verdict(self) -> Verdict {
        let Self { document, node, judgement, .. } = self;
        if judgement.is_sound() && std::ptr::eq(node, &raw const document.root) {
            document.note_sound();
        }
        let (identity, diagnostics) = judgement.into_parts();
        Verdict {
            file: Arc::clone(&document.file),
            start: node.span.start(),
            kind: identity.kind.into(),
            namespace: identity.namespace.into(),
            name: identity.name.into(),
            diagnostics,
        }
    }
}

impl Verdict {
    /// The verdict on a piece of text that holds no object, but this fault.
    fn of_nothing(fault: &Diagnostic) -> Self {
        let none = CompactString::default;
        Self { file: Arc::clone(&fault.file), start: fault.span.start(), kind: none(), namespace: none(), name: none(), diagnostics: Vec::new() }
    }
}

/// Calls with every object of a piece.
fn objects_of<'a>(manifest: &'a Manifest, piece: &'a Piece, mut found: impl FnMut(&'a Document, &'a Node, Extent)) {
    if let Some(document) = piece.document.and_then(|at| manifest.documents.get(at)) {
        let items = document.root.get("items").map(Node::items).unwrap_or_default();
        if document.root.get("kind").and_then(Node::as_str) == Some("List") && !items.is_empty() {
            for item in items {
                found(document, item, Extent::Whole);
            }
        } else {
            found(document, &document.root, Extent::Whole);
        }
    } else if let Some(document) = &piece.salvaged {
        found(document, &document.root, Extent::Salvaged);
    }
}

/// What istiod's validation alone says of an Istio object, as `istioctl analyze` asks it: no schema of a CRD before it, unknown fields
/// passed over, and one finding for all that it says in the same words. `namespace` is that of the object, also where it names none.
///
/// Findings are of the stage `webhook`: errors and warnings as istioctl counts them, a warning with a code where istioctl lists it
/// under one of its own. The one exception: an object that istioctl cannot decode, and therefore leaves out as a whole, has one error
/// of the stage `schema` and nothing else. Other kinds have none.
pub fn webhook(document: &Document, object: &Node, kind: Kind, namespace: &str) -> Vec<Diagnostic> {
    let mut report = Report::new(document, object, Extent::Whole);
    webhook::judge_alone(&mut report, kind, namespace);
    report.into_diagnostics()
}

/// An Istio object with its spec as istiod decodes it: names in camelCase, numbers as numbers, enumerations by name. None where it
/// cannot be decoded, and for other kinds.
pub fn decoded(kind: Kind, object: &Node) -> Option<Node> {
    let schema = schema::schema_of(kind).filter(|_| kind.is_istio())?;
    let spec = schema::decode(schema, object).ok()?;
    let mut entries: Vec<Entry> = object.entries().iter().filter(|entry| entry.key != "spec").cloned().collect();
    if let (Some(spec), Some(entry)) = (spec, object.entry("spec")) {
        entries.push(Entry { key: entry.key.clone(), key_span: entry.key_span, value: spec.into_owned() });
    }
    Some(Node { value: Value::Map(entries.into()), span: object.span })
}

/// Why istioctl could not decode an Istio object and would leave it out as a whole; nothing for other kinds.
pub fn undecodable(document: &Document, object: &Node, kind: Kind) -> Option<Diagnostic> {
    if !kind.is_istio() {
        return None;
    }
    let mut report = Report::new(document, object, Extent::Whole);
    webhook::judge_decoding(&mut report, kind).err()?;
    report.into_diagnostics().pop()
}

/// How much of an object is there to be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    /// What remains of a broken document: what is missing from it says nothing.
    Salvaged,
}
