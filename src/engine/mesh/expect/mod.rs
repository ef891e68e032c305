//! What somebody expects of a request, a line each, and whether it came so.
//!
//! A line is read without a cluster and judged by what the engine has found out already: nothing is computed for it.

mod judge;
mod line;
mod read;
mod suggest;
mod who;

use serde::Serialize;

use super::{Journey, LoadRun, Scene};
use judge::Evidence;
pub use line::{ExpectError, Expectation};

/// So many lines are judged of one request.
pub const MOST_LINES: usize = 50;

/// A line that was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// As written, blanks around it aside.
    pub line: String,
    /// Whether it came so.
    pub holds: bool,
    /// What came, in a short sentence.
    pub came: String,
}

impl Scene {
    /// Judges lines by what a request came to. A line that cannot be read does not hold, and says why; lines that are empty or begin
    /// with `#` say nothing.
    pub fn judge<'a>(&self, journey: &Journey, run: Option<&LoadRun>, lines: impl IntoIterator<Item = &'a str>) -> Vec<Judged> {
        let evidence = Evidence::new(self, journey, run);
        let mut judged = Vec::new();
        for line in expectations(lines) {
            if judged.len() == MOST_LINES {
                let came = format!("more than {MOST_LINES} lines are not judged; part them among several requests");
                judged.push(Judged { line: "…".into(), holds: false, came });
                break;
            }
            judged.push(match Expectation::read(line) {
                Ok(expectation) => evidence.judge(&expectation),
                Err(error) => Judged { line: line::short(line), holds: false, came: error.reason },
            });
        }
        judged
    }

    /// Lines that hold for what a request came to: who wants to keep what is begins with them.
    pub fn expectations_of(&self, journey: &Journey, run: Option<&LoadRun>) -> Vec<String> {
        suggest::lines(&Evidence::new(self, journey, run))
    }
}

/// The lines that say something.
pub(super) fn expectations<'a>(lines: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    lines.into_iter().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}
