//! The usual line, `key: value` in plain words, read at once.
//!
//! Nearly every line of a manifest is one. What reads here is what the other ways of this folder would read, only sooner: each
//! function moves on where the text can have no second meaning, and otherwise gives `None` and has not moved.

use std::borrow::Cow;

use compact_str::CompactString;

use super::Parser;
use crate::engine::{
    manifest::{
        Node,
        scalar::{is_word, plain},
    },
    source::Span,
};

/// Bytes that are part of a scalar without quotes wherever they stand in it, outside of brackets.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        table[byte as usize] = !matches!(byte, b'#' | b':');
        byte += 1;
    }
    table
};

/// Bytes of a key that needs no second look.
const KEY: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
        byte += 1;
    }
    table
};

impl Parser<'_, '_> {
    /// A key up to its colon, which stands on.
    #[inline]
    pub(super) fn usual_key(&mut self) -> Option<(CompactString, Span)> {
        let start = self.at;
        let bytes = self.bytes.get(start..)?;
        if !self.key_may_start || self.is_json || !bytes.first()?.is_ascii_alphabetic() {
            return None;
        }
        let length = bytes.iter().position(|byte| !KEY[usize::from(*byte)])?;
        if !matches!(bytes.get(length..length + 2)?, b": " | b":\n") || length > MOST {
            return None;
        }
        let text = &self.text[start..start + length];
        if is_word(text) {
            return None;
        }
        self.at = start + length;
        self.key_may_start = false;
        Some((CompactString::new(text), self.span(start, start + length)))
    }

    /// The scalar that fills the rest of this line, one blank further on, where the next line cannot go on with it. Moves to the
    /// next line's first sign.
    #[inline]
    pub(super) fn usual_value(&mut self) -> Option<Node> {
        let start = self.at + 1;
        let first = *self.bytes.get(start)?;
        if self.peek() != b' ' || !(first.is_ascii_alphanumeric() || first == b'/') || self.is_json || self.depth >= self.limits.depth {
            return None;
        }
        let mut end = start;
        loop {
            end += self.bytes.get(end..)?.iter().position(|byte| !WORD[usize::from(*byte)])?;
            match self.bytes[end] {
                b'\n' => break,
                b' ' | b':' if WORD[usize::from(*self.bytes.get(end + 1)?)] => end += 2,
                _ => return None,
            }
        }
        let line = end + 1;
        let next = line + self.bytes.get(line..)?.iter().position(|byte| *byte != b' ')?;
        let is_further_in = next - line >= self.indent;
        // Comments, empty lines and the marks of documents have ways of their own.
        if is_further_in || !(self.bytes[next].is_ascii_alphabetic() || self.bytes[next] == b'-' && next > line) {
            return None;
        }
        let node = Node { value: plain(Cow::Borrowed(&self.text[start..end])), span: self.span(start, end) };
        self.line_start = line;
        self.at = next;
        self.key_may_start = true;
        Some(node)
    }
}

/// Longer keys are looked at again, as a key may have 1024 characters before its colon.
const MOST: usize = 512;
