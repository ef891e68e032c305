//! Matching one text against one rule, with the reason in words.

use regex::{Regex, RegexBuilder};

use crate::engine::{re2, xds::StringMatcher};

/// What a compiled pattern may take.
const MAX_PROGRAM_BYTES: usize = 1 << 20;

/// Compiles a pattern. `None` where it is no regular expression or too large; such a rule matches nothing.
pub(super) fn regex(pattern: &str) -> Option<Regex> {
    compile(&re2::translate(pattern).ok()?)
}

/// Compiles a pattern that must match the whole of a text, as everywhere in Envoy.
pub(super) fn full_regex(pattern: &str) -> Option<Regex> {
    compile(&format!("^(?:{})$", re2::translate(pattern).ok()?))
}

fn compile(translated: &str) -> Option<Regex> {
    RegexBuilder::new(translated).size_limit(MAX_PROGRAM_BYTES).dfa_size_limit(MAX_PROGRAM_BYTES).nest_limit(64).build().ok()
}

/// Whether the whole `text` matches.
pub(super) fn regex_matches(pattern: &str, text: &str) -> bool {
    full_regex(pattern).is_some_and(|regex| regex.is_match(text))
}

/// Whether `text` satisfies the matcher; one without any rule matches nothing.
pub(super) fn matches(matcher: &StringMatcher, text: &str) -> bool {
    // The case of a regex is its own affair.
    if let Some(regex) = &matcher.safe_regex {
        return regex_matches(&regex.regex, text);
    }
    let fold = |value: &str| if matcher.ignore_case { value.to_ascii_lowercase() } else { value.to_owned() };
    let text = fold(text);
    if let Some(exact) = &matcher.exact {
        text == fold(exact)
    } else if let Some(prefix) = &matcher.prefix {
        text.starts_with(&fold(prefix))
    } else if let Some(suffix) = &matcher.suffix {
        text.ends_with(&fold(suffix))
    } else if let Some(part) = &matcher.contains {
        text.contains(&fold(part))
    } else {
        false
    }
}

/// The rule in words, to follow "the rule wants".
pub(super) fn describe(matcher: &StringMatcher) -> String {
    let case = if matcher.ignore_case { " in any case" } else { "" };
    if let Some(regex) = &matcher.safe_regex {
        format!("the whole value to match the regex {:?}", regex.regex)
    } else if let Some(exact) = &matcher.exact {
        format!("{exact:?}{case}")
    } else if let Some(prefix) = &matcher.prefix {
        format!("a value that starts with {prefix:?}{case}")
    } else if let Some(suffix) = &matcher.suffix {
        format!("a value that ends with {suffix:?}{case}")
    } else if let Some(part) = &matcher.contains {
        format!("a value that contains {part:?}{case}")
    } else {
        "nothing that a value can be".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regex_must_match_the_whole_text_and_a_hopeless_one_matches_nothing() {
        assert!(regex_matches("a|ab", "ab"));
        assert!(!regex_matches("a", "ab"));
        assert!(!regex_matches("(", "("));
        assert!(!regex_matches("(?:a{1000}){1000}", "a"));
    }

    #[test]
    fn a_regex_is_read_as_by_re2() {
        assert!(regex_matches(r"\Qv1.\E\d+", "v1.2"));
        assert!(!regex_matches(r"\Qv1.\E\d+", "v1.\u{663}"));
        // Groups that are not closed do not end where the frame of a full match does.
        assert!(!regex_matches("a)|(?:b", "b"));
    }
}
