//! `meshwright content`: the authors' commands.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::Subcommand;

use super::input::print_line;
use crate::course::{Files, check};

/// Arguments of `content`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check every chapter, question, diagram and YAML block
    Check {
        /// Folder to check [default: the content that the program carries]
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    match &args.command {
        Command::Check { folder } => check_content(folder.as_ref()),
    }
}

fn check_content(folder: Option<&PathBuf>) -> Result<ExitCode> {
    let files = match folder {
        Some(folder) => Files::read(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?,
        None => Files::embedded(),
    };
    let faults = check::check(&files)?;
    for fault in &faults {
        print_line(&fault.to_string())?;
    }
    if faults.is_empty() {
        print_line("the content holds what it says")?;
        return Ok(ExitCode::SUCCESS);
    }
    print_line(&format!("{} faults", faults.len()))?;
    Ok(ExitCode::from(1))
}
