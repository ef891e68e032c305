//! Scalars in quotes.

use std::borrow::Cow;

use super::{Parser, Scalar, Stop, Trouble, plain::folded};

impl<'t> Parser<'t, '_> {
    /// Reads from the opening quote to behind the closing one.
    pub(super) fn quoted(&mut self) -> Result<Scalar<'t>, Stop> {
        let start = self.at;
        let quote = self.peek();
        self.at += 1;
        // Most are written on one line and hold nothing to unfold.
        let body = self.at;
        loop {
            match self.peek() {
                byte if byte == quote && !(quote == b'\'' && self.byte(1) == quote) => {
                    let text = Cow::Borrowed(&self.text[body..self.at]);
                    self.at += 1;
                    return Ok(Scalar { text, is_plain: false, span: self.span(start, self.at) });
                }
                0 | b'\'' | b'"' | b'\\' | b'\n' | b'\r' | 0xC2 | 0xE2 if self.must_unfold(quote) => break,
                _ => self.at += 1,
            }
        }
        let mut text = self.text[body..self.at].to_owned();
        // Blanks before a line break do not count.
        text.truncate(text.trim_end_matches([' ', '\t']).len());
        self.at = body + text.len();
        self.unfold(start, quote, &mut text)?;
        self.at += 1;
        Ok(Scalar { text: Cow::Owned(text), is_plain: false, span: self.span(start, self.at) })
    }

    fn must_unfold(&self, quote: u8) -> bool {
        match self.peek() {
            b'\\' => quote == b'"',
            b'\'' | b'"' => self.peek() == quote,
            0xC2 | 0xE2 => self.break_at(self.at) > 0,
            _ => true,
        }
    }

    fn unfold(&mut self, start: usize, quote: u8, out: &mut String) -> Result<(), Stop> {
        loop {
            if self.is_at_end() {
                return Err(self.trouble(start, Trouble::OpenQuote));
            }
            let run = self.at;
            while !matches!(self.peek(), 0 | b' ' | b'\t' | b'\n' | b'\r' | b'\\' | b'\'' | b'"' | 0xC2 | 0xE2) {
                self.at += 1;
            }
            out.push_str(&self.text[run..self.at]);
            match self.peek() {
                0 => {}
                b'\'' if quote == b'\'' && self.byte(1) == b'\'' => {
                    out.push('\'');
                    self.at += 2;
                }
                byte if byte == quote => return Ok(()),
                b'\\' if quote == b'"' => self.escape(out)?,
                _ if self.is_blank() || self.break_at(self.at) > 0 => self.quoted_gap(out, false),
                _ => {
                    let length = self.text[self.at..].chars().next().map_or(1, char::len_utf8);
                    out.push_str(&self.text[self.at..self.at + length]);
                    self.at += length;
                }
            }
        }
    }

    /// Blanks count as they are, unless a line ends among them. Behind an escaped line break they count as nothing.
    fn quoted_gap(&mut self, out: &mut String, is_escaped: bool) {
        let start = self.at;
        while self.is_blank() {
            self.at += 1;
        }
        if self.break_at(self.at) == 0 {
            if !is_escaped {
                out.push_str(&self.text[start..self.at]);
            }
            return;
        }
        let mut first = None;
        let mut more = String::new();
        loop {
            if self.is_blank() {
                self.at += 1;
                continue;
            }
            match self.break_at(self.at) {
                0 => break,
                length => {
                    let text = self.take_break(length);
                    if is_escaped || first.is_some() {
                        more.push_str(text);
                    } else {
                        first = Some(text);
                    }
                }
            }
        }
        match first {
            Some(first) => out.push_str(&folded(first, more)),
            None => out.push_str(&more),
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), Stop> {
        let length = self.break_at(self.at + 1);
        if length > 0 {
            self.at += 1;
            self.take_break(length);
            self.quoted_gap(out, true);
            return Ok(());
        }
        let plain = match self.byte(1) {
            b'0' => '\0',
            b'a' => '\u{7}',
            b'b' => '\u{8}',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\u{b}',
            b'f' => '\u{c}',
            b'r' => '\r',
            b'e' => '\u{1b}',
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            byte @ (b' ' | b'"' | b'\'' | b'\\') => char::from(byte),
            b'/' if self.is_json => '/',
            b'x' => return self.coded(2, out),
            b'u' => return self.coded(4, out),
            b'U' => return self.coded(8, out),
            _ => return Err(self.trouble(self.at, Trouble::Escape)),
        };
        out.push(plain);
        self.at += 2;
        Ok(())
    }

    /// `\x41`, `\u0041`, `\U00000041`.
    fn coded(&mut self, digits: usize, out: &mut String) -> Result<(), Stop> {
        let unknown = self.trouble(self.at, Trouble::Escape);
        let Some(value) = self.hexadecimal(self.at + 2, digits) else { return Err(unknown) };
        if let Some(plain) = char::from_u32(value) {
            out.push(plain);
            self.at += 2 + digits;
            return Ok(());
        }
        // JSON writes a character beyond 16 bits as two of them.
        let second = self.at + 6;
        let low = if self.is_json && digits == 4 && self.bytes.get(second..second + 2) == Some(b"\\u") { self.hexadecimal(second + 2, 4) } else { None };
        let pair = low.and_then(|low| char::decode_utf16([u16::try_from(value).ok()?, u16::try_from(low).ok()?]).next()?.ok());
        match pair {
            Some(plain) => {
                out.push(plain);
                self.at += 12;
            }
            // Go's reader puts the replacement character for half a pair.
            None if self.is_json && digits == 4 => {
                out.push(char::REPLACEMENT_CHARACTER);
                self.at += 6;
            }
            None => return Err(unknown),
        }
        Ok(())
    }

    fn hexadecimal(&self, at: usize, digits: usize) -> Option<u32> {
        let text = self.bytes.get(at..at + digits).filter(|text| text.iter().all(u8::is_ascii_hexdigit))?;
        text.iter().try_fold(0_u32, |value, digit| Some((value << 4) | char::from(*digit).to_digit(16)?))
    }
}
