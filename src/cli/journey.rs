//! A journey on a terminal.

use std::fmt::Write;

use crate::engine::{
    envoy::{Outcome, Stage, Step, Verdict, span_text},
    mesh::{Journey, LoadRun, Request, Scene},
};

/// The answer first, then every hop with what was chosen, what lost and why, and the line that decided it.
pub(super) fn text(scene: &Scene, request: &Request, journey: &Journey) -> String {
    let mut out = String::new();
    let method = if request.method.is_empty() { "GET" } else { &request.method };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}\n\n{method} {} from {}\n{}", journey.answer, request.url, request.from, journey.summary);
    for (at, hop) in journey.hops.iter().enumerate() {
        let share = if hop.share < 1.0 { format!(" ({:.4} of the requests)", hop.share) } else { String::new() };
        let _ = writeln!(out, "\n{} {} {}{share}", at + 1, hop.role, hop.proxy);
        out += &steps(scene, &hop.outcome);
    }
    for note in &journey.not_simulated {
        let at = note.position();
        let _ = writeln!(out, "\nnote: {}:{}:{}: {}", note.file.name(), at.line, at.column, note.message);
    }
    out
}

/// A load on the virtual clock: what happened when, request by request.
pub(super) fn timeline(run: &LoadRun) -> String {
    let mut out = String::new();
    let count = run.outcome.runs.as_ref().map_or(0, Vec::len);
    let _ = writeln!(out, "\ntimeline of {count} request{} at the {} {}: {}", if count == 1 { "" } else { "s" }, run.role, run.proxy, run.tally());
    for moment in &run.timeline.moments {
        let _ = writeln!(out, "  {:>10}  #{:<3} {}", span_text(moment.at_nanos), moment.run + 1, moment.words(&run.name_of(&moment.endpoint)));
    }
    if run.timeline.omitted > 0 {
        let _ = writeln!(out, "  … and {} more", run.timeline.omitted);
    }
    out
}

/// The same for programs.
pub(super) fn load_json(run: &LoadRun) -> serde_json::Value {
    serde_json::json!({"proxy": run.proxy, "runs": run.outcome.runs, "timeline": run.timeline, "pods": run.pods})
}

/// One call through one proxy: its name, what came of it, how it was decided.
pub(super) fn outcome_text(scene: &Scene, outcome: &Outcome) -> String {
    let end = match (outcome.error, outcome.response.status) {
        (Some(error), None) => format!("{error:?}"),
        (_, Some(status)) => status.to_string(),
        (None, None) => "passed on".to_owned(),
    };
    let clusters: Vec<String> = outcome.clusters.iter().map(|cluster| format!("{} {:.4}", cluster.name, cluster.share)).collect();
    format!("{}: {end} {}\n{}", outcome.name, clusters.join(", "), steps(scene, outcome))
}

fn steps(scene: &Scene, outcome: &Outcome) -> String {
    outcome.trace.iter().fold(String::new(), |mut out, step| {
        let _ = writeln!(out, "  {} {:<12} {}{}", mark(step.verdict), stage(step.stage), words(step), place(scene, step));
        out
    })
}

fn words(step: &Step) -> String {
    if step.subject.is_empty() { step.reason.clone() } else { format!("{}: {}", step.subject, step.reason) }
}

fn place(scene: &Scene, step: &Step) -> String {
    let located = step.origin.as_ref().and_then(|origin| scene.locate(origin));
    located.map(|(file, span)| format!("  [{}:{}]", file.name(), file.position(span.start()).line)).unwrap_or_default()
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Chosen => "✓",
        Verdict::Lost => "✕",
        Verdict::Unreached => "·",
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Listener => "listener",
        Stage::FilterChain => "filter chain",
        Stage::VirtualHost => "virtual host",
        Stage::Route => "route",
        Stage::Filter => "filter",
        Stage::Cluster => "cluster",
        Stage::Endpoint => "endpoint",
        Stage::Response => "response",
        Stage::Service => "service",
        Stage::Policy => "policy",
        Stage::AccessLog => "access log",
    }
}
