//! The usual line, `key: value` in plain words, read at once.
//!
//! Nearly every line of a manifest is one. What reads here is what the other ways of this folder would read, only sooner: each
//! function moves on where the text can have no second meaning, and otherwise gives `None` and has not moved.

use std::borrow::Cow;

use compact_str::CompactString;

use super::{Parser, cursor::spaces};
use crate::engine::{
    manifest::{
        Node,
        scalar::{is_word, plain},
    },
    source::Span,
};

/// How many bytes stand here that are part of a scalar without quotes wherever they stand in it, outside of brackets: ASCII from
/// `!` to `~` without `#` and `:`. `None` where the text ends with them.
fn word(bytes: &[u8]) -> Option<usize> {
    const fn all(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    const TOP: u64 = all(0x80);
    let mut length = 0;
    // Eight bytes at a time, each with a mark in its highest bit where it ends the word. A borrow or carry between bytes can
    // mark one wrongly only behind another mark, and just the first one counts.
    while let Some(eight) = bytes[length..].first_chunk() {
        let eight = u64::from_le_bytes(*eight);
        let zero = |bytes: u64| bytes.wrapping_sub(all(1)) & !bytes;
        let below = eight.wrapping_sub(all(b'!')) & !eight;
        let above = eight.wrapping_add(all(0x7F - b'~')) | eight;
        let ends = (zero(eight ^ all(b':')) | zero(eight ^ all(b'#')) | below | above) & TOP;
        if ends != 0 {
            return Some(length + ends.trailing_zeros() as usize / 8);
        }
        length += 8;
    }
    bytes[length..].iter().position(|byte| !matches!(byte, b'!'..=b'~') || matches!(byte, b'#' | b':')).map(|more| length + more)
}

impl Parser<'_, '_> {
    /// A key up to its colon, which stands on.
    #[inline]
    pub(super) fn usual_key(&mut self) -> Option<(CompactString, Span)> {
        let start = self.at;
        let bytes = self.bytes.get(start..)?;
        if !self.key_may_start || self.is_json || !bytes.first()?.is_ascii_alphabetic() {
            return None;
        }
        let length = word(bytes)?;
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
            end += word(self.bytes.get(end..)?)?;
            match self.bytes[end] {
                b'\n' => break,
                b' ' | b':' if word(self.bytes.get(end + 1..)?)? > 0 => end += 1,
                _ => return None,
            }
        }
        let line = end + 1;
        let next = line + spaces(self.bytes.get(line..)?);
        let sign = *self.bytes.get(next)?;
        let is_further_in = next - line >= self.indent;
        // Comments, empty lines and the marks of documents have ways of their own.
        if is_further_in || !(sign.is_ascii_alphabetic() || sign == b'-' && next > line) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_ends_at_the_first_byte_that_is_none_of_its_own() {
        for end in 0..=u8::MAX {
            let ends = !(b'!'..=b'~').contains(&end) || matches!(end, b'#' | b':');
            for at in 0..20 {
                let mut text = [b'~'; 24];
                text[at] = end;
                // What stands behind must not matter.
                text[at + 1..].fill(if at % 2 == 0 { b':' } else { 0xFF });
                assert_eq!(word(&text), Some(if ends { at } else { at + 1 }), "{end} at {at}");
            }
        }
        assert_eq!(word(b"all-of-it-is-one"), None);
    }
}
