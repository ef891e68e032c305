//! `meshwright serve`, the portal itself.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::{config::Config, telemetry, web};

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: Config,
}

/// Runs the command.
pub(super) fn run(args: Args) -> Result<ExitCode> {
    telemetry::start(&args.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    runtime.block_on(web::serve(args.config))?;
    Ok(ExitCode::SUCCESS)
}
