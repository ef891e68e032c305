//! How fast the engine checks configuration, beside its peers and with the machine's facts: `just bench-engine`.
//!
//! A table for people; it fails where a promise is broken: a check within a millisecond, a start within five and 20 MB, growth of
//! at most 1.2 times linear, a request within 200 microseconds, one sidecar's xDS among a thousand services within 50 ms, a replay
//! within 400 ms: medians all.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a measurement prints, and has nobody to recover for")]

mod journey;
mod machine;
mod process;
mod stopwatch;
mod workload;

use std::{hint::black_box, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use meshwright::engine::{
    analyze::{self, Finding, Question, Snapshot},
    cluster::{MeshConfig, MeshNetworks},
    manifest::{self, Document, Limits, Manifest},
    resource::Resource,
    source::SourceFile,
    validate::{Verdict, validate},
};
use serde::Deserialize;
use stopwatch::{Times, in_turn, measure};

/// The one of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is promised of Bookinfo with twenty resources.
const CHECK: Duration = Duration::from_millis(1);
const START: Duration = Duration::from_millis(5);
const MEGABYTES: f64 = 20.0;
/// What is promised of ten times as many resources.
const GROWTH: f64 = 1.2;

fn main() -> ExitCode {
    machine::print();
    let (world, twenty) = (workload::bookinfo(), workload::twenty());
    let texts = [world.text.as_str(), twenty.text.as_str()];
    let documents = read(&texts).iter().map(|manifest| manifest.documents.len()).sum::<usize>();
    let bytes = texts.iter().map(|text| text.len()).sum::<usize>();
    println!("\nBookinfo ({}) with 20 resources: {documents} documents, {bytes} bytes, in one process that is warm", world.name);
    head();
    let mut broken = Vec::new();
    let whole = row("check: read, validate, analyze", 2_000, || check(&texts));
    row("  of which reading", 500, || read(&texts));
    let manifests = read(&texts);
    row("  of which validating", 500, || judge(&manifests));
    row("  of which loading", 500, || load(&manifests));
    let resources = load(&manifests);
    row("  of which analyzing", 500, || findings(&resources));
    row("peer: yaml_serde, untyped values", 500, || values(&texts));
    promise(&mut broken, "check, median", whole.median <= CHECK, format!("{:?} of {CHECK:?}", whole.median));

    println!("\nThe same as a process, start included (medians of {} runs)", process::RUNS);
    process::head();
    let files = [world.path.clone(), twenty.path.clone()];
    for command in ["validate", "analyze"] {
        let cost = process::row(&format!("meshwright {command}"), &process::program(command, &files, true));
        promise(&mut broken, &format!("{command} as a process, median"), cost.median <= START, format!("{:?} of {START:?}", cost.median));
        promise(&mut broken, &format!("{command}, memory at its peak"), cost.megabytes <= MEGABYTES, format!("{:.1} of {MEGABYTES} MB", cost.megabytes));
    }
    process::row("peer: true, which does nothing", &process::nothing());
    match process::istioctl() {
        Some(istioctl) => drop(process::row("peer: istioctl analyze", &process::istioctl_analyze(&istioctl, &files))),
        None => println!("peer: istioctl is absent (MESHWRIGHT_ISTIOCTL names one)"),
    }

    journey::bench_replay(&mut broken, &files);

    println!("\nRequests and xDS, in one process that is warm");
    head();
    journey::bench(&mut broken, &texts);

    println!("\n10,000 resources of mixed kinds, in one process that is warm, in turn as ten clusters and as one");
    head();
    let parts: Vec<String> = (0..10).map(|part| workload::resources(part * 1_000, 1_000)).collect();
    let whole = workload::resources(0, 10_000);
    let turns = in_turn(20, || parts.iter().for_each(|part| drop(black_box(check(&[part])))), || drop(black_box(check(&[&whole]))));
    print("check of 10 times 1,000 resources", 20, turns.first);
    print("check of 10,000 resources", 20, turns.second);
    println!("{:<40} {:>6} {:>12} {:>12.2}", "growth, times linear", "", "", turns.ratio);
    promise(&mut broken, "growth, times linear", turns.ratio <= GROWTH, format!("{:.2} of {GROWTH}", turns.ratio));

    println!("\n10,000 resources as a process, start included");
    process::head();
    let folder = workload::folder(10_000);
    for command in ["validate", "analyze"] {
        process::row(&format!("meshwright {command}, one file"), &process::program(command, &[workload::file(&folder, 10_000)], false));
        process::row(&format!("meshwright {command}, 10,000 files"), &process::program(command, &[PathBuf::from(folder.path())], false));
    }

    println!();
    if broken.is_empty() {
        println!("every promise is kept");
        return ExitCode::SUCCESS;
    }
    for promise in &broken {
        println!("BROKEN: {promise}");
    }
    ExitCode::FAILURE
}

/// All that is said of texts as one cluster, hints included, as the playground and the terminal ask it.
fn check(texts: &[&str]) -> (Vec<Verdict>, usize) {
    let manifests = read(texts);
    let verdicts = judge(&manifests);
    (verdicts, findings(&load(&manifests)).len())
}

fn judge(manifests: &[Manifest]) -> Vec<Verdict> {
    manifests.iter().flat_map(validate).collect()
}

fn load(manifests: &[Manifest]) -> Vec<Resource> {
    let documents: Vec<Arc<Document>> = manifests.iter().flat_map(|manifest| manifest.documents.iter().cloned()).collect();
    analyze::load("default", &documents).resources
}

fn findings(resources: &[Resource]) -> Vec<Finding> {
    let (mesh, networks) = (MeshConfig::default(), MeshNetworks::default());
    analyze::analyze(&Snapshot::new(resources, &mesh, &networks), &Question { hints: true, ..Question::default() })
}

fn read(texts: &[&str]) -> Vec<Manifest> {
    let limits = Limits { bytes: usize::MAX, documents: usize::MAX, ..Limits::default() };
    texts.iter().map(|text| manifest::read_with(&SourceFile::new("bench.yaml", *text), limits)).collect()
}

fn values(texts: &[&str]) -> Vec<serde_yaml::Value> {
    let documents = texts.iter().flat_map(|text| serde_yaml::Deserializer::from_str(text));
    documents.map(|document| serde_yaml::Value::deserialize(document).unwrap()).collect()
}

fn promise(broken: &mut Vec<String>, what: &str, is_kept: bool, figures: String) {
    if !is_kept {
        broken.push(format!("{what}: {figures}"));
    }
}

fn head() {
    println!("{:<40} {:>6} {:>12} {:>12} {:>12}", "", "runs", "least", "median", "p95");
}

fn row<T>(what: &str, runs: usize, run: impl Fn() -> T) -> Times {
    let times = measure(runs, || drop(black_box(run())));
    print(what, runs, times);
    times
}

fn print(what: &str, runs: usize, times: Times) {
    println!("{what:<40} {runs:>6} {:>12.3?} {:>12.3?} {:>12.3?}", times.least, times.median, times.p95);
}
