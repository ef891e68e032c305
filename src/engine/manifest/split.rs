//! From a stream to its documents, by lines alone, so that one document's faults cannot reach the next.
//!
//! As kubectl does it (`k8s.io/apimachinery/pkg/util/yaml`): a line that starts with `---` parts documents and holds nothing
//! else but a comment, and a text that starts with `{` may be several JSON objects one after another.

use memchr::{memchr, memmem};

use crate::engine::source::{SourceFile, Span};

/// What stands between two separators.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Without the separator; empty where only the separator is wrong.
    pub span: Span,
    /// What stands behind the `---` before it, and must not.
    pub stray: Option<Span>,
}

/// The documents' places without those that hold nothing, at most `most + 1` of them.
pub(super) fn documents(file: &SourceFile, most: usize) -> Vec<Part> {
    json_objects(file.text(), most).unwrap_or_else(|| yaml_documents(file.text(), most))
}

fn yaml_documents(text: &str, most: usize) -> Vec<Part> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut stray = None;
    let bytes = text.as_bytes();
    // A byte order mark is no part of the first line.
    let first = text.len() - text.trim_start_matches('\u{feff}').len();
    let first = bytes[first..].starts_with(b"---").then_some(first);
    let separators = memmem::find_iter(bytes, b"\n---").map(|at| at + 1);
    for at in first.into_iter().chain(separators).chain([bytes.len()]) {
        let span = Span::new(start, at);
        if stray.is_some() || has_content(&text[start..at]) {
            out.push(Part { span, stray });
            if out.len() > most {
                break;
            }
        }
        let line = memchr(b'\n', &bytes[at..]).map_or(text.len(), |end| at + end);
        start = (line + 1).min(text.len());
        stray = stray_text(text, at, line);
    }
    out
}

/// What is neither blank nor a comment behind the three dashes of a line.
fn stray_text(text: &str, at: usize, end: usize) -> Option<Span> {
    let behind = text.get(at + 3..end)?;
    let word = behind.trim();
    let from = end - behind.trim_start().len();
    (!word.is_empty() && !word.starts_with('#')).then(|| Span::new(from, from + word.len()))
}

/// Whether anything but comments may stand there. A comment may end at a rarer line break, which the parser knows.
fn has_content(text: &str) -> bool {
    // Most documents start with their first key.
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        || text.lines().any(|line| {
            let line = line.trim_start_matches(['\u{feff}', ' ', '\r']);
            !line.is_empty() && (!line.starts_with('#') || line.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}']))
        })
}

/// Several JSON objects with nothing but white space between; `None` where the text is anything else.
fn json_objects(text: &str, most: usize) -> Option<Vec<Part>> {
    let begin = text.len() - text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).len();
    if !text[begin..].starts_with('{') {
        return None;
    }
    let mut out = Vec::new();
    let (mut depth, mut start, mut in_string, mut is_escaped) = (0_usize, 0, false, false);
    for (at, byte) in text.bytes().enumerate().skip(begin) {
        if in_string {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'{' | b'[' => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    out.push(Part { span: Span::new(start, at + 1), stray: None });
                    if out.len() > most {
                        return Some(out);
                    }
                }
            }
            b'"' if depth > 0 => in_string = true,
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    // What only looks like JSON is read as YAML, of which the first object is all.
    let is_json = |part: &Part| serde_json::from_str::<serde::de::IgnoredAny>(&text[part.span.range()]).is_ok();
    (depth == 0 && !in_string && out.len() > 1 && out.first().is_some_and(is_json)).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(&str, Option<&str>)> {
        documents(&SourceFile::new("t", text), 9).into_iter().map(|part| (&text[part.span.range()], part.stray.map(|span| &text[span.range()]))).collect()
    }

    #[test]
    fn lines_of_dashes_part_documents() {
        assert_eq!(parts("a\n---\nb\n--- # c\n\n---\n# d\n--- \r\ne"), [("a\n", None), ("b\n", None), ("e", None)]);
        assert_eq!(parts("---\na\n---"), [("a\n", None)]);
        assert_eq!(parts(" ---\n"), [(" ---\n", None)]);
    }

    #[test]
    fn text_behind_the_dashes_is_told() {
        assert_eq!(parts("a\n--- b: 1\nc\n----\n"), [("a\n", None), ("c\n", Some("b: 1")), ("", Some("-"))]);
    }
}
