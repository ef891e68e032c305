//! Scalars without quotes.

use std::borrow::Cow;

use super::{Parser, Scalar, Stop, Trouble};

/// Bytes at which a run of text must be looked at more closely.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b"\0\t\n\r :\xC2\xE2";
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
};

/// The same within brackets.
const SPECIAL_IN_FLOW: [bool; 256] = {
    let mut table = SPECIAL;
    let bytes = b",?[]{}";
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
};

impl<'t> Parser<'t, '_> {
    /// Reads on from its first character, over several lines where they are indented further than the collection around.
    pub(super) fn plain(&mut self) -> Result<Scalar<'t>, Stop> {
        let start = self.at;
        let mut end = start;
        // Where the lines are several: what was read of them, and where the current one starts.
        let mut folded: Option<String> = None;
        let mut line = start;
        loop {
            if self.is_at_mark() || self.peek() == b'#' {
                break;
            }
            let before = self.at;
            self.run();
            if self.at > before {
                end = self.at;
            }
            if !self.is_blank() && self.break_at(self.at) == 0 {
                break;
            }
            while self.is_blank() {
                self.at += 1;
            }
            if self.break_at(self.at) == 0 {
                continue;
            }
            let gap = self.plain_gap()?;
            self.key_may_start = true;
            if self.flow == 0 && self.column() <= self.indent || self.is_at_mark() || self.ends_plain() {
                break;
            }
            self.key_may_start = false;
            let text = folded.get_or_insert_with(String::new);
            text.push_str(&self.text[line..end]);
            text.push_str(&gap);
            line = self.at;
            end = line;
        }
        let text = match folded {
            None => Cow::Borrowed(&self.text[start..end]),
            Some(mut text) => {
                text.push_str(&self.text[line..end]);
                Cow::Owned(text)
            }
        };
        Ok(Scalar { text, is_plain: true, span: self.span(start, end) })
    }

    /// Moves over characters that belong to the scalar.
    fn run(&mut self) {
        let special = if self.flow > 0 { &SPECIAL_IN_FLOW } else { &SPECIAL };
        loop {
            while self.bytes.get(self.at).is_some_and(|byte| !special[usize::from(*byte)]) {
                self.at += 1;
            }
            match self.peek() {
                b':' if !self.is_blank_or_end(1) => self.at += 1,
                0xC2 | 0xE2 if self.break_at(self.at) == 0 => self.at += 1,
                _ => return,
            }
        }
    }

    /// Whether the next line holds nothing of the scalar.
    fn ends_plain(&self) -> bool {
        match self.peek() {
            0 | b'#' => true,
            b':' => self.is_blank_or_end(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow > 0,
            _ => false,
        }
    }

    /// Line breaks and blanks between two lines of the scalar, and what they count as.
    fn plain_gap(&mut self) -> Result<Cow<'static, str>, Stop> {
        let first = self.take_break(self.break_at(self.at));
        let mut more = String::new();
        loop {
            match self.peek() {
                b'\t' if self.column() <= self.indent => return Err(self.trouble(self.at, Trouble::Tab)),
                b' ' | b'\t' => self.at += 1,
                _ => match self.break_at(self.at) {
                    0 => break,
                    length => more.push_str(self.take_break(length)),
                },
            }
        }
        Ok(folded(first, more))
    }
}

/// A single line break counts as a space, further ones as themselves.
pub(super) fn folded(first: &'static str, more: String) -> Cow<'static, str> {
    match (first, more.is_empty()) {
        ("\n", true) => Cow::Borrowed(" "),
        ("\n", false) => Cow::Owned(more),
        (first, _) => Cow::Owned(format!("{first}{more}")),
    }
}
