//! Whether Go's regexp package takes a pattern, which istiod asks on behalf of Envoy's RE2
//! (<https://github.com/google/re2/wiki/Syntax>).

use super::part::{Context, Part};

/// `validateStringRegexp`, of a field.
pub(super) fn check(context: &mut Context<'_, '_>, field: &str, part: &Part<'_>, pattern: &str) {
    if pattern.len() > 1024 {
        context.refuse_as(
            format!("large regex in {field}"),
            part,
            format!("a regular expression of {} bytes is too large; at most 1024 are allowed", pattern.len()),
        );
    } else if let Some(reason) = fault(pattern) {
        context.refuse_as(format!("regex in {field}: {pattern}"), part, format!("{pattern:?} is not a regular expression of RE2: {reason}"));
    }
}

/// What is wrong with a pattern, if anything.
pub(super) fn fault(pattern: &str) -> Option<String> {
    let (plain, slip) = translate(pattern);
    match slip {
        Some(Slip::TooOften(count)) => return Some(format!("a repetition of {count} is more than the 1000 that are allowed")),
        Some(Slip::Nested) => return Some("two repetition operators follow each other".into()),
        None => {}
    }
    // Parsing alone is enough: nothing is matched here.
    regex_syntax::ParserBuilder::new().nest_limit(250).build().parse(&plain).err().map(|error| match error {
        regex_syntax::Error::Parse(error) => match error.kind() {
            regex_syntax::ast::ErrorKind::UnsupportedLookAround => "look-around, (?= (?! (?<= (?<!, does not exist there".into(),
            regex_syntax::ast::ErrorKind::UnsupportedBackreference => "references to groups, \\1, do not exist there".into(),
            kind => kind.to_string(),
        },
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    })
}

/// What only Go refuses.
#[derive(Debug, Clone, Copy)]
enum Slip {
    TooOften(u64),
    Nested,
}

/// Go's dialect in the words of this parser: `\Q…\E` is spelt out, `{` that starts no repetition is a letter,
/// `&&`, `--` and `~~` have no meaning in a class. Also the first slip that only Go minds.
fn translate(pattern: &str) -> (String, Option<Slip>) {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_class = false;
    let mut slip = None;
    // How far into a repetition the text before is: 0 no, 1 behind the operator, 2 behind its `?`.
    let mut repeated = 0;
    while let Some(c) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix("\\Q").filter(|_| !in_class) {
            let (text, tail) = quoted.split_once("\\E").unwrap_or((quoted, ""));
            out.push_str(&regex_syntax::escape(text));
            rest = tail;
            repeated = 0;
            continue;
        }
        let tail = &rest[c.len_utf8()..];
        let is_repetition = !in_class && (matches!(c, '*' | '+' | '?') || c == '{' && repetition(tail).is_some());
        if is_repetition && repeated > 0 && !(c == '?' && repeated == 1) {
            slip = slip.or(Some(Slip::Nested));
        }
        repeated = if is_repetition { repeated + 1 } else { 0 };
        match c {
            '\\' => {
                let next = tail.chars().next();
                out.push(c);
                out.extend(next);
                rest = &tail[next.map_or(0, char::len_utf8)..];
                // `\p{Greek}` and `\x{10FFFF}` keep their braces.
                if matches!(next, Some('p' | 'P' | 'x')) && rest.starts_with('{') {
                    let end = rest.find('}').map_or(rest.len(), |end| end + 1);
                    out.push_str(&rest[..end]);
                    rest = &rest[end..];
                }
                continue;
            }
            '[' if in_class && !tail.starts_with(':') => out.push_str("\\["),
            '[' => {
                out.push(c);
                if in_class {
                    let end = tail.find(":]").map_or(tail.len(), |end| end + 2);
                    out.push_str(&tail[..end]);
                    rest = &tail[end..];
                    continue;
                }
                in_class = true;
                let mut inner = tail;
                if let Some(negated) = inner.strip_prefix('^') {
                    out.push('^');
                    inner = negated;
                }
                if let Some(literal) = inner.strip_prefix(']') {
                    out.push_str("\\]");
                    inner = literal;
                }
                rest = inner;
                continue;
            }
            ']' if in_class => {
                in_class = false;
                out.push(c);
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            '{' if !in_class => match repetition(tail) {
                Some(count) => {
                    if count > 1000 {
                        slip = slip.or(Some(Slip::TooOften(count)));
                    }
                    let end = tail.find('}').map_or(tail.len(), |end| end + 1);
                    out.push(c);
                    out.push_str(&tail[..end]);
                    rest = &tail[end..];
                    continue;
                }
                None => out.push_str("\\{"),
            },
            _ => out.push(c),
        }
        rest = tail;
    }
    (out, slip)
}

/// The larger bound of `n}`, `n,}` or `n,m}`.
fn repetition(text: &str) -> Option<u64> {
    let (inside, _) = text.split_once('}')?;
    let (low, high) = inside.split_once(',').unwrap_or((inside, ""));
    let number = |text: &str| if text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None };
    let low: u64 = number(low)?;
    if high.is_empty() { Some(low) } else { number(high).map(|high: u64| high.max(low)) }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn patterns_are_judged_as_by_go() {
        for fine in [
            "",
            ".*",
            "^/(v1|v2)/.*$",
            "a{2,3}",
            "a{,3}",
            "{",
            "\\Qa.b(\\E",
            "[[:alpha:]]+",
            "[]a]",
            "[a&&b]",
            "\\p{Greek}",
            "(?i)abc",
            "(?P<n>x)",
            "[a[b]",
            "x{1000}",
        ] {
            assert_eq!(fault(fine), None, "{fine}");
        }
        for bad in ["(", "a**", "*", "(?=a)", "(a)\\1", "[z-a]", "a{1001}", "\\p{Nope}", "[a", "a{3,2}"] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }
}
