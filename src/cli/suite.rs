//! `meshwright send --requests FILE` where the file holds whole requests: each is sent, and what it came to is judged.

use std::{fmt::Write, path::Path, process::ExitCode};

use anyhow::{Context, Result, anyhow};
use serde::Serialize;

use super::{
    input,
    send::{Output, tell_refused},
};
use crate::engine::{
    manifest::Manifest,
    mesh::{Case, CaseReport, Judged, Scene, Suite},
};

/// So many requests are read of one file.
const MOST: usize = 10_000;

/// Everything, for programs.
#[derive(Serialize)]
struct Verdict<'a> {
    holds: bool,
    requests: Vec<Sent<'a>>,
}

#[derive(Serialize)]
struct Sent<'a> {
    name: &'a str,
    from: &'a str,
    method: &'a str,
    url: &'a str,
    /// Null where nothing is expected.
    holds: Option<bool>,
    answer: Option<&'a str>,
    error: Option<&'a str>,
    expectations: &'a [Judged],
}

/// Sends all of the file's requests. Exit code 1 where one is not as expected.
pub(super) fn run(inputs: &[Manifest], path: &Path, requests: &Manifest, output: Output) -> Result<ExitCode> {
    let unusable = || format!("cannot use {}", path.display());
    let suite = Suite::read(requests, MOST).with_context(unusable)?;
    let scene = Scene::of_switched(inputs, &suite.switches).map_err(|error| anyhow!("switches.{}: {error}", error.field)).with_context(unusable)?;
    tell_refused(&scene);
    let reports: Vec<(&Case, CaseReport)> = suite.cases.iter().map(|case| (case, scene.try_case(case))).collect();
    let holds = reports.iter().all(|(_, report)| report.holds() != Some(false));
    match output {
        Output::Text => input::print_line(text(&reports).trim_end())?,
        Output::Json => input::print_json(&Verdict { holds, requests: reports.iter().map(|(case, report)| Sent::of(case, report)).collect() })?,
    }
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl<'a> Sent<'a> {
    fn of(case: &'a Case, report: &'a CaseReport) -> Self {
        Self {
            name: &case.name,
            from: &case.request.from,
            method: if case.request.method.is_empty() { "GET" } else { &case.request.method },
            url: &case.request.url,
            holds: report.holds(),
            answer: report.answer.as_deref().ok(),
            error: report.answer.as_ref().err().map(String::as_str),
            expectations: &report.judged,
        }
    }
}

/// A line for each request, with the lines below it that do not hold; at the end how many do.
fn text(reports: &[(&Case, CaseReport)]) -> String {
    let mut out = String::new();
    let mut counts = [0_usize; 3];
    for (case, report) in reports {
        let (mark, at) = match report.holds() {
            Some(true) => ("✓", 0),
            Some(false) => ("✕", 1),
            None => ("·", 2),
        };
        counts[at] += 1;
        let came = report.answer.as_ref().unwrap_or_else(|why| why);
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{mark} {}: {came}", case.name);
        for line in report.judged.iter().filter(|line| !line.holds) {
            let _ = writeln!(out, "    ✕ {}: {}", line.line, line.came);
        }
    }
    let [good, bad, silent] = counts;
    let silent = if silent > 0 { format!(", {silent} of which nothing is expected") } else { String::new() };
    let _ = writeln!(out, "\n{good} as expected, {bad} not{silent}");
    out
}
