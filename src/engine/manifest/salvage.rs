//! What can still be read of a document that is broken: further faults, and a tree of the sound part.

use super::{
    Limits, Node,
    fault::floor,
    parse::{Spent, Stop, Trouble, parse},
};

/// Larger documents are not read again and again.
const SIZE: usize = 256 << 10;

/// Faults that are told of one document.
const FAULTS: usize = 32;

/// The faults behind the first, and what can be read around them.
pub(super) struct Salvage {
    pub troubles: Vec<(usize, Trouble)>,
    pub root: Option<Node>,
}

/// Reads a document again without the lines that are at fault.
pub(super) fn salvage(text: &str, offset: usize, (first, trouble): (usize, Trouble), limits: &Limits) -> Salvage {
    let mut out = Salvage { troubles: Vec::new(), root: None };
    if text.len() > SIZE {
        return out;
    }
    let mut sound = text.to_owned();
    let (mut at, mut trouble) = (first - offset, trouble);
    while out.troubles.len() < FAULTS {
        let mended = if trouble == Trouble::Tab { without_tabs(&sound, at) } else { without_line(&sound, at) };
        let Some(mended) = mended else { break };
        sound = mended;
        let parsed = parse(&sound, offset, limits, &mut Spent::default());
        match parsed.stop {
            None => {
                out.root = parsed.root;
                return out;
            }
            // One that is not further on, or on the very next line, only follows from the line that is missing.
            Some(Stop::Syntax(next, found)) if trouble == Trouble::Tab && found == trouble || next - offset > line_end(&sound, line_end(&sound, at) + 1) => {
                (at, trouble) = (next - offset, found);
                out.troubles.push((next, found));
            }
            Some(_) => break,
        }
    }
    out.root = before(text, first - offset, offset, limits);
    out
}

/// The tree of what stands before the line at fault, or before the top-level key that holds it.
fn before(text: &str, at: usize, offset: usize, limits: &Limits) -> Option<Node> {
    let line = text[..floor(text, at)].rfind('\n').map_or(0, |newline| newline + 1);
    let read = |end: usize| {
        let parsed = parse(&text[..end], offset, limits, &mut Spent::default());
        if parsed.stop.is_none() { parsed.root } else { None }
    };
    read(line).or_else(|| {
        let key = text[..line].rmatch_indices('\n').map(|(at, _)| at + 1).find(|start| text[*start..].starts_with(|c: char| c.is_ascii_alphabetic()))?;
        read(key)
    })
}

/// The text with the line around an offset turned into blanks; `None` where it is blank already.
fn without_line(text: &str, at: usize) -> Option<String> {
    let start = text[..floor(text, at)].rfind('\n').map_or(0, |newline| newline + 1);
    let end = line_end(text, at);
    if text[start..end].trim().is_empty() {
        return None;
    }
    Some(format!("{}{}{}", &text[..start], " ".repeat(end - start), &text[end..]))
}

/// The text with the blanks at an offset turned into spaces.
fn without_tabs(text: &str, at: usize) -> Option<String> {
    let length = text[at..].len() - text[at..].trim_start_matches(['\t', ' ']).len();
    (length > 0).then(|| format!("{}{}{}", &text[..at], " ".repeat(length), &text[at + length..]))
}

fn line_end(text: &str, at: usize) -> usize {
    let at = floor(text, at);
    text[at..].find('\n').map_or(text.len(), |newline| at + newline)
}
