//! What to say of a text that is no YAML: the parser's finding, its usual cause, and the cure.

use granit_parser::ErrorKind;

use crate::engine::source::Span;

/// Place and words for a finding of the parser at an offset.
pub(super) fn explain(text: &str, at: usize, kind: &ErrorKind) -> (Span, String) {
    let at = floor(text, at);
    let line = line_at(text, at);
    let here = Span::new(at, at + text[at..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8));
    if let Some(tab) = indenting_tab(line.text) {
        return (Span::new(line.start + tab, line.start + tab + 1), "a tab indents this line; YAML allows only spaces there".into());
    }
    if line.text.contains("{{") {
        return (here, "this looks like a template; render it first (helm template, kustomize build), a cluster takes no {{ }}".into());
    }
    match kind {
        ErrorKind::UnknownAnchor | ErrorKind::MissingAnchorOrAliasName => alias(text, at),
        ErrorKind::UnexpectedCharacter { character } => (here, format!("a value cannot start with {character:?}; put it in quotes")),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement | ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            colon(text, &line, here)
        }
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar | ErrorKind::InvalidQuotedScalarIndent => {
            (here, "a quote is opened and not closed; add the closing quote".into())
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            (here, "text follows a closing quote; put the whole value in quotes, and write quotes within it as \\\" or in the other kind of quotes".into())
        }
        ErrorKind::UnclosedFlowCollection { open } => (here, format!("{open:?} is opened and not closed")),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => (here, format!("{close:?} cannot close {open:?}")),
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            (here, "within { } a comma between entries, or the closing }, is missing".into())
        }
        ErrorKind::ExpectedFlowSequenceSeparator | ErrorKind::UnexpectedEofFlowSequence => {
            (here, "within [ ] a comma between items, or the closing ], is missing".into())
        }
        ErrorKind::MisplacedFlowCollectionEnd => (here, "this bracket closes nothing".into()),
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::InvalidFlowScalarIndent => indentation(text, &line),
        ErrorKind::CommentNotSeparated => (here, "a comment needs a space before \"#\"; a value that holds \"#\" needs quotes".into()),
        ErrorKind::UnknownQuotedScalarEscape => (here, "unknown escape after a backslash; double it, \\\\, or use single quotes".into()),
        ErrorKind::RecursionLimitExceeded => (here, "nested too deeply; no Kubernetes object is".into()),
        other => (here, other.to_string()),
    }
}

fn alias(text: &str, at: usize) -> (Span, String) {
    // The finding may stand at the star or behind it.
    let start = text[..at].rfind('*').filter(|star| !text[*star..at].contains('\n')).unwrap_or(at);
    let start = if text[at..].starts_with('*') { at } else { start };
    let word = text[start..].split([' ', ',', ']', '}', '\n', '\r', '\t']).next().unwrap_or_default();
    let span = Span::new(start, start + word.len());
    if word.starts_with('*') {
        (span, format!("a value that starts with \"*\" is a reference in YAML; to mean the text, put it in quotes: \"{word}\""))
    } else {
        (span, "a reference to a value that nothing is named before".into())
    }
}

fn colon(text: &str, line: &Line<'_>, here: Span) -> (Span, String) {
    let body = line.text.trim_start().trim_start_matches("- ");
    if body.matches(": ").count() > 1 {
        return (here, "a second \": \" on one line; if it belongs to the value, put the value in quotes".into());
    }
    let before = text[..line.start].lines().rev().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    if !line.text.contains(':') {
        let word = line.text.trim();
        let start = line.start + indent(line.text);
        return (Span::new(start, start + word.len()), format!("{word:?} stands where a key is wanted; a key ends with a colon"));
    }
    if before.is_some_and(|before| before.trim_start().starts_with("- ") && !before.contains(": ")) {
        return indentation(text, line);
    }
    if let Some(before) = before
        && !before.contains(':')
        && !before.trim_start().starts_with("---")
    {
        return (here, format!("the line above, {:?}, seems to lack its colon", before.trim()));
    }
    if let Some(before) = before
        && before.trim_end().rsplit_once(": ").is_some_and(|(_, value)| !value.is_empty())
        && indent(before) < indent(line.text)
    {
        return (here, "the line above has a value already, so nothing can stand below it; check the indentation".into());
    }
    (here, "a key and its colon cannot stand here; check the indentation and the line above".into())
}

fn indentation(text: &str, line: &Line<'_>) -> (Span, String) {
    let own = indent(line.text);
    let start = line.start + own;
    let span = Span::new(start, start + line.text.trim().len());
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
    if levels.is_empty() {
        return (span, "this fits to nothing above; check the line".into());
    }
    (
        span,
        format!(
            "indented by {own}, this fits to nothing above; the levels there are {levels} (and a missing quote, dash or colon above can look like this too)"
        ),
    )
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn indenting_tab(line: &str) -> Option<usize> {
    line.char_indices().take_while(|(_, c)| c.is_whitespace()).find(|(_, c)| *c == '\t').map(|(at, _)| at)
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
