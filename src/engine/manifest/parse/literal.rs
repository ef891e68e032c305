//! Block scalars: `|` keeps lines, `>` folds them.

use std::borrow::Cow;

use super::{Parser, Scalar, Stop, Trouble};

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl<'t> Parser<'t, '_> {
    /// Reads from the indicator to the last line.
    pub(super) fn literal(&mut self) -> Result<Scalar<'t>, Stop> {
        let start = self.at;
        let is_folded = self.peek() == b'>';
        let (chomping, increment) = self.header()?;
        // Column of the text; 0 until its first line tells.
        let mut column = increment.map_or(0, |increment| self.indent.max(1) + increment);
        let mut out = String::new();
        let mut end = self.at;
        let mut breaks = self.literal_breaks(&mut column)?;
        let mut pending = "";
        let mut was_blank = false;
        while self.column() == column && self.peek() != 0 {
            let is_blank = self.is_blank();
            if is_folded && pending == "\n" && !was_blank && !is_blank {
                if breaks.is_empty() {
                    out.push(' ');
                }
            } else {
                out.push_str(pending);
            }
            out.push_str(&breaks);
            was_blank = is_blank;
            let line = self.at;
            self.skip_line();
            out.push_str(&self.text[line..self.at]);
            end = self.at;
            // kubectl ends the last line of a text where its author did not.
            pending = match self.break_at(self.at) {
                0 => "\n",
                length => self.take_break(length),
            };
            breaks = self.literal_breaks(&mut column)?;
        }
        if chomping != Chomping::Strip {
            out.push_str(pending);
        }
        if chomping == Chomping::Keep {
            out.push_str(&breaks);
        }
        self.key_may_start = true;
        Ok(Scalar { text: Cow::Owned(out), is_plain: false, span: self.span(start, end) })
    }

    /// `|`, `|-`, `>2+` and a comment, to the end of the line.
    fn header(&mut self) -> Result<(Chomping, Option<usize>), Stop> {
        self.at += 1;
        let (mut chomping, mut increment) = (None, None);
        loop {
            match self.peek() {
                b'-' if chomping.is_none() => chomping = Some(Chomping::Strip),
                b'+' if chomping.is_none() => chomping = Some(Chomping::Keep),
                digit @ b'1'..=b'9' if increment.is_none() => increment = Some(usize::from(digit - b'0')),
                _ => break,
            }
            self.at += 1;
        }
        while self.is_blank() {
            self.at += 1;
        }
        if self.peek() == b'#' {
            self.skip_line();
        }
        match self.break_at(self.at) {
            0 if self.peek() != 0 => Err(self.trouble(self.at, Trouble::Header)),
            length => {
                self.take_break(length);
                Ok((chomping.unwrap_or(Chomping::Clip), increment))
            }
        }
    }

    /// Moves over indentation and empty lines, and gives their breaks; finds the column of the text where nothing has told it.
    fn literal_breaks(&mut self, column: &mut usize) -> Result<String, Stop> {
        let mut breaks = String::new();
        let mut widest = 1;
        loop {
            let inside = |parser: &Self| *column == 0 || parser.column() < *column;
            while self.peek() == b' ' && inside(self) {
                self.at += 1;
            }
            widest = widest.max(self.column());
            if self.peek() == b'\t' && inside(self) {
                return Err(self.trouble(self.at, Trouble::Tab));
            }
            match self.break_at(self.at) {
                0 => break,
                length => breaks.push_str(self.take_break(length)),
            }
        }
        if *column == 0 {
            *column = widest.max(self.indent + 1).max(2);
        }
        Ok(breaks)
    }
}
