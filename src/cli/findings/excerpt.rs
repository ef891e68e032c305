//! The guilty line with a mark under it, as a compiler shows it.

use std::fmt::Write;

use crate::engine::{diagnostic::Diagnostic, source::Position};

/// Characters of a source line that are shown; longer lines are cut around the place.
const SHOWN: usize = 120;

/// Two lines: the source, and carets under the place. Each ends with a newline.
pub(in crate::cli) fn excerpt(diagnostic: &Diagnostic) -> String {
    let (start, end): (Position, Position) = (diagnostic.position(), diagnostic.end_position());
    let line = diagnostic.file.line(diagnostic.span.start());
    let skipped = if start.column > SHOWN { start.column - SHOWN / 2 } else { 0 };
    let shown: String = line.chars().skip(skipped).take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let gutter = start.line.to_string();
    let before = start.column - 1 - skipped;
    let room = shown.chars().count().saturating_sub(before).max(1);
    let width = if end.line == start.line { (end.column - start.column).clamp(1, room) } else { room };
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, " {gutter} | {}", shown.trim_end());
    let _ = writeln!(out, " {:gutter$} | {:before$}{}", "", "", "^".repeat(width), gutter = gutter.len());
    out
}
