//! What is done with an input, and what must hold then: the fuzz targets and a test over the kept inputs share it.
//!
//! Knows nothing of the fuzzer. An input is at fault if it panics here.

use meshwright::engine::{
    analyze::{self, Question, Snapshot},
    cluster::{MeshConfig, MeshNetworks},
    diagnostic::Diagnostic,
    manifest::{self, Limits, Manifest, Node},
    source::{SourceFile, Span},
    validate::validate,
};

/// Reads bytes as a text that somebody sent.
pub fn parser(bytes: &[u8]) {
    let (_, manifest) = manifest::read_bytes("input.yaml", bytes, Limits::default());
    places(&manifest);
}

/// Judges a text, document by document.
pub fn schema(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let manifest = manifest::read(&SourceFile::new("input.yaml", text));
    let verdicts = validate(&manifest);
    assert!(verdicts.len() >= manifest.pieces.len(), "every document gets a verdict");
    for diagnostic in verdicts.iter().flat_map(|verdict| &verdict.diagnostics) {
        finding(diagnostic);
    }
}

/// Looks at a text as a whole cluster, as istioctl does and with our own hints.
pub fn analyze(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let manifest = manifest::read(&SourceFile::new("input.yaml", text));
    let loaded = analyze::load("", &manifest.documents);
    let (mesh, networks) = (MeshConfig::default(), MeshNetworks::default());
    let question = Question { hints: true, ..Question::default() };
    let findings = analyze::analyze(&Snapshot::new(&loaded.resources, &mesh, &networks), &question);
    for found in &findings {
        finding(&found.diagnostic);
        assert!(found.line > 0, "istioctl counts lines from 1");
        if let Some(fix) = &found.diagnostic.fix {
            within(&found.diagnostic.file, fix.span);
        }
    }
}

/// Every value and every fault has its place in the text, between characters.
fn places(manifest: &Manifest) {
    for document in &manifest.documents {
        node(&document.file, &document.root);
    }
    for diagnostic in &manifest.diagnostics {
        finding(diagnostic);
    }
    for piece in &manifest.pieces {
        assert!(piece.document.is_none_or(|at| at < manifest.documents.len()));
        assert!(piece.faults.end <= manifest.diagnostics.len());
        if let Some(salvaged) = &piece.salvaged {
            node(&salvaged.file, &salvaged.root);
        }
    }
}

fn node(file: &SourceFile, value: &Node) {
    within(file, value.span);
    for entry in value.entries() {
        within(file, entry.key_span);
        node(file, &entry.value);
    }
    for item in value.items() {
        node(file, item);
    }
}

fn finding(diagnostic: &Diagnostic) {
    within(&diagnostic.file, diagnostic.span);
    assert!(!diagnostic.message.is_empty(), "a finding says what it found");
    let (start, end) = (diagnostic.position(), diagnostic.end_position());
    assert!(start <= end, "{start:?} to {end:?}");
}

fn within(file: &SourceFile, span: Span) {
    assert!(file.text().get(span.range()).is_some(), "{span:?} is no range of the text, which has {} bytes", file.text().len());
}
