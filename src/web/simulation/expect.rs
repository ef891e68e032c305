//! Requests with what is expected of each, as plain data.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Setup, Simulator};
use crate::{
    engine::{
        manifest::{self, Manifest},
        mesh::{Case, Judged, Scene, Suite, SuiteError, SwitchError},
        source::SourceFile,
    },
    web::Error,
};

/// So many requests are sent at once, as many as a browser keeps.
pub const MOST_CASES: usize = 50;
/// So many requests all loads together send.
const MOST_SENT: u64 = 2_000;

/// A configuration and requests to send there.
#[derive(Debug, Clone, Default)]
pub struct ExpectQuestion {
    /// The configuration.
    pub setup: Setup,
    /// At most 50 requests, each with what is wrong with it where it cannot be sent.
    pub cases: Vec<(Case, Option<String>)>,
}

/// What became of all requests.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpectReport {
    /// Whether none is otherwise than expected.
    pub holds: bool,
    /// How many are as expected.
    pub held: usize,
    /// How many are not.
    pub failed: usize,
    /// In the order of the question.
    pub requests: Vec<CaseVerdict>,
}

/// What became of one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseVerdict {
    /// As given, or its method and URL.
    pub name: String,
    /// Whether it is as expected; null where nothing is.
    pub holds: Option<bool>,
    /// What it came to, in one line; null where it could not be sent.
    pub answer: Option<String>,
    /// Why it could not be sent.
    pub error: Option<String>,
    /// A line each, at most 50.
    pub expectations: Vec<LineVerdict>,
}

/// One line of expectation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LineVerdict {
    /// As written.
    pub line: String,
    /// Whether it came so.
    pub holds: bool,
    /// What came, or why the line cannot be read.
    pub came: String,
}

impl From<Judged> for LineVerdict {
    fn from(judged: Judged) -> Self {
        let Judged { line, holds, came } = judged;
        Self { line, holds, came }
    }
}

impl Simulator {
    /// Sends requests and judges what they come to. None where there is no such world.
    pub async fn expect(&self, question: ExpectQuestion) -> Result<Option<Result<ExpectReport, SwitchError>>, Error> {
        let Some(world) = self.world(&question.setup.world) else { return Ok(None) };
        self.run(move || judge(&world, question)).await.map(Some)
    }

    /// Reads a file of requests.
    pub async fn read_suite(&self, text: String) -> Result<Result<Suite, SuiteError>, Error> {
        self.run(move || Suite::read(&manifest::read(&SourceFile::new("requests.yaml", text)), MOST_CASES)).await
    }
}

fn judge(world: &Manifest, question: ExpectQuestion) -> Result<ExpectReport, SwitchError> {
    let ExpectQuestion { setup, cases } = question;
    let scene = setup.scene(world)?;
    let mut left = MOST_SENT;
    let mut requests = Vec::new();
    for (case, fault) in cases.into_iter().take(MOST_CASES) {
        let sent = u64::from(case.load.repeat.max(1)) * u64::from(case.load.concurrency.max(1));
        let too_many = || (sent > left).then(|| format!("all requests together send more than {MOST_SENT}; ask for fewer rounds"));
        let fault = fault.or_else(too_many);
        left = left.saturating_sub(if fault.is_some() { 0 } else { sent });
        requests.push(CaseVerdict::of(&scene, case, fault));
    }
    let count = |wanted| requests.iter().filter(|request| request.holds == Some(wanted)).count();
    Ok(ExpectReport { holds: count(false) == 0, held: count(true), failed: count(false), requests })
}

impl CaseVerdict {
    fn of(scene: &Scene, case: Case, fault: Option<String>) -> Self {
        if fault.is_some() {
            return Self { name: case.name, holds: Some(false), answer: None, error: fault, expectations: Vec::new() };
        }
        let report = scene.try_case(&case);
        Self {
            name: case.name,
            holds: report.holds(),
            error: report.answer.as_ref().err().cloned(),
            answer: report.answer.ok(),
            expectations: report.judged.into_iter().map(LineVerdict::from).collect(),
        }
    }
}
