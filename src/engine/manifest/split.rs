//! From a stream to its documents, by lines alone, so that one document's faults cannot reach the next.
//!
//! As kubectl does it (`k8s.io/apimachinery/pkg/util/yaml`): a line that starts with `---` parts documents, and a text that
//! starts with `{` may be several JSON objects one after another.

use crate::engine::source::Span;

/// The documents' places, empty ones included, at most `most + 1` of them.
pub(super) fn documents(text: &str, most: usize) -> Vec<Span> {
    json_objects(text, most).unwrap_or_else(|| yaml_documents(text, most))
}

fn yaml_documents(text: &str, most: usize) -> Vec<Span> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let is_separator = line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if is_separator && at > start {
            if has_content(&text[start..at]) {
                out.push(Span::new(start, at));
            }
            if out.len() > most {
                return out;
            }
            start = at;
        }
        at += line.len();
    }
    if has_content(&text[start..]) {
        out.push(Span::new(start, text.len()));
    }
    out
}

/// Whether anything but comments and the separator stands there.
fn has_content(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.strip_prefix("---").unwrap_or(line).trim_start_matches(['\u{feff}', ' ', '\t']);
        !line.is_empty() && !line.starts_with('#')
    })
}

/// Several JSON objects with nothing but white space between; `None` where the text is anything else.
fn json_objects(text: &str, most: usize) -> Option<Vec<Span>> {
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
                    out.push(Span::new(start, at + 1));
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
    (depth == 0 && !in_string && out.len() > 1).then_some(out)
}
