//! What can still be read of a document that is broken: further faults, and a tree of the sound part.

use super::{
    Limits, Node,
    compose::{Spent, Stop, compose, compose_instead},
    fault::floor,
};

/// Larger documents are not read again and again.
const SIZE: usize = 256 << 10;

/// Faults that are told of one document.
const FAULTS: usize = 8;

/// The faults behind the first, and what can be read around them.
pub(super) struct Salvage {
    pub stops: Vec<Stop>,
    pub root: Option<Node>,
}

/// Reads a document again without the lines that are at fault.
pub(super) fn salvage(text: &str, offset: usize, first: usize, limits: &Limits) -> Salvage {
    let mut out = Salvage { stops: Vec::new(), root: None };
    if text.len() > SIZE {
        return out;
    }
    let mut sound = text.to_owned();
    let mut at = first - offset;
    while out.stops.len() < FAULTS {
        let Some(blanked) = without_line(&sound, at) else { break };
        sound = blanked;
        let composed = compose_instead(&sound, text, offset, limits, &mut Spent::default());
        match composed.stop {
            None => {
                out.root = composed.roots.into_iter().next();
                return out;
            }
            // One that is not further on, or on the very next line, only follows from the line that is missing.
            Some(Stop::Syntax(next, kind)) if next - offset > line_end(&sound, line_end(&sound, at) + 1) => {
                at = next - offset;
                out.stops.push(Stop::Syntax(next, kind));
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
        let composed = compose(&text[..end], offset, limits, &mut Spent::default());
        if composed.stop.is_none() { composed.roots.into_iter().next() } else { None }
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

fn line_end(text: &str, at: usize) -> usize {
    let at = floor(text, at);
    text[at..].find('\n').map_or(text.len(), |newline| at + newline)
}
