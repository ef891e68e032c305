//! The usual line, `key: value` in plain words, read at once.
//!
//! Nearly every line of a manifest is one, or opens a collection whose first line is one. What reads here is what the other ways of
//! this folder would read, only sooner: each function moves on where the text can have no second meaning, and otherwise gives `None`
//! and stands where the others begin.

use super::{Parser, Stop, cursor::spaces, mapping::Entries};
use crate::engine::manifest::{
    Node,
    scalar::{is_word, plain},
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
    /// How long the key is that starts here and ends at its colon.
    #[inline]
    pub(super) fn usual_key(&self) -> Option<usize> {
        self.usual_key_at(self.at)
    }

    #[inline]
    fn usual_key_at(&self, start: usize) -> Option<usize> {
        let bytes = self.bytes.get(start..)?;
        if !bytes.first()?.is_ascii_alphabetic() || !self.key_may_start || self.is_json {
            return None;
        }
        let length = word(bytes)?;
        let is_key = matches!(bytes[length..], [b':', b' ' | b'\n', ..]) && length <= MOST;
        (is_key && !is_word(&bytes[..length])).then_some(length)
    }

    /// The key behind a dash and one blank, to which it moves.
    #[inline]
    pub(super) fn usual_key_of_item(&mut self) -> Option<usize> {
        let length = self.usual_key_at(self.at + 1).filter(|_| self.peek() == b' ')?;
        self.at += 1;
        Some(length)
    }

    /// The entry whose key stands here, and those behind it for as long as their lines start as usual ones do.
    pub(super) fn usual_entries(&mut self, entries: &mut Entries, first: usize) -> Result<(), Stop> {
        let column = self.column();
        let mut length = first;
        loop {
            let start = self.at;
            let key = &self.text[start..start + length];
            self.at += length;
            self.key_may_start = false;
            let value = self.behind_colon(false)?;
            self.insert(entries, key, self.span(start, start + length), value);
            match self.usual_key() {
                Some(next) if self.column() == column => length = next,
                _ => return Ok(()),
            }
        }
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
        if let Some(sign) = self.bytes.get(next) {
            let is_further_in = next - line >= self.indent;
            // Comments, empty lines and the marks of documents have ways of their own.
            if is_further_in || !(sign.is_ascii_alphabetic() || *sign == b'-' && next > line) {
                return None;
            }
        }
        let node = Node { value: plain(&self.text[start..end]), span: self.span(start, end) };
        self.start_line(line, next);
        Some(node)
    }

    /// The collection that is the value of a key at whose end this stands, where its first line is the next and a usual one. Moves
    /// there, and also to a line of words that turns out to be another.
    #[inline]
    pub(super) fn usual_collection(&mut self) -> Option<Collection> {
        if self.peek() != b'\n' || self.is_json {
            return None;
        }
        let line = self.at + 1;
        let next = line + spaces(self.bytes.get(line..)?);
        let column = next - line + 1;
        if self.bytes.get(next) == Some(&b'-') && self.bytes.get(next + 1) == Some(&b' ') && column >= self.indent {
            self.start_line(line, next);
            return Some(Collection::List { is_deeper: column > self.indent });
        }
        if column <= self.indent || !self.bytes.get(next)?.is_ascii_alphabetic() {
            return None;
        }
        self.start_line(line, next);
        self.usual_key().map(Collection::Mapping)
    }

    /// Moves to the first sign of a line.
    #[inline]
    fn start_line(&mut self, start: usize, sign: usize) {
        self.line_start = start;
        self.at = sign;
        self.key_may_start = true;
    }
}

/// What a key's value can be besides a scalar.
pub(super) enum Collection {
    List {
        is_deeper: bool,
    },
    /// With the length of its first key.
    Mapping(usize),
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
