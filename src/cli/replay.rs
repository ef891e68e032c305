//! `meshwright replay`: the engine's answer beside a real Envoy's.

use std::{collections::BTreeMap, fmt::Write, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context, Result, bail};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};

use super::{
    input,
    proxy_config::read_requests,
    send::{self, Output},
};
use crate::{
    engine::{
        cluster::MeshConfig,
        envoy::{self, Call, Outcome},
        istiod,
        manifest::Manifest,
        mesh::Scene,
        xds::ProxyConfig,
    },
    replay::{Bounds, Comparison, Launch, Replayer, Side, find_envoy},
};

/// The word by which the program is told to become an Envoy.
pub(super) const LAUNCH: &str = Launch::COMMAND;

/// Arguments of `replay-launch`.
#[derive(Debug, clap::Args)]
pub(super) struct LaunchArgs {
    #[arg(long)]
    parent: u32,
    #[arg(long)]
    memory_bytes: u64,
    #[arg(long)]
    processor_seconds: u64,
    #[arg(long)]
    file_bytes: u64,
    #[arg(last = true, required = true, num_args = 1..)]
    command: Vec<String>,
}

/// Becomes the Envoy.
pub(super) fn launch(args: LaunchArgs) -> Result<ExitCode> {
    let mut command = args.command.into_iter();
    let what = Launch {
        parent: args.parent,
        memory_bytes: args.memory_bytes,
        processor_seconds: args.processor_seconds,
        file_bytes: args.file_bytes,
        envoy: command.next().map(PathBuf::from).unwrap_or_default(),
        arguments: command.collect(),
    };
    match crate::replay::launch(&what).with_context(|| format!("cannot become {}", what.envoy.display()))? {}
}

/// Runs the command.
pub(super) fn run(args: &send::Args) -> Result<ExitCode> {
    let replayer = Replayer::new(find_envoy()?, std::env::current_exe().context("cannot find the program's own file")?, Bounds::default());
    let inputs = input::read_manifests(&args.files)?;
    let work = match &args.requests {
        Some(path) => calls_of_file(&inputs, path)?,
        None => calls_of_request(args, &inputs)?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the runtime")?;
    let answers = runtime.block_on(async {
        tokio::select! {
            answers = replay(&replayer, work) => answers,
            () = interrupted() => bail!("interrupted; the Envoy has been ended"),
        }
    })?;
    match args.output {
        Output::Json => input::print_json(&answers)?,
        Output::Text => {
            for answer in &answers {
                input::print_line(&text(answer))?;
            }
        }
    }
    let differs = answers.iter().any(|answer| answer.agrees == Some(false));
    Ok(if differs { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Ends when somebody asks the program to end, so that everything is put away first.
async fn interrupted() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Proxies with the calls through them, each with its place in the answer.
type Work = Vec<(Option<ProxyConfig>, Vec<(usize, Call, Outcome)>)>;

fn calls_of_file(inputs: &[Manifest], path: &std::path::Path) -> Result<Work> {
    let requests = read_requests(path)?;
    let scene = Scene::of(inputs, requests.mesh_config.clone());
    let mut by_proxy: BTreeMap<&str, Vec<(usize, Call, Outcome)>> = BTreeMap::new();
    let configs: BTreeMap<&str, ProxyConfig> = requests.proxies.iter().map(|proxy| (proxy.id.as_str(), istiod::push(&scene.cluster, proxy))).collect();
    for (at, call) in requests.calls.iter().enumerate() {
        let Some((id, config)) = configs.get_key_value(call.proxy.as_str()) else { continue };
        by_proxy.entry(id).or_default().push((at, call.clone(), envoy::run(config, call)));
    }
    Ok(by_proxy.into_iter().map(|(id, calls)| (configs.get(id).cloned(), calls)).collect())
}

/// Every hop of the journey by itself: what the engine computes to reach a proxy is what the real one is sent.
fn calls_of_request(args: &send::Args, inputs: &[Manifest]) -> Result<Work> {
    let request = args.request()?;
    if !args.load().is_plain() {
        bail!("replay sends one request; several with stated answers are compared as calls of a file, by --requests");
    }
    let scene = Scene::of(inputs, MeshConfig::default());
    send::tell_refused(&scene);
    let journey = scene.send(&request)?;
    if args.output == Output::Text {
        input::print_line(&format!("{}\n", journey.answer))?;
    }
    let hops = journey.hops.into_iter().enumerate();
    Ok(hops
        .map(|(at, mut hop)| {
            let config = scene.config_of(&hop).map(Arc::unwrap_or_clone);
            hop.outcome.name = format!("{} {} {}", at + 1, hop.role, hop.proxy);
            (config, vec![(at, hop.call, hop.outcome)])
        })
        .collect())
}

/// As many proxies at a time as the bounds allow: the hops of a path do not wait for each other.
async fn replay(replayer: &Replayer, work: Work) -> Result<Vec<Comparison>> {
    let mut answers = BTreeMap::new();
    let mut waiting = work.into_iter();
    let mut running = JoinSet::new();
    loop {
        while running.len() < Bounds::default().at_once
            && let Some((config, calls)) = waiting.next()
        {
            running.spawn(through_one(replayer.clone(), config, calls));
        }
        let Some(done) = running.join_next().await else { break };
        answers.extend(done.context("a replay came to no end")??);
    }
    Ok(answers.into_values().collect())
}

async fn through_one(replayer: Replayer, config: Option<ProxyConfig>, calls: Vec<(usize, Call, Outcome)>) -> Result<Vec<(usize, Comparison)>> {
    let (places, pairs): (Vec<usize>, Vec<(Call, Outcome)>) = calls.into_iter().map(|(at, call, outcome)| (at, (call, outcome))).unzip();
    let compared = match config {
        Some(config) => replayer.replay(&config, &pairs).await?,
        None => {
            pairs.iter().map(|(_, outcome)| Comparison::impossible(outcome, "there is no proxy on this way, so no Envoy decides anything".into())).collect()
        }
    };
    Ok(places.into_iter().zip(compared).collect())
}

/// A line for each side, what they come to, and then what it was that was compared.
fn text(answer: &Comparison) -> String {
    let mut out = String::new();
    let verdict = match answer.agrees {
        Some(true) => "agrees",
        Some(false) => "DIFFERS",
        None => "not replayed",
    };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}: {verdict}\n  computed  {}", answer.name, end(&answer.computed));
    if let Some(real) = &answer.real {
        let _ = writeln!(out, "  real      {}", end(real));
    }
    for difference in &answer.differences {
        let _ = writeln!(out, "  ✕ {difference}");
    }
    if let Some(real) = &answer.real {
        let rows = [
            ("listener", &answer.computed.listener, &real.listener),
            ("filter chain", &answer.computed.filter_chain, &real.filter_chain),
            ("virtual host", &answer.computed.virtual_host, &real.virtual_host),
            ("route", &answer.computed.route, &real.route),
        ];
        for (what, computed, real) in rows {
            if computed == real && !real.is_empty() {
                let _ = writeln!(out, "  ✓ {what:<12} {real}");
            }
        }
        if !real.endpoints.is_empty() {
            let _ = writeln!(out, "  · {:<12} {}", "arrived at", real.endpoints.join(", "));
        }
    }
    for note in &answer.not_compared {
        let _ = writeln!(out, "  · not compared: {note}");
    }
    out
}

fn end(side: &Side) -> String {
    let share = |share: f64| if share > 1.0 - 1e-9 { String::new() } else { format!(" {:.1} %", share * 100.0) };
    let mut parts: Vec<String> = side.statuses.iter().map(|(status, part)| format!("{status}{}", share(*part))).collect();
    if parts.is_empty() {
        parts.push(side.error.map_or_else(|| "passed on".to_owned(), |error| format!("{error:?}")));
    }
    if !side.flags.is_empty() {
        parts.push(side.flags.join(","));
    }
    parts.extend(side.headers.get("location").map(|location| format!("to {location}")));
    let clusters: Vec<String> = side.clusters.iter().map(|(name, part)| format!("{name}{}", share(*part))).collect();
    if !clusters.is_empty() {
        parts.push(format!("by {}", clusters.join(", ")));
    }
    parts.extend(side.requests.filter(|&requests| requests > 1).map(|requests| format!("({requests} requests)")));
    parts.join(" ")
}
