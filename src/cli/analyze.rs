//! `meshwright analyze`: istioctl's options and JSON, over files taken for the whole cluster.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use serde::{Serialize, de::DeserializeOwned};

use super::input;
use crate::engine::{
    analyze::{Finding, Question, Snapshot, analyze},
    diagnostic::Level,
    resource::load_into,
};

/// Arguments of `analyze`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders, or - for standard input
    #[arg(value_name = "FILES")]
    paths: Vec<PathBuf>,
    /// More of them
    #[arg(short, long = "filename", value_name = "FILES")]
    files: Vec<PathBuf>,
    /// Look at this namespace only, and put objects that name none into it
    #[arg(short, long, default_value = "default")]
    namespace: String,
    /// Look at every namespace
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    all_namespaces: bool,
    /// The mesh's settings, as under `mesh:` of Istio's ConfigMap
    #[arg(long, value_name = "FILE")]
    mesh_config: Option<PathBuf>,
    /// The mesh's networks, as under `meshNetworks:` of Istio's ConfigMap
    #[arg(long, value_name = "FILE")]
    mesh_networks: Option<PathBuf>,
    /// Exit with 1 from this level on
    #[arg(long, value_enum, ignore_case = true, default_value_t = Threshold::Error)]
    failure_threshold: Threshold,
    /// Print from this level on
    #[arg(long, value_enum, ignore_case = true, default_value_t = Threshold::Info)]
    output_threshold: Threshold,
    /// Add our own hints (MW codes) on what Istio accepts
    #[arg(long)]
    hints: bool,
    /// How to print
    #[arg(short, long, value_enum, default_value_t = Output::Log)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    Log,
    Json,
    Yaml,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "PascalCase")]
enum Threshold {
    Info,
    Warning,
    Error,
}

impl Threshold {
    fn is_reached_by(self, level: Level) -> bool {
        let least = match self {
            Self::Info => Level::Info,
            Self::Warning => Level::Warning,
            Self::Error => Level::Error,
        };
        level >= least
    }
}

/// Runs the command: 0 where nothing reaches the threshold, else 1.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let paths: Vec<PathBuf> = args.paths.iter().chain(&args.files).cloned().collect();
    anyhow::ensure!(!paths.is_empty(), "name files or folders to analyze, or - for standard input; see --help");
    let (mesh, networks) = (settings(args.mesh_config.as_deref())?, settings(args.mesh_networks.as_deref())?);
    let inputs = input::read_all(&paths)?;
    let namespace = (!args.all_namespaces).then(|| args.namespace.clone());
    let loaded: Vec<_> = inputs.iter().map(|input| load_into(namespace.as_deref().unwrap_or_default(), &input.documents)).collect();
    let snapshot = Snapshot::new(loaded.iter().flat_map(|loaded| &loaded.resources), &mesh, &networks);
    let findings = analyze(&snapshot, &Question { namespace, hints: args.hints, ..Question::default() });

    let unreadable: Vec<_> = inputs.iter().flat_map(|input| &input.diagnostics).chain(loaded.iter().flat_map(|loaded| &loaded.diagnostics)).collect();
    for fault in &unreadable {
        let place = fault.position();
        input::complain(&format!("{}:{}:{}: {}", fault.file.name(), place.line, place.column, fault.message));
    }
    let shown: Vec<&Finding> = findings.iter().filter(|finding| args.output_threshold.is_reached_by(finding.code.level)).collect();
    match args.output {
        Output::Json => input::print_json(&shown.iter().map(|finding| FindingJson::of(finding)).collect::<Vec<_>>())?,
        Output::Yaml => input::print_line(serde_yaml::to_string(&shown.iter().map(|finding| FindingJson::of(finding)).collect::<Vec<_>>())?.trim_end())?,
        Output::Log => shown.iter().try_for_each(|finding| input::print_line(&log_line(finding)))?,
    }
    let is_failed = !unreadable.is_empty() || findings.iter().any(|finding| args.failure_threshold.is_reached_by(finding.code.level));
    Ok(if is_failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn settings<T: DeserializeOwned + Default>(path: Option<&Path>) -> Result<T> {
    let Some(path) = path else { return Ok(T::default()) };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let value: Option<T> = serde_yaml::from_str(&text).with_context(|| format!("cannot understand {}", path.display()))?;
    Ok(value.unwrap_or_default())
}

/// A finding in istioctl's terms.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingJson<'a> {
    code: &'static str,
    level: Level,
    origin: String,
    reference: String,
    message: &'a str,
    documentation_url: String,
}

impl<'a> FindingJson<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            code: finding.code.id,
            level: finding.code.level,
            origin: finding.origin(),
            reference: finding.reference(),
            message: &finding.diagnostic.message,
            documentation_url: format!("/rules/{}", finding.code.id),
        }
    }
}

fn log_line(finding: &Finding) -> String {
    let code = finding.code;
    format!("{} [{}] ({} {}) {}", code.level, code.id, finding.origin(), finding.reference(), finding.diagnostic.message)
}
