//! `meshwright serve`, the portal itself.

use std::process::ExitCode;

use anyhow::Result;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Runs the command.
pub(super) fn run(_args: Args) -> Result<ExitCode> {
    anyhow::bail!("not built yet")
}
