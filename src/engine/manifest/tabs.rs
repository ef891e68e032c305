//! Spaces in place of the tabs that indent lines, where it is certain how many.

use super::{
    Limits,
    parse::{Spent, parse},
};
use crate::engine::{diagnostic::Fix, source::Span};

/// Larger documents are not read several times.
const SIZE: usize = 64 << 10;

/// How many spaces a tab stands for in a document: the least of the usual widths that make it sound, if all that do agree on
/// what it says.
pub(super) fn width(text: &str, limits: &Limits) -> Option<usize> {
    if text.len() > SIZE || !text.contains('\t') {
        return None;
    }
    let read = |width: usize| {
        let spaced: String = text.split_inclusive('\n').map(|line| spaced(line, width)).collect();
        let parsed = parse(&spaced, 0, limits, &mut Spent::default());
        parsed.root.filter(|_| parsed.stop.is_none()).map(|root| (width, root))
    };
    let mut sound = [2, 4, 8].into_iter().filter_map(read);
    let (width, root) = sound.next()?;
    sound.all(|(_, other)| other.is_same(&root)).then_some(width)
}

/// The indentation of the line at an offset in spaces.
pub(super) fn fix(text: &str, at: usize, width: usize) -> Fix {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    let blanks = indentation(&text[start..end]);
    Fix { span: Span::new(start, start + blanks.len()), replacement: blanks.replace('\t', &" ".repeat(width)) }
}

fn spaced(line: &str, width: usize) -> String {
    let blanks = indentation(line);
    format!("{}{}", blanks.replace('\t', &" ".repeat(width)), &line[blanks.len()..])
}

fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}
