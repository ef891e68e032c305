//! YAML as kubectl reads it: a stream of documents whose every value knows its place in the text.
//!
//! Knows nothing of Kubernetes kinds. Faults are diagnostics; one broken document does not hide the next.

mod document;
mod fault;
mod node;
mod parse;
mod read;
mod salvage;
mod scalar;
mod split;
mod tabs;

pub use document::Document;
pub use node::{Entry, Node, Value, Whole};
pub use read::{Limits, Manifest, Piece, read, read_bytes, read_with};
