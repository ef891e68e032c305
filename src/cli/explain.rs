//! `meshwright explain`: the page of a rule, on the terminal.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::input;
use crate::{
    course::Files,
    engine::diagnostic::{Code, closest},
};

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A code, such as IST0101; all codes with their summaries where it is left out
    code: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let Some(wanted) = &args.code else {
        let lines: Vec<String> = Code::all().map(|code| format!("{} {:<7} {}", code.id, code.level.to_string(), code.summary)).collect();
        input::print_line(&lines.join("\n"))?;
        return Ok(ExitCode::SUCCESS);
    };
    let Some(code) = Code::find(wanted) else {
        let near = closest(wanted, Code::all().map(|code| code.id)).map(|near| format!(", did you mean {near}?")).unwrap_or_default();
        bail!("there is no code {wanted:?}{near}; `meshwright explain` lists them all");
    };
    let files = Files::embedded();
    let page = files.text(&format!("rules/{}.md", code.id)).with_context(|| format!("{} has no page", code.id))?;
    input::print_line(&format!("# {} {} ({})\n\n{}.\n\n{}", code.id, code.name, code.level, code.summary, page.trim_end()))?;
    Ok(ExitCode::SUCCESS)
}
