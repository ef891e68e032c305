//! A line of expectation as data.

use super::super::Transport;

/// No line is longer.
pub(super) const LONGEST: usize = 500;

/// What is expected of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// As written.
    pub(super) text: String,
    /// Whether it must not be so.
    pub(super) is_denied: bool,
    pub(super) fact: Fact,
}

/// Why a line is no expectation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no expectation: {reason}")]
pub struct ExpectError {
    /// The line, shortened.
    pub given: String,
    /// What is wrong and how to mend it.
    pub reason: String,
}

/// What can be so or not.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fact {
    /// A share of all requests ends in a way, or is answered by somebody.
    End { share: Share, end: End, from: String },
    /// What reaches the backend, or the client.
    Field { field: Field, value: Option<String> },
    /// One of Envoy's response flags.
    Flag(String),
    /// A cluster that a proxy of the way sends requests to.
    Cluster(String),
    /// A proxy on the way, or what it is there.
    Through(String),
    /// How the connection to the server is secured.
    Transport(Transport),
    /// The most attempts that any request took.
    Attempts(Share),
    /// A backend that outlier detection throws out.
    Ejected(String),
}

/// How large a number must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Share {
    Exactly(f64),
    AtLeast(f64),
    AtMost(f64),
}

/// How a request can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Any,
    Status(u16),
    /// `2xx`
    Class(u16),
    /// Without an HTTP answer, in the words of answers.
    Words(&'static str),
}

/// What can be looked at of a request on its way out, or of its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    Path,
    Host,
    Method,
    /// In lower case.
    Header(String),
    /// In lower case.
    ResponseHeader(String),
}

impl Share {
    /// Shares are exact; what is written of them has up to four digits behind the point.
    pub(super) fn holds(self, value: f64) -> bool {
        const LAST_DIGIT: f64 = 0.000_05;
        match self {
            Self::Exactly(wanted) => (value - wanted).abs() <= LAST_DIGIT,
            Self::AtLeast(wanted) => value >= wanted - LAST_DIGIT,
            Self::AtMost(wanted) => value <= wanted + LAST_DIGIT,
        }
    }
}

impl Field {
    pub(super) fn words(&self) -> String {
        match self {
            Self::Path => "path".into(),
            Self::Host => "host".into(),
            Self::Method => "method".into(),
            Self::Header(name) => format!("header {}", short(name)),
            Self::ResponseHeader(name) => format!("response header {}", short(name)),
        }
    }
}

/// What is repeated of a text.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() > 160 { text.chars().take(159).chain(['…']).collect() } else { text.to_owned() }
}
