//! A file of whole requests with what is expected of each.
//!
//! It says nothing of the cluster, which comes from manifests, but what is switched in it.

mod fields;
mod read;

use super::{Judged, Load, Request, Scene, Switches};
pub use read::SuiteError;

/// Requests and what they must come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suite {
    /// What the file is for, in words.
    pub about: String,
    /// The world that its author had in mind; the manifests decide.
    pub world: String,
    /// What is switched in it.
    pub switches: Switches,
    /// In the order of the file.
    pub cases: Vec<Case>,
}

/// One request and what it must come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case {
    /// Its name; its method and URL where it has none.
    pub name: String,
    /// Who calls what.
    pub request: Request,
    /// How often, and what backends answer.
    pub load: Load,
    /// Lines of expectation.
    pub expect: Vec<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReport {
    /// What it came to, in one line; why it could not be sent.
    pub answer: Result<String, String>,
    /// A line each.
    pub judged: Vec<Judged>,
}

impl CaseReport {
    /// Whether all is as expected; none where nothing is expected of a request that could be sent.
    pub fn holds(&self) -> Option<bool> {
        if self.answer.is_ok() && self.judged.is_empty() { None } else { Some(self.answer.is_ok() && self.judged.iter().all(|line| line.holds)) }
    }
}

impl Case {
    /// What it is called where nobody named it.
    pub fn name_of(request: &Request) -> String {
        let method = if request.method.is_empty() { "GET" } else { &request.method };
        format!("{method} {}", request.url)
    }
}

impl Scene {
    /// Sends a request and judges what it came to.
    pub fn try_case(&self, case: &Case) -> CaseReport {
        match self.follow_case(case) {
            Ok((answer, judged)) => CaseReport { answer: Ok(answer), judged },
            Err(why) => {
                let lines = super::expect::expectations(case.expect.iter().map(String::as_str));
                let judged = lines.map(|line| Judged { line: line.to_owned(), holds: false, came: "nothing was sent".into() });
                CaseReport { judged: judged.collect(), answer: Err(why) }
            }
        }
    }

    fn follow_case(&self, case: &Case) -> Result<(String, Vec<Judged>), String> {
        let journey = self.send(&case.request).map_err(|error| error.to_string())?;
        let run = if case.load.is_plain() { None } else { self.load(&journey, &case.load).map_err(|error| error.to_string())? };
        let answer = run.as_ref().map_or_else(|| journey.answer.to_string(), |run| format!("{}; of the load {}", journey.answer, run.tally()));
        Ok((answer, self.judge(&journey, run.as_ref(), case.expect.iter().map(String::as_str))))
    }
}
