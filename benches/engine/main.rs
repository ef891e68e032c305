//! How fast the engine checks configuration, beside its peers and with the machine's facts: `just bench-engine`.
//!
//! A table for people; it fails where a promise is broken: a median within a millisecond, a start within five and 20 MB,
//! growth of at most 1.2 times linear.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a measurement prints, and has nobody to recover for")]

mod machine;
mod process;
mod stopwatch;
mod workload;

use std::{hint::black_box, path::PathBuf, process::ExitCode, time::Duration};

use meshwright::engine::{
    manifest::{self, Limits, Manifest},
    mesh::apply,
    source::SourceFile,
    validate::validate,
};
use serde::Deserialize;
use stopwatch::{Times, growth, measure};

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
    let whole = row("check: read, validate, apply", 500, || check(&texts));
    row("  of which reading", 500, || read(&texts));
    let manifests = read(&texts);
    row("  of which validating", 500, || manifests.iter().map(validate).collect::<Vec<_>>());
    row("peer: yaml_serde, untyped values", 500, || values(&texts));
    promise(&mut broken, "check, median", whole.median <= CHECK, format!("{:?} of {CHECK:?}", whole.median));

    println!("\nThe same as a process, start included (medians of {} runs)", process::RUNS);
    process::head();
    let files = [world.path.clone(), twenty.path.clone()];
    let validate = process::row("meshwright validate", &process::program("validate", &files, true));
    promise(&mut broken, "start, median", validate.median <= START, format!("{:?} of {START:?}", validate.median));
    promise(&mut broken, "memory at its peak", validate.megabytes <= MEGABYTES, format!("{:.1} of {MEGABYTES} MB", validate.megabytes));
    match process::istioctl() {
        Some(istioctl) => drop(process::row("peer: istioctl analyze", &process::istioctl_analyze(&istioctl, &files))),
        None => println!("peer: istioctl is absent (MESHWRIGHT_ISTIOCTL names one)"),
    }

    println!("\nMany resources, mixed kinds, in one process that is warm");
    head();
    let [thousand, ten_thousand] = [1_000, 10_000].map(|count| {
        let text = workload::resources(count);
        row(&format!("check of {count} resources"), 200_000 / count, || check(&[&text]))
    });
    let growth = growth(thousand, ten_thousand, 10);
    promise(&mut broken, "growth, times linear", growth <= GROWTH, format!("{growth:.2} of {GROWTH}"));

    println!("\n10,000 resources as a process, start included");
    process::head();
    let folder = workload::folder(10_000);
    process::row("meshwright validate, one file", &process::program("validate", &[workload::file(&folder, 10_000)], false));
    process::row("meshwright validate, 10,000 files", &process::program("validate", &[PathBuf::from(folder.path())], false));

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

fn check(texts: &[&str]) -> usize {
    let manifests = read(texts);
    apply(&manifests).verdicts.len()
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
    println!("{what:<40} {runs:>6} {:>12.3?} {:>12.3?} {:>12.3?}", times.least, times.median, times.p95);
    times
}
