//! `meshwright send`: a request through the mesh, explained; a file of requests with what is expected of them; or a file of calls, one
//! proxy at a time, for tests.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};

use super::{input, journey, proxy_config::manifest_of, suite};
use crate::engine::{
    cluster::MeshConfig,
    envoy::{self, Outcome},
    istiod,
    manifest::Manifest,
    mesh::{Certificate, Journey, Load, Request, Requests, Scene, Suite, Token, claims_from_lines, headers_from_lines},
};

/// Arguments of `send`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders, or - for standard input
    #[arg(short, long = "filename", value_name = "FILES", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// The workload that calls (a pod, or the first one of deploy/NAME), or "outside" for a client in front of the ingress gateway
    #[arg(long, value_name = "POD[.NAMESPACE]", required_unless_present = "requests")]
    pub(super) from: Option<String>,
    /// A file with requests and what is expected of each, or with calls through single proxies, instead of one request
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub(super) requests: Option<PathBuf>,
    /// The method (GET if left out) and the URL
    #[arg(value_name = "METHOD|URL", num_args = 1..=2, required_unless_present = "requests", conflicts_with = "requests")]
    pub(super) request: Vec<String>,
    /// A request header
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(super) headers: Vec<String>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub(super) output: Output,
    #[command(flatten)]
    shown: ShownArgs,
    #[command(flatten)]
    load: LoadArgs,
}

/// A token as a test issuer signs it, and a client certificate.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What the client shows")]
struct ShownArgs {
    /// Send a token (JWT) of this issuer in the header authorization
    #[arg(long, value_name = "ISS", conflicts_with = "requests")]
    token_issuer: Option<String>,
    /// Its subject
    #[arg(long, value_name = "SUB", default_value = "", hide_default_value = true, requires = "token_issuer")]
    token_subject: String,
    /// One of its audiences
    #[arg(long = "token-audience", value_name = "AUD", requires = "token_issuer")]
    audiences: Vec<String>,
    /// Another claim of it; a value that is JSON is that, any other is text
    #[arg(long = "token-claim", value_name = "NAME: VALUE", requires = "token_issuer")]
    claims: Vec<String>,
    /// Its time is over
    #[arg(long, requires = "token_issuer")]
    token_expired: bool,
    /// Somebody else's key has signed it
    #[arg(long, requires = "token_issuer")]
    token_forged: bool,
    /// Show a client certificate, from outside over https, with this identity in it: cluster.local/ns/default/sa/sleep
    #[arg(long, value_name = "IDENTITY", num_args = 0..=1, require_equals = true, default_missing_value = "", conflicts_with = "requests")]
    certificate: Option<String>,
    /// It comes from an authority that nobody here knows
    #[arg(long, requires = "certificate")]
    certificate_unknown: bool,
}

/// Several requests with stated answers: retries, time limits, circuit breakers and outlier detection on a virtual clock.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Several requests, on a virtual clock")]
struct LoadArgs {
    /// How many rounds of requests, one after another
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "requests")]
    repeat: u32,
    /// How many requests at once in each round
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "requests")]
    concurrency: u32,
    /// Between rounds, for example 500ms
    #[arg(long, value_name = "TIME", default_value = "", hide_default_value = true, conflicts_with = "requests")]
    pause: String,
    /// What attempts get, the last one again and again: "503,503,200", also reset and refused; of one pod: "reviews-v1-a=503"
    #[arg(long = "upstream-status", value_name = "[POD=]LIST", conflicts_with = "requests")]
    status: Vec<String>,
    /// How long answers take: "200ms", "reviews-v1-a=2s"
    #[arg(long = "upstream-delay", value_name = "[POD=]LIST", conflicts_with = "requests")]
    delay: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Output {
    Text,
    Json,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let inputs = input::read_manifests(&args.files)?;
    match &args.requests {
        Some(path) => send_file(args, &inputs, path),
        None => send_request(args, &inputs),
    }
}

fn send_request(args: &Args, inputs: &[Manifest]) -> Result<ExitCode> {
    let request = args.request()?;
    let scene = Scene::of(inputs, MeshConfig::default());
    tell_refused(&scene);
    let journey = scene.send(&request)?;
    let load = args.load();
    let run = if load.is_plain() { None } else { scene.load(&journey, &load)? };
    match args.output {
        Output::Text => {
            let timeline = run.as_ref().map(journey::timeline).unwrap_or_default();
            input::print_line(format!("{}{timeline}", journey::text(&scene, &request, &journey)).trim_end())?;
        }
        Output::Json => input::print_json(&Sent { journey: &journey, load: run.as_ref().map(journey::load_json) })?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A journey, and the load that was sent the same way.
#[derive(serde::Serialize)]
struct Sent<'a> {
    #[serde(flatten)]
    journey: &'a Journey,
    #[serde(skip_serializing_if = "Option::is_none")]
    load: Option<serde_json::Value>,
}

impl Args {
    /// What is sent beside the one request.
    pub(super) fn load(&self) -> Load {
        let LoadArgs { repeat, concurrency, pause, status, delay } = &self.load;
        Load { repeat: *repeat, concurrency: *concurrency, pause: pause.clone(), status: status.join(";"), delay: delay.join(";") }
    }

    /// The one request that is sent through the mesh.
    pub(super) fn request(&self) -> Result<Request> {
        let (method, url) = match self.request.as_slice() {
            [url] => (String::new(), url.clone()),
            [method, url] => (method.clone(), url.clone()),
            _ => bail!("name a URL, for example http://reviews:9080/reviews/0"),
        };
        let headers = headers_from_lines(self.headers.iter().map(String::as_str))?;
        let (token, certificate) = (self.shown.token()?.map(Box::new), self.shown.certificate().map(Box::new));
        Ok(Request { from: self.from.clone().unwrap_or_default(), method, url, headers, token, certificate })
    }
}

impl ShownArgs {
    fn token(&self) -> Result<Option<Token>> {
        let Some(issuer) = &self.token_issuer else { return Ok(None) };
        Ok(Some(Token {
            issuer: issuer.clone(),
            subject: self.token_subject.clone(),
            audiences: self.audiences.clone(),
            claims: claims_from_lines(self.claims.iter().map(String::as_str))?,
            is_expired: self.token_expired,
            is_forged: self.token_forged,
        }))
    }

    fn certificate(&self) -> Option<Certificate> {
        let shown = |identity: &String| Certificate { identity: identity.trim_start_matches("spiffe://").to_owned(), is_unknown: self.certificate_unknown };
        self.certificate.as_ref().map(shown)
    }
}

/// Names what is refused and therefore not in the cluster.
pub(super) fn tell_refused(scene: &Scene) {
    for refused in scene.verdicts.iter().filter(|verdict| !verdict.is_accepted()) {
        // What the mesh has of an IstioOperator nevertheless is among the notes.
        let effect = if refused.kind == "IstioOperator" { "as an object" } else { "and left out" };
        let what = format!("{} {}", refused.kind, refused.name);
        let line = refused.position().line;
        input::complain(&format!("{}:{line}: {} is refused {effect}; see `meshwright validate`", refused.file.name(), what.trim()));
    }
}

fn send_file(args: &Args, inputs: &[Manifest], path: &Path) -> Result<ExitCode> {
    let file = manifest_of(path)?;
    if Suite::is_meant(&file) {
        return suite::run(inputs, path, &file, args.output);
    }
    let requests = Requests::read(&file).with_context(|| format!("cannot use {}", path.display()))?;
    send_calls(args, inputs, &requests)
}

fn send_calls(args: &Args, inputs: &[Manifest], requests: &Requests) -> Result<ExitCode> {
    let scene = Scene::of(inputs, requests.mesh_config.clone());
    let configs: Vec<_> = requests.proxies.iter().map(|proxy| (proxy.id.as_str(), istiod::push(&scene.cluster, proxy))).collect();
    let outcomes: Vec<Outcome> =
        requests.calls.iter().filter_map(|call| configs.iter().find(|(id, _)| *id == call.proxy).map(|(_, config)| envoy::run(config, call))).collect();
    match args.output {
        Output::Json => input::print_json(&outcomes)?,
        Output::Text => {
            for outcome in &outcomes {
                input::print_line(&journey::outcome_text(&scene, outcome))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
