//! `meshwright proxy-config`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;

/// Arguments of `proxy-config`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders, or - for standard input
    #[arg(short, long = "filename", value_name = "FILES", required = true)]
    files: Vec<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let _inputs = super::input::read_all(&args.files)?;
    anyhow::bail!("not built yet")
}
