//! `meshwright analyze`: istioctl's options and JSON, over files taken for the whole cluster.

use std::{
    mem::ManuallyDrop,
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use regex::Regex;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    findings::{FixArgs, excerpt, mend},
    input::{self, Input},
};
use crate::engine::{
    analyze::{Finding, Question, Snapshot, analyze, load, rules},
    cluster::{MeshConfig, MeshNetworks},
    diagnostic::{Code, Diagnostic, Level},
    resource::Loaded,
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
    /// Leave findings out: a code and an object, in which * stands for anything
    #[arg(short = 'S', long, value_name = "CODE=KIND NAMESPACE/NAME")]
    suppress: Vec<Suppression>,
    /// List the rules and stop
    #[arg(short = 'L', long)]
    list_analyzers: bool,
    /// The portal whose rule pages findings link to
    #[arg(long, env = "MESHWRIGHT_PORTAL", value_name = "URL", default_value = "http://127.0.0.1:3000")]
    portal: String,
    /// How to print
    #[arg(short, long, value_enum, default_value_t = Output::Log)]
    output: Output,
    #[command(flatten)]
    fix: FixArgs,
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
    if args.list_analyzers {
        let lines: Vec<String> = rules::all().map(|rule| format!("{:<32} {}", rule.name, rule.summary)).collect();
        input::print_line(&lines.join("\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let paths: Vec<PathBuf> = args.paths.iter().chain(&args.files).cloned().collect();
    ensure!(!paths.is_empty(), "name files or folders to analyze, or - for standard input; see --help");
    let settings = Settings { mesh: read_settings(args.mesh_config.as_deref())?, networks: read_settings(args.mesh_networks.as_deref())? };
    let mut inputs = input::read_all(&paths)?;
    let mut analysis = Analysis::of(args, &settings, &inputs);
    if let Some(mended) = mend(args.fix, &inputs, analysis.findings.iter().map(|finding| &finding.diagnostic))? {
        inputs = mended;
        analysis = Analysis::of(args, &settings, &inputs);
    }
    for fault in &analysis.unreadable {
        let place = fault.position();
        input::complain(&format!("{}:{}:{}: {}", fault.file.name(), place.line, place.column, fault.message));
    }
    if !args.fix.is_filter(&inputs) {
        print(args, &analysis)?;
    }
    let is_failed = analysis.findings.iter().any(|finding| args.failure_threshold.is_reached_by(finding.code.level)) || !analysis.unreadable.is_empty();
    input::keep((inputs, analysis));
    Ok(if is_failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

struct Settings {
    mesh: MeshConfig,
    networks: MeshNetworks,
}

/// What there is to say of the inputs as one cluster.
struct Analysis {
    findings: Vec<Finding>,
    /// What could not be read, and is therefore not in the cluster.
    unreadable: Vec<Diagnostic>,
}

impl Analysis {
    fn of(args: &Args, settings: &Settings, inputs: &[Input]) -> Self {
        let namespace = (!args.all_namespaces).then(|| args.namespace.clone());
        let home = namespace.as_deref().unwrap_or_default();
        // Left to the end of the process, as in `input::keep`.
        let loaded: ManuallyDrop<Vec<Loaded>> = ManuallyDrop::new(inputs.iter().map(|input| load(home, &input.manifest.documents)).collect());
        let snapshot = ManuallyDrop::new(Snapshot::new(loaded.iter().flat_map(|loaded| &loaded.resources), &settings.mesh, &settings.networks).at(now()));
        let mut findings = analyze(&snapshot, &Question { namespace, hints: args.hints, ..Question::default() });
        findings.retain(|finding| !args.suppress.iter().any(|suppression| suppression.covers(finding)));
        let faults =
            inputs.iter().flat_map(|input| &input.manifest.diagnostics).chain(loaded.iter().flat_map(|loaded| &loaded.diagnostics)).chain(snapshot.left_out());
        Self { unreadable: faults.cloned().collect(), findings }
    }
}

fn print(args: &Args, analysis: &Analysis) -> Result<()> {
    let shown: Vec<&Finding> = analysis.findings.iter().filter(|finding| args.output_threshold.is_reached_by(finding.code.level)).collect();
    let as_data = || shown.iter().map(|finding| FindingData::of(finding, &args.portal)).collect::<Vec<_>>();
    match args.output {
        Output::Json => input::print_json(&as_data()),
        Output::Yaml => input::print_line(serde_yaml::to_string(&as_data())?.trim_end()),
        Output::Log if shown.is_empty() => input::print_line("no findings"),
        Output::Log => shown.iter().try_for_each(|finding| input::print_line(log(finding).trim_end())),
    }
}

/// `CODE=Kind namespace/name`, where stars stand for anything: what istioctl takes after `--suppress`.
#[derive(Debug, Clone)]
struct Suppression {
    code: &'static Code,
    object: Regex,
}

impl FromStr for Suppression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (code, object) = text.split_once('=').ok_or_else(|| format!("{text:?} is not CODE=OBJECT, for example \"IST0103=Pod shop/*\""))?;
        let code = Code::find(code).ok_or_else(|| format!("there is no code {code:?}; `meshwright explain` lists them"))?;
        let pattern = format!("^{}$", object.split('*').map(regex::escape).collect::<Vec<_>>().join(".*"));
        Ok(Self { code, object: Regex::new(&pattern).map_err(|error| error.to_string())? })
    }
}

impl Suppression {
    fn covers(&self, finding: &Finding) -> bool {
        self.code == finding.code && self.object.is_match(&finding.origin())
    }
}

fn read_settings<T: DeserializeOwned + Default>(path: Option<&Path>) -> Result<T> {
    let Some(path) = path else { return Ok(T::default()) };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let value: Option<T> = serde_yaml::from_str(&text).with_context(|| format!("cannot understand {}", path.display()))?;
    Ok(value.unwrap_or_default())
}

/// A finding in istioctl's terms, and what we add.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingData<'a> {
    code: &'static str,
    level: Level,
    origin: String,
    reference: String,
    message: &'a str,
    documentation_url: String,
    /// What comes of leaving it so.
    why: &'static str,
    /// The guilty field, and where it stands.
    path: &'a str,
    line: usize,
    column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixData<'a>>,
}

/// A certain cure: bytes of the file, and what belongs there.
#[derive(Serialize)]
struct FixData<'a> {
    span: [usize; 2],
    replacement: &'a str,
}

impl<'a> FindingData<'a> {
    fn of(finding: &'a Finding, portal: &str) -> Self {
        let diagnostic = &finding.diagnostic;
        let place = diagnostic.position();
        Self {
            code: finding.code.id,
            level: finding.code.level,
            origin: finding.origin(),
            reference: finding.reference(),
            message: &diagnostic.message,
            documentation_url: format!("{}/rules/{}", portal.trim_end_matches('/'), finding.code.id),
            why: finding.code.why,
            path: &diagnostic.path,
            line: place.line,
            column: place.column,
            fix: diagnostic.fix.as_ref().map(|fix| FixData { span: [fix.span.start(), fix.span.end()], replacement: &fix.replacement }),
        }
    }
}

/// istioctl's line, then the guilty text and what comes of it.
fn log(finding: &Finding) -> String {
    let Code { id, level, why, .. } = finding.code;
    let excerpt = excerpt(&finding.diagnostic);
    format!("{level} [{id}] ({} {}) {}\n{excerpt} why: {why} (meshwright explain {id})\n", finding.origin(), finding.reference(), finding.diagnostic.message)
}

/// The time since the epoch, which certificates are compared with.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
