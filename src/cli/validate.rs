//! `meshwright validate`.

use std::{fmt::Write, path::PathBuf, process::ExitCode};

use anyhow::Result;
use serde::Serialize;

use super::{
    findings::{FixArgs, excerpt, mend},
    input::{self, Input},
};
use crate::engine::{
    diagnostic::{Diagnostic, Level, Stage},
    validate::{Verdict, validate},
};

/// Arguments of `validate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders, or - for standard input
    #[arg(short, long = "filename", value_name = "FILES", required = true)]
    files: Vec<PathBuf>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(flatten)]
    fix: FixArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    Text,
    Json,
}

/// Runs the command: 0 where everything is accepted, 1 where something is refused.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let mut inputs = input::read_all(&args.files)?;
    let judge = |inputs: &[Input]| inputs.iter().flat_map(|input| validate(&input.manifest)).collect::<Vec<Verdict>>();
    let mut verdicts = judge(&inputs);
    if let Some(mended) = mend(args.fix, &inputs, verdicts.iter().flat_map(|verdict| &verdict.diagnostics))? {
        inputs = mended;
        verdicts = judge(&inputs);
    }
    match args.output {
        _ if args.fix.is_filter(&inputs) => {}
        Output::Json => input::print_json(&verdicts.iter().map(VerdictJson::from).collect::<Vec<_>>())?,
        Output::Text => input::print_line(as_text(&verdicts).trim_end())?,
    }
    let is_accepted = verdicts.iter().all(Verdict::is_accepted);
    input::keep((inputs, verdicts));
    Ok(if is_accepted { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// A verdict in the terms of the contract.
#[derive(Serialize)]
struct VerdictJson<'a> {
    file: &'a str,
    line: usize,
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
    accepted: bool,
    errors: Vec<FindingJson<'a>>,
    warnings: Vec<FindingJson<'a>>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    stage: Stage,
    path: &'a str,
    line: usize,
    column: usize,
    message: &'a str,
}

impl<'a> From<&'a Verdict> for VerdictJson<'a> {
    fn from(verdict: &'a Verdict) -> Self {
        let at = |level| verdict.diagnostics.iter().filter(move |d| d.level == level).map(FindingJson::from).collect();
        Self {
            file: verdict.file.name(),
            line: verdict.position().line,
            kind: &verdict.kind,
            namespace: &verdict.namespace,
            name: &verdict.name,
            accepted: verdict.is_accepted(),
            errors: at(Level::Error),
            warnings: at(Level::Warning),
        }
    }
}

impl<'a> From<&'a Diagnostic> for FindingJson<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Self {
        let position = diagnostic.position();
        Self { stage: diagnostic.stage, path: &diagnostic.path, line: position.line, column: position.column, message: &diagnostic.message }
    }
}

/// As a compiler would tell it, with a last line that sums up.
fn as_text(verdicts: &[Verdict]) -> String {
    let mut out = String::new();
    for diagnostic in verdicts.iter().flat_map(|verdict| &verdict.diagnostics) {
        finding(&mut out, diagnostic);
    }
    let refused = verdicts.iter().filter(|verdict| !verdict.is_accepted()).count();
    let warned = verdicts.iter().flat_map(|verdict| &verdict.diagnostics).filter(|d| d.level == Level::Warning).count();
    let documents = match verdicts.len() {
        0 => return "no documents\n".into(),
        1 => "1 document".to_owned(),
        many => format!("{many} documents"),
    };
    let summary = if refused == 0 { "accepted".to_owned() } else { format!("{refused} refused") };
    let warnings = match warned {
        0 => String::new(),
        1 => ", 1 warning".into(),
        many => format!(", {many} warnings"),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{documents}: {summary}{warnings}");
    out
}

fn finding(out: &mut String, diagnostic: &Diagnostic) {
    let start = diagnostic.position();
    let level = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    };
    let path = if diagnostic.path.is_empty() { String::new() } else { format!("{}: ", diagnostic.path) };
    let _ = writeln!(out, "{}:{}:{}: {level}: {path}{}", diagnostic.file.name(), start.line, start.column, diagnostic.message);
    out.push_str(&excerpt(diagnostic));
}
