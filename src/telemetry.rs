//! Where the log goes and in which form. Knows nothing of what is logged.

use anyhow::{Context, Result, anyhow};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Starts logging to standard error. To be called once in a process.
pub fn start(config: &Config) -> Result<()> {
    let filter = EnvFilter::try_new(&config.log).context("--log is not a filter such as info,meshwright=debug")?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started = match config.log_format {
        LogFormat::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).try_init(),
    };
    started.map_err(|error| anyhow!("cannot start the log: {error}"))
}
