//! Source text and places in it. Knows nothing of YAML.

mod origin;

pub use origin::Origin;

use std::sync::Arc;

/// A range of bytes in one [`SourceFile`]: every value of a document's tree has one, so it is kept small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The range from `start` up to, not including, `end`. What lies behind four gigabytes is at their end.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start: narrow(start), end: narrow(end) }
    }

    /// Offset of the first byte.
    pub const fn start(self) -> usize {
        self.start as usize
    }

    /// Offset behind the last byte.
    pub const fn end(self) -> usize {
        self.end as usize
    }

    /// The bytes, to cut them out of the text.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start()..self.end()
    }
}

#[allow(clippy::cast_possible_truncation, reason = "what is larger does not get here")]
const fn narrow(offset: usize) -> u32 {
    if offset > u32::MAX as usize { u32::MAX } else { offset as u32 }
}

/// A place as editors count it: both figures start at 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// A text under the name that messages call it by.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    name: String,
    text: String,
    /// Offset of the first byte of each line.
    line_starts: Vec<usize>,
    /// What lies before each [`STRIDE`] of bytes, so that neither a line of many nor a column in a line of megabytes is searched for
    /// from the start.
    before: Vec<Before>,
}

/// Counts up to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Before {
    chars: usize,
    /// Lines that start before it.
    lines: usize,
}

/// Bytes between two counts.
const STRIDE: usize = 4096;

impl SourceFile {
    /// Keeps `text` under `name`, a path or a word such as `input`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let text = text.into();
        let line_starts = line_starts(text.as_bytes());
        let mut next = Before { chars: 0, lines: 0 };
        let chunks = text.as_bytes().chunks(STRIDE).enumerate();
        let before = chunks.map(|(at, chunk)| {
            let before = next;
            next.chars += first_bytes(chunk);
            next.lines += line_starts[next.lines..].iter().take_while(|start| **start < (at + 1) * STRIDE).count();
            before
        });
        let before = before.collect();
        Arc::new(Self { name: name.into(), text, line_starts, before })
    }

    /// The name that messages use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a range; empty where the range is not one of this file.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// A line by its number, without its end; empty where there is none.
    pub fn line(&self, number: usize) -> &str {
        let Some(&start) = number.checked_sub(1).and_then(|at| self.line_starts.get(at)) else { return "" };
        let end = self.line_starts.get(number).map_or(self.text.len(), |next| next - 1);
        self.slice(Span::new(start, end)).trim_end_matches('\r')
    }

    /// Offset of the first byte of each line.
    pub(in crate::engine) fn line_starts(&self) -> &[usize] {
        &self.line_starts
    }

    /// Line and column of a byte offset. Offsets past the end give the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.line_of(offset);
        let mut start = self.line_starts[line - 1];
        // Editors do not show a byte order mark.
        if start == 0 && offset > 0 && self.text.starts_with('\u{feff}') {
            start = '\u{feff}'.len_utf8().min(offset);
        }
        // Nearly every line is short enough to be counted by itself.
        let before =
            if offset - start < STRIDE { first_bytes(&self.text.as_bytes()[start..offset]) } else { self.chars_up_to(offset) - self.chars_up_to(start) };
        Position { line, column: before + 1 }
    }

    /// The line of a byte offset, from 1.
    fn line_of(&self, offset: usize) -> usize {
        let stride = offset / STRIDE;
        let lines = |stride: usize| self.before.get(stride).map(|before| before.lines);
        let (from, to) = (lines(stride).unwrap_or_default(), lines(stride + 1).unwrap_or(self.line_starts.len()));
        from + self.line_starts[from..to].partition_point(|&start| start <= offset)
    }

    /// How many characters start before a byte offset.
    fn chars_up_to(&self, offset: usize) -> usize {
        let stride = offset / STRIDE;
        let Some(before) = self.before.get(stride).or(self.before.last()) else { return 0 };
        let from = stride.min(self.before.len() - 1) * STRIDE;
        before.chars + first_bytes(&self.text.as_bytes()[from..offset])
    }
}

/// Where lines start.
fn line_starts(bytes: &[u8]) -> Vec<usize> {
    let mut out = Vec::with_capacity(1 + bytes.len() / 16);
    out.push(0);
    out.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1));
    out
}

/// The bytes that start a character.
fn first_bytes(bytes: &[u8]) -> usize {
    let count = |chunk: &[u8]| chunk.iter().fold(0_u8, |sum, byte| sum + u8::from(*byte & 0xC0 != 0x80));
    bytes.chunks(128).map(|chunk| usize::from(count(chunk))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_wherever_the_counts_before_them_end() {
        // Lines of many lengths, some longer than what lies between two counts, some that begin just where one is.
        let mut text: String = (0..400).map(|at| "x".repeat(at * 7 % 60) + "\n").collect();
        text += &"y".repeat(3 * STRIDE);
        text += &"\n".repeat(STRIDE);
        for text in [text.as_str(), &text[..STRIDE], &text[..2 * STRIDE], "\n", ""] {
            let file = SourceFile::new("t", text);
            let mut line = 1;
            for (offset, byte) in text.bytes().enumerate() {
                assert_eq!(file.line_of(offset), line, "{offset} of {}", text.len());
                line += usize::from(byte == b'\n');
            }
            assert_eq!(file.line_of(text.len()), line, "the end of {}", text.len());
        }
    }

    #[test]
    fn positions_count_characters() {
        let file = SourceFile::new("t", "ab\nxäöy: 1\r\nz");
        let at = |offset| (file.position(offset).line, file.position(offset).column);
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(3), (2, 1));
        assert_eq!(at("ab\nxäö".len()), (2, 4));
        assert_eq!(at(999), (3, 2));
        assert_eq!(file.line(2), "xäöy: 1");
        assert_eq!(file.line(9), "");
    }

    #[test]
    fn a_line_of_megabytes_costs_no_walk() {
        let file = SourceFile::new("t", "é".repeat(2_000_000));
        let columns: usize = (0..10_000).map(|at| file.position(at * 400).column).sum();
        assert_eq!(columns, (0..10_000).map(|at| at * 200 + 1).sum::<usize>());
    }
}
