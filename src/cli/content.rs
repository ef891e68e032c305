//! `meshwright content`: the authors' commands.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

/// Arguments of `content`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check every chapter, question, diagram and YAML block
    Check,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    match args.command {
        Command::Check => anyhow::bail!("not built yet"),
    }
}
