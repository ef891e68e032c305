//! Moving over the text: blanks, line breaks, comments, columns.

use super::Parser;

/// How many spaces a text starts with.
pub(super) fn spaces(bytes: &[u8]) -> usize {
    let mut count = 0;
    // Eight at a time: what is no space leaves its bits behind.
    while let Some(eight) = bytes[count..].first_chunk() {
        let others = u64::from_le_bytes(*eight) ^ u64::from_le_bytes([b' '; 8]);
        if others != 0 {
            return count + others.trailing_zeros() as usize / 8;
        }
        count += 8;
    }
    count + bytes[count..].iter().take_while(|byte| **byte == b' ').count()
}

impl Parser<'_, '_> {
    /// The byte here, 0 behind the end; a text has no byte 0.
    pub(super) fn peek(&self) -> u8 {
        self.byte(0)
    }

    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// From 1. Only characters of one byte can stand before a token whose column counts.
    pub(super) fn column(&self) -> usize {
        self.at - self.line_start + 1
    }

    /// How long the line break at an offset is, 0 where there is none.
    pub(super) fn break_at(&self, at: usize) -> usize {
        let byte = |ahead: usize| self.bytes.get(at + ahead).copied().unwrap_or(0);
        match byte(0) {
            b'\n' => 1,
            b'\r' => 1 + usize::from(byte(1) == b'\n'),
            // YAML 1.1 also breaks lines at NEL, LS and PS.
            0xC2 if byte(1) == 0x85 => 2,
            0xE2 if byte(1) == 0x80 && matches!(byte(2), 0xA8 | 0xA9) => 3,
            _ => 0,
        }
    }

    /// Moves over a line break of that length and gives what it counts as in a text.
    pub(super) fn take_break(&mut self, length: usize) -> &'static str {
        let text = match self.bytes.get(self.at + 2) {
            Some(0xA8) if length == 3 => "\u{2028}",
            Some(0xA9) if length == 3 => "\u{2029}",
            _ => "\n",
        };
        self.at += length;
        self.line_start = self.at;
        text
    }

    pub(super) fn is_blank(&self) -> bool {
        matches!(self.peek(), b' ' | b'\t')
    }

    /// Whether a blank, a line break or the end stands that far ahead.
    pub(super) fn is_blank_or_end(&self, ahead: usize) -> bool {
        match self.byte(ahead) {
            0 | b' ' | b'\t' | b'\n' | b'\r' => true,
            0xC2 | 0xE2 => self.break_at(self.at + ahead) > 0,
            _ => false,
        }
    }

    /// Whether the line starts with `...` or `---`, which end a document.
    pub(super) fn is_at_mark(&self) -> bool {
        self.at == self.line_start && matches!(self.bytes.get(self.at..self.at + 3), Some(b"..." | b"---")) && self.is_blank_or_end(3)
    }

    /// Whether the document ends here.
    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len() || self.is_at_mark()
    }

    /// Whether the innermost block collection ends here.
    pub(super) fn is_past_block(&self) -> bool {
        self.column() < self.indent || self.is_at_end()
    }

    /// Moves over blanks, comments and line breaks.
    #[inline]
    pub(super) fn skip_to_token(&mut self) {
        if matches!(self.peek(), b' ' | b'\t' | b'#' | b'\n' | b'\r' | 0xC2 | 0xE2) {
            self.skip_blanks();
        }
    }

    fn skip_blanks(&mut self) {
        loop {
            self.at += spaces(&self.bytes[self.at.min(self.bytes.len())..]);
            if self.peek() == b'\t' && (self.flow > 0 || !self.key_may_start || self.is_json) {
                self.at += 1;
                continue;
            }
            if self.peek() == b'#' {
                self.skip_line();
            }
            match self.break_at(self.at) {
                0 => return,
                length => {
                    self.take_break(length);
                    self.key_may_start |= self.flow == 0;
                }
            }
        }
    }

    /// Moves to the end of the line.
    pub(super) fn skip_line(&mut self) {
        while !matches!(self.peek(), 0 | b'\n' | b'\r') && self.break_at(self.at) == 0 {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_counted_up_to_the_first_other_byte() {
        for count in 0..20 {
            for end in ["", "\t   ", "\n        ", "!         ", "\u{a0}"] {
                assert_eq!(spaces(format!("{}{end}", " ".repeat(count)).as_bytes()), count, "{count} before {end:?}");
            }
        }
    }
}
