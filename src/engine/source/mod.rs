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
    /// What lies before each [`STRIDE`] of bytes. Lines and columns are worked out when they are asked for, from the count before them:
    /// most texts are read without a fault, and where each line starts would be a tenth of their memory.
    before: Vec<Before>,
}

/// Counts up to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Before {
    chars: usize,
    /// Lines that end before it.
    lines: usize,
}

/// Bytes between two counts.
const STRIDE: usize = 1024;

impl SourceFile {
    /// Keeps `text` under `name`, a path or a word such as `input`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let text = text.into();
        let mut next = Before { chars: 0, lines: 0 };
        let before = text.as_bytes().chunks(STRIDE).map(|chunk| {
            let before = next;
            next.chars += first_bytes(chunk);
            next.lines += line_ends(chunk);
            before
        });
        let before = before.collect();
        Arc::new(Self { name: name.into(), text, before })
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

    /// The lines above the one of a byte offset with their numbers, upwards, without their ends.
    pub fn lines_above(&self, offset: usize) -> impl Iterator<Item = (usize, &str)> + Clone {
        let (ends, start) = self.line_of(offset.min(self.text.len()));
        let above = self.text[..start].strip_suffix('\n').unwrap_or_default();
        (1..=ends).rev().zip(above.rsplit('\n').map(without_return))
    }

    /// The line of a byte offset, without its end.
    pub fn line(&self, offset: usize) -> &str {
        let rest = &self.text[self.line_of(offset.min(self.text.len())).1..];
        without_return(rest.split_once('\n').map_or(rest, |(line, _)| line))
    }

    /// The byte offset of a line and column; the nearest one that there is.
    pub fn offset(&self, Position { line, column }: Position) -> usize {
        let start = self.start_of(line.saturating_sub(1));
        let text = self.line(start);
        start + text.char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| at)
    }

    /// Line and column of a byte offset. Offsets past the end give the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let (ends, mut start) = self.line_of(offset);
        // Editors do not show a byte order mark.
        if start == 0 && offset > 0 && self.text.starts_with('\u{feff}') {
            start = '\u{feff}'.len_utf8().min(offset);
        }
        // Nearly every line is short enough to be counted by itself.
        let before =
            if offset - start < STRIDE { first_bytes(&self.text.as_bytes()[start..offset]) } else { self.chars_up_to(offset) - self.chars_up_to(start) };
        Position { line: ends + 1, column: before + 1 }
    }

    /// How many lines end before a byte offset, and where its own line starts.
    fn line_of(&self, offset: usize) -> (usize, usize) {
        let (before, from) = self.count_before(offset);
        let since = &self.text.as_bytes()[from..offset];
        match memchr::memrchr(b'\n', since) {
            Some(last) => (before.lines + line_ends(&since[..last]) + 1, from + last + 1),
            None => (before.lines, self.start_of(before.lines)),
        }
    }

    /// How many characters start before a byte offset.
    fn chars_up_to(&self, offset: usize) -> usize {
        let (before, from) = self.count_before(offset);
        before.chars + first_bytes(&self.text.as_bytes()[from..offset])
    }

    /// The last count at or before a byte offset, and where it was taken.
    fn count_before(&self, offset: usize) -> (Before, usize) {
        let stride = (offset / STRIDE).min(self.before.len().saturating_sub(1));
        (self.before.get(stride).copied().unwrap_or(Before { chars: 0, lines: 0 }), stride * STRIDE)
    }

    /// Where the line starts that has `ends` lines above it; the last line where it has fewer.
    fn start_of(&self, ends: usize) -> usize {
        if ends == 0 {
            return 0;
        }
        let stride = self.before.partition_point(|before| before.lines < ends).saturating_sub(1);
        let Some(before) = self.before.get(stride) else { return 0 };
        let rest = &self.text.as_bytes()[stride * STRIDE..];
        let end = memchr::memchr_iter(b'\n', rest).nth(ends - before.lines - 1);
        end.map_or_else(|| memchr::memrchr(b'\n', self.text.as_bytes()).map_or(0, |last| last + 1), |end| stride * STRIDE + end + 1)
    }
}

fn without_return(line: &str) -> &str {
    line.trim_end_matches('\r')
}

/// How many lines end in it.
fn line_ends(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
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
                assert_eq!(file.position(offset).line, line, "{offset} of {}", text.len());
                line += usize::from(byte == b'\n');
            }
            assert_eq!(file.position(text.len()).line, line, "the end of {}", text.len());
            let starts = (1..=line).map(|line| file.offset(Position { line, column: 1 }));
            assert!(starts.eq([0].into_iter().chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1))), "starts in {}", text.len());
            let above: Vec<(usize, &str)> = file.lines_above(text.len()).collect();
            assert!(text.split('\n').zip(1..line).map(|(text, number)| (number, text)).eq(above.into_iter().rev()), "lines of {}", text.len());
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
        assert!(file.lines_above(999).eq([(2, "xäöy: 1"), (1, "ab")]));
        assert_eq!(file.lines_above(1).next(), None);
        assert_eq!([0, 3, 13, 14].map(|offset| file.line(offset)), ["ab", "xäöy: 1", "xäöy: 1", "z"]);
    }

    #[test]
    fn a_place_has_an_offset() {
        let file = SourceFile::new("t", "ab\r\nö\n");
        let places = [(1, 1), (1, 2), (1, 99), (2, 2), (9, 9), (0, 0)];
        assert_eq!(places.map(|(line, column)| file.offset(Position { line, column })), [0, 1, 2, 6, 7, 0]);
        assert_eq!(SourceFile::new("t", "").offset(Position { line: 2, column: 2 }), 0);
    }

    #[test]
    fn a_line_of_megabytes_costs_no_walk() {
        let file = SourceFile::new("t", "é".repeat(2_000_000));
        let columns: usize = (0..10_000).map(|at| file.position(at * 400).column).sum();
        assert_eq!(columns, (0..10_000).map(|at| at * 200 + 1).sum::<usize>());
    }
}
