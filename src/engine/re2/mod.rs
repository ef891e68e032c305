//! Regular expressions as RE2 has them, in which Envoy matches and which istiod holds a pattern against
//! (<https://github.com/google/re2/wiki/Syntax>; `regexp/syntax` of Go 1.24, with which Istio 1.26 is built).
//!
//! A pattern is read once and written anew in the dialect of the `regex` crate, so that what is accepted is also matched,
//! and means the same: `\d`, `\w`, `\s` and `\b` know ASCII alone, `\Q…\E` is text, `\pN` needs no braces.
//! Knows nothing of what a pattern is for.

mod class;
mod escape;
mod parser;
mod unicode;

use std::fmt;

/// Longer patterns are not read; istiod takes 1024 bytes where routes match.
const MOST_BYTES: usize = 16 * 1024;

/// The same expression in the dialect of the `regex` crate: groups keep their numbers and lose their names.
pub(super) fn translate(pattern: &str) -> Result<String, Fault> {
    if pattern.len() > MOST_BYTES {
        return Err(Fault::TooLong);
    }
    parser::translate(pattern)
}

/// Why a pattern is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// More than is read here.
    TooLong,
    /// Groups within groups within groups.
    TooDeep,
    /// `*` and its like with nothing before them.
    NothingToRepeat,
    /// `a**`.
    RepeatedTwice,
    /// `{1001}`, `{3,2}`, or repetitions within repetitions that come to more.
    Repetition(String),
    /// `(` without `)`.
    OpenGroup,
    /// `)` without `(`.
    NoGroup,
    /// `[` without `]`.
    OpenClass,
    /// `[z-a]`.
    Range(String),
    /// `[[:letter:]]`, `\p{Letters}`.
    UnknownClass(String),
    /// `(?P<a b>x)`.
    GroupName,
    /// `(?=…)` and its kin.
    LookAround,
    /// Any other `(?…`.
    GroupKind(String),
    /// `\1`.
    BackReference,
    /// `\q`.
    Escape(String),
    /// A backslash at the end.
    Backslash,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "more than {MOST_BYTES} bytes are not read"),
            Self::TooDeep => f.write_str("its groups are nested too deeply"),
            Self::NothingToRepeat => f.write_str("a repetition has nothing before it to repeat"),
            Self::RepeatedTwice => f.write_str("two repetition operators follow each other"),
            Self::Repetition(text) => write!(f, "the repetition {text} is none, or comes to more than the 1000 that are allowed"),
            Self::OpenGroup => f.write_str("a group is not closed; a ) is missing"),
            Self::NoGroup => f.write_str("a ) closes no group; for the sign itself write \\)"),
            Self::OpenClass => f.write_str("a class of characters is not closed; a ] is missing"),
            Self::Range(text) => write!(f, "the range {text} ends before it begins"),
            Self::UnknownClass(text) => write!(f, "the class {text} does not exist"),
            Self::GroupName => f.write_str("the name of a group is made of letters, digits and _, as in (?P<name>x)"),
            Self::LookAround => f.write_str("look-around, (?= (?! (?<= (?<!, does not exist there"),
            Self::GroupKind(text) => write!(f, "a group cannot begin with {text}; flags are i, m, s and U"),
            Self::BackReference => f.write_str("references to groups, \\1, do not exist there"),
            Self::Escape(text) => write!(f, "{text} means nothing; a backslash stands before signs and a few letters"),
            Self::Backslash => f.write_str("it ends with a backslash; for the sign itself write \\\\"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_taken_and_refused_as_by_go() {
        for fine in [
            "",
            ".*",
            "^/(v1|v2)/.*$",
            "a{2,3}",
            "a{,3}",
            "{",
            "{02}",
            "\\Qa.b(\\E",
            "\\Q(",
            "[[:alpha:]]+",
            "[[:^word:]]",
            "[[:alpha]",
            "[]a]",
            "[^]a]",
            "[a&&b]",
            "[a[b]",
            "[\\d-z]",
            "[a-]",
            "\\0",
            "\\07",
            "[\\012]",
            "\\x{0041}",
            "\\x{D800}",
            "\\p{Greek}",
            "\\p{^Greek}",
            "\\PN",
            "\\p{Any}",
            "\\_",
            "(?i)abc",
            "(?)a",
            "(?s-i:a)",
            "(?P<1n>x)",
            "(?<n>x)",
            "(?<n>x)(?<n>y)",
            "x{1000}",
            "(x{10}){100}",
            "(x{1000}){0}",
            "a(?i)*",
            "a*\\Q\\E*",
            "^*",
            "()*",
            "|",
            "a||b",
        ] {
            assert_eq!(translate(fine).map(|_| ()), Ok(()), "{fine}");
        }
        for bad in [
            "(",
            ")",
            "a**",
            "a*{2}",
            "*",
            "(*)",
            "a|*",
            "(?i)*",
            "(?=a)",
            "(?<!a)",
            "(a)\\1",
            "\\8",
            "[z-a]",
            "[a--b]",
            "[a-\\d]",
            "[a",
            "[]",
            "[[:letter:]]",
            "a{1001}",
            "a{3,2}",
            "(x{10}){101}",
            "(?:x{40}y){40}",
            "\\p{Nope}",
            "\\p{greek}",
            "\\p{Cn}",
            "\\p{Letter}",
            "\\p",
            "\\pX",
            "\\q",
            "\\C",
            "\\u0041",
            "\\x4",
            "\\x{110000}",
            "\\é",
            "\\",
            "(?x)a",
            "(?-)a",
            "(?i-:a)",
            "(?#a)",
            "(?P=n)",
            "(?P<>x)",
            "(?P<a b>x)",
        ] {
            assert!(translate(bad).is_err(), "{bad}");
        }
        assert_eq!(translate(&"a".repeat(MOST_BYTES + 1)), Err(Fault::TooLong));
        assert_eq!(translate(&"(".repeat(MOST_BYTES)), Err(Fault::TooDeep));
    }

    /// Whether the whole text matches.
    fn matches(pattern: &str, text: &str) -> bool {
        regex::Regex::new(&format!("\\A(?:{})\\z", translate(pattern).unwrap())).unwrap().is_match(text)
    }

    #[test]
    fn what_is_taken_means_the_same() {
        for (pattern, text) in [
            ("\\Q1.2\\E+", "1.222"),
            ("\\07", "\u{7}"),
            ("[\\d-z]+", "4-z"),
            ("[a&&b]+", "a&b"),
            ("[a[b]+", "[ab"),
            ("\\x41{2}", "AA"),
            ("(?i)K", "\u{212a}"),
            ("(?i:a)b", "Ab"),
            ("a(?i)*b", "aaaB"),
            ("\\p{^Greek}", "a"),
            ("\\P{^Greek}", "α"),
            ("\\pN", "7"),
            ("[^\\n]", "é"),
            ("(?s).", "\n"),
            ("{02}", "{02}"),
            ("(?:a|b(?i)c)d", "bCd"),
            ("\\Bé\\B", "é"),
            ("[[:^alpha:]]", "1"),
            ("\\S\\W", "é-"),
            ("a*\\Q\\E*", "aa"),
            ("(?m)a$\\n^b", "a\nb"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text:?}");
        }
        for (pattern, text) in [
            ("\\d", "٣"),
            ("\\w", "é"),
            ("\\s", "\u{a0}"),
            (".", "\n"),
            ("(?:(?i)a)b", "AB"),
            ("\\x{D800}", "a"),
            ("[^\\p{Any}]", "a"),
            ("a$\\n", "a\n"),
            ("\\pC", "\u{378}"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text:?}");
        }
    }

    #[test]
    fn groups_keep_their_numbers() {
        let regex = regex::Regex::new(&translate("^/(?P<1st>[^/]+)(?:/x)?(/.*)$").unwrap()).unwrap();
        assert_eq!(regex.replace("/a/x/b", "${2}:${1}"), "/b:a");
        // A lazy group leaves more to the next one.
        let regex = regex::Regex::new(&translate("(?U)(a+)(a*?)").unwrap()).unwrap();
        assert_eq!(regex.replace("aaa", "<${1}|${2}>"), "<a|aa>");
    }
}
