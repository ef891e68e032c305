//! What to say of a text that is no YAML: its usual cause, and the cure.

use super::parse::Trouble;
use crate::engine::{diagnostic::Fix, source::Span};

/// A fault in words.
pub(super) struct Told {
    pub span: Span,
    pub message: String,
    /// A cure that is certain, whatever the author meant.
    pub fix: Option<Fix>,
}

/// Place and words for what the parser found at an offset.
pub(super) fn explain(text: &str, at: usize, trouble: Trouble) -> Told {
    let at = floor(text, at);
    let line = line_at(text, at);
    let here = Span::new(at, at + text[at..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8));
    let told = |span, message: &str| Told { span, message: message.to_owned(), fix: None };
    if trouble == Trouble::Tab {
        return tab(text, at, &line);
    }
    if line.text.contains("{{") {
        return told(here, "this looks like a template; render it first (helm template, kustomize build), a cluster takes no {{ }}");
    }
    match trouble {
        Trouble::Name | Trouble::UnknownAnchor => alias(text, at),
        Trouble::Cycle => told(word(text, at), "this refers to the value that it is a part of, which has no end; write the value out"),
        Trouble::BadTag => told(word(text, at), "\"!\" starts a tag, and this is none that YAML knows; to mean the text, put it in quotes"),
        Trouble::Directive => {
            let span = Span::new(line.start, line.start + line.text.len());
            let end = (span.end() + 1).min(text.len());
            let fix = Some(Fix { span: Span::new(line.start, end), replacement: String::new() });
            Told { span, message: "kubectl reads no lines such as %YAML or %TAG; remove this one".into(), fix }
        }
        Trouble::Start('|' | '>') => told(here, "a text in several lines cannot stand within brackets; write it in quotes"),
        Trouble::Start(character) => told(here, &format!("a value cannot start with {character:?}; put it in quotes")),
        Trouble::Colon | Trouble::NoColon => colon(text, &line, here),
        Trouble::OpenQuote => told(here, "a quote is opened and not closed; add the closing quote"),
        Trouble::BehindQuote => {
            told(here, "text follows a closing quote; put the whole value in quotes, and write quotes within it as \\\" or in the other kind of quotes")
        }
        Trouble::Escape => escape(text, at),
        Trouble::OpenBracket(open) => told(here, &format!("{open:?} is opened and not closed")),
        Trouble::WrongBracket { open, close } => told(here, &format!("{close:?} cannot close {open:?}")),
        Trouble::StrayBracket => told(here, "this bracket closes nothing"),
        Trouble::NoComma('[') => told(here, "within [ ] a comma between items, or the closing ], is missing"),
        Trouble::NoComma(_) => told(here, "within { } a comma between entries, or the closing }, is missing"),
        Trouble::Nothing => told(here, "a value is missing before this, within brackets; remove the extra comma or colon"),
        Trouble::Header => told(here, "text cannot follow \"|\" or \">\" on its line; start it on the next line, indented, or put it in quotes"),
        Trouble::Dash => told(here, "a \"-\" with a space starts an item, and none can start here; put it on a line of its own, or the value in quotes"),
        Trouble::Misplaced | Trouble::Tab => indentation(text, &line),
    }
}

/// A tab; what to put in its place in an indentation is for [`super::tabs`] to say.
fn tab(text: &str, at: usize, line: &Line<'_>) -> Told {
    if text[line.start..at].trim_matches(' ').is_empty() {
        return Told { span: Span::new(at, at + 1), message: "a tab indents this line; YAML allows only spaces there".into(), fix: None };
    }
    let length = text[at..].len() - text[at..].trim_start_matches(['\t', ' ']).len();
    let span = Span::new(at, at + length);
    let fix = Some(Fix { span, replacement: " ".into() });
    Told { span, message: "a tab stands here, where YAML takes only spaces; write a space".into(), fix }
}

fn alias(text: &str, at: usize) -> Told {
    let span = word(text, at);
    let word = &text[span.range()];
    let message = if word.starts_with('*') {
        format!("a value that starts with \"*\" is a reference in YAML; to mean the text, put it in quotes: \"{word}\"")
    } else {
        "\"&\" gives a value a name, of letters, digits, - and _; to mean the text, put it in quotes".into()
    };
    // Text that a double quote would change is left to the author.
    let fix = (word.starts_with('*') && !word.contains(['"', '\\'])).then(|| Fix { span, replacement: format!("\"{word}\"") });
    Told { span, message, fix }
}

fn escape(text: &str, at: usize) -> Told {
    let length = text[at..].chars().take(2).map(char::len_utf8).sum::<usize>();
    let message = "unknown escape after a backslash; double it, \\\\, or use single quotes".into();
    Told { span: Span::new(at, at + length), message, fix: Some(Fix { span: Span::new(at, at + 1), replacement: "\\\\".into() }) }
}

fn colon(text: &str, line: &Line<'_>, here: Span) -> Told {
    let told = |span, message: String| Told { span, message, fix: None };
    let body = line.text.trim_start().trim_start_matches("- ");
    if body.matches(": ").count() > 1 {
        return told(here, "a second \": \" on one line; if it belongs to the value, put the value in quotes".into());
    }
    let before = text[..line.start].lines().rev().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    if !line.text.contains(':') {
        let own = indent(line.text);
        let word = line.text[own..].trim_end();
        return told(Span::new(line.start + own, line.start + own + word.len()), format!("{word:?} stands where a key is wanted; a key ends with a colon"));
    }
    if line.text.contains(':') && !line.text.contains(": ") && !line.text.trim_end().ends_with(':') {
        return told(here, "a key's colon needs a space behind it".into());
    }
    if before.is_some_and(|before| before.trim_start().starts_with("- ") && !before.contains(": ")) {
        return indentation(text, line);
    }
    if let Some(before) = before
        && !before.contains(':')
        && !before.trim_start().starts_with("---")
    {
        return told(here, format!("the line above, {:?}, seems to lack its colon", before.trim()));
    }
    if let Some(before) = before
        && before.trim_end().rsplit_once(": ").is_some_and(|(_, value)| !value.is_empty())
        && indent(before) < indent(line.text)
    {
        return told(here, "the line above has a value already, so nothing can stand below it; check the indentation".into());
    }
    told(here, "a key and its colon cannot stand here; check the indentation and the line above".into())
}

fn indentation(text: &str, line: &Line<'_>) -> Told {
    let own = indent(line.text);
    let start = line.start + own;
    let span = Span::new(start, start + line.text[own..].trim_end().len());
    let mut levels: Vec<usize> = Vec::new();
    for above in text[..line.start].lines().rev().take(200).filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        let level = indent(above);
        if levels.last().is_none_or(|last| level < *last) {
            levels.push(level);
        }
        if level == 0 {
            break;
        }
    }
    levels.reverse();
    let levels = levels.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let message = if levels.is_empty() {
        "this fits to nothing above; check the line".into()
    } else {
        format!(
            "indented by {own}, this fits to nothing above; the levels there are {levels} (and a missing quote, dash or colon above can look like this too)"
        )
    };
    Told { span, message, fix: None }
}

/// The text from an offset to the next blank, comma or bracket.
fn word(text: &str, at: usize) -> Span {
    let length = text[at..].find([' ', ',', ']', '}', '\n', '\r', '\t']).unwrap_or(text.len() - at);
    Span::new(at, at + length)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

struct Line<'t> {
    start: usize,
    text: &'t str,
}

fn line_at(text: &str, at: usize) -> Line<'_> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    Line { start, text: &text[start..end] }
}

/// The nearest boundary of a character at or before an offset.
pub(super) fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
