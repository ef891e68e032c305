//! `meshwright validate`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;

/// Arguments of `validate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders, or - for standard input
    #[arg(short, long = "filename", value_name = "FILES", required = true)]
    files: Vec<PathBuf>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    Text,
    Json,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let _inputs = super::input::read_all(&args.files)?;
    let _ = args.output == Output::Text;
    anyhow::bail!("not built yet")
}
