//! The options of the portal: by flag, else by environment, else a default that suits a laptop.
//!
//! The only module that knows names of environment variables.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// How the portal runs.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// Address and port to listen on
    #[arg(long, env = "MESHWRIGHT_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// Database, such as sqlite:///srv/meshwright.sqlite [default: meshwright.sqlite in the data folder]
    #[arg(long, env = "MESHWRIGHT_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Folder for everything that is kept; created where it is missing
    #[arg(long, env = "MESHWRIGHT_DATA_DIR", value_name = "FOLDER", default_value = "data")]
    pub data_dir: PathBuf,
    /// What to log: a level (error, warn, info, debug, trace, off) or a filter such as info,meshwright=debug
    #[arg(long, env = "MESHWRIGHT_LOG", value_name = "FILTER", default_value = "info", value_parser = log_filter)]
    pub log: String,
    /// How to log
    #[arg(long, env = "MESHWRIGHT_LOG_FORMAT", value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Send cookies over HTTPS only; set it where the portal is reached by HTTPS
    #[arg(long, env = "MESHWRIGHT_SECURE_COOKIES", value_parser = clap::builder::FalseyValueParser::new())]
    pub secure_cookies: bool,
    /// How many reverse proxies stand in front; their X-Forwarded-For is then believed
    #[arg(long, env = "MESHWRIGHT_TRUSTED_PROXIES", value_name = "N", default_value_t = 0)]
    pub trusted_proxies: usize,
    /// How many days a snapshot of the playground is kept; 0 keeps none
    #[arg(long, env = "MESHWRIGHT_SNAPSHOT_DAYS", value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(0..=3650))]
    pub snapshot_days: u32,
    /// Whether visitors may replay requests on a real Envoy, where there is one on PATH or in MESHWRIGHT_ENVOY
    #[arg(long, env = "MESHWRIGHT_REPLAY", value_name = "WHETHER", value_enum, default_value_t = Replay::On)]
    pub replay: Replay,
}

/// Whether requests are replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Replay {
    /// Where there is an Envoy.
    On,
    /// Never; no Envoy is looked for.
    Off,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// A configuration that keeps everything in `data_dir`, listens on any free port and looks for no Envoy.
    pub fn in_folder(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database_url: None,
            data_dir: data_dir.into(),
            log: "off".into(),
            log_format: LogFormat::Text,
            secure_cookies: false,
            trusted_proxies: 0,
            snapshot_days: 365,
            replay: Replay::Off,
        }
    }

    /// The database as given, or the file in the data folder.
    pub fn database_url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("meshwright.sqlite").display()))
    }

    /// Creates the data folder and proves that files can be written in it, so that a wrong one is told at the start.
    pub fn prepare_data_dir(&self) -> Result<()> {
        let advice = || format!("cannot write in the data folder {}; choose another with --data-dir", self.data_dir.display());
        std::fs::create_dir_all(&self.data_dir).with_context(advice)?;
        prove_writable(&self.data_dir).with_context(advice)
    }
}

fn prove_writable(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".writable-{}", std::process::id()));
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(&probe)
}

/// Refuses a bare word that is no level: `tracing` would take it for the name of a module and log nothing.
fn log_filter(text: &str) -> Result<String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    for part in text.split(',').map(str::trim) {
        if !part.contains('=') && !LEVELS.contains(&part) {
            bail!("{part:?} is no level; the levels are {}", LEVELS.join(", "));
        }
    }
    tracing_subscriber::EnvFilter::try_new(text).context("not a filter such as info,meshwright=debug")?;
    Ok(text.to_owned())
}
