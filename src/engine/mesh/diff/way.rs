//! The answer and the way of a request, before and now.

use super::{
    super::{Answer, Hop, HopRole, Journey, answer::percent},
    FieldChange, Kind,
    fields::cut,
};
use crate::engine::envoy::{Outcome, Stage, Verdict};

/// Smaller differences of shares come from how they are added up.
const LEAST: f64 = 1e-9;

/// Something that can come out, with other shares.
#[derive(Debug, Clone, PartialEq)]
pub struct PartChange {
    /// For example `200 reviews/v2`.
    pub text: String,
    /// 0 to 1; 0 where it did not come out.
    pub before: f64,
    /// 0 to 1; 0 where it does not come out any more.
    pub now: f64,
}

/// A proxy of the way.
#[derive(Debug, Clone, PartialEq)]
pub struct HopChange {
    /// What it is on the way.
    pub role: HopRole,
    /// `pod.namespace`.
    pub proxy: String,
    /// Whether it is on the way at all.
    pub kind: Kind,
    /// What it decides otherwise, by the name of the decision.
    pub decisions: Vec<FieldChange>,
}

pub(super) fn parts(before: Option<&Answer>, now: Option<&Answer>) -> Vec<PartChange> {
    let list = |answer: Option<&Answer>| answer.map(|answer| answer.parts.as_slice()).unwrap_or_default().to_vec();
    let (before, now) = (list(before), list(now));
    let share = |parts: &[super::super::AnswerPart], text: &str| parts.iter().find(|part| part.text == text).map_or(0.0, |part| part.share);
    let mut texts: Vec<&str> = now.iter().chain(&before).map(|part| part.text.as_str()).collect();
    let mut seen = std::collections::HashSet::new();
    texts.retain(|text| seen.insert(*text));
    let changes = texts.into_iter().map(|text| PartChange { text: text.to_owned(), before: share(&before, text), now: share(&now, text) });
    changes.filter(|part| (part.before - part.now).abs() > LEAST).collect()
}

pub(super) fn hops(before: Option<&Journey>, now: Option<&Journey>) -> Vec<HopChange> {
    let list = |journey: Option<&Journey>| -> Vec<Hop> { journey.map(|journey| journey.hops.clone()).unwrap_or_default() };
    let (before, now) = (list(before), list(now));
    let is_same = |a: &Hop, b: &Hop| a.role == b.role && a.proxy == b.proxy;
    let alone = |hop: &Hop, kind| HopChange { role: hop.role, proxy: hop.proxy.clone(), kind, decisions: Vec::new() };
    let mut changes = Vec::new();
    for hop in &now {
        match before.iter().find(|old| is_same(old, hop)) {
            None => changes.push(alone(hop, Kind::Came)),
            Some(old) => {
                let decisions = decisions(old, hop);
                if !decisions.is_empty() {
                    changes.push(HopChange { decisions, ..alone(hop, Kind::Changed) });
                }
            }
        }
    }
    changes.extend(before.iter().filter(|old| !now.iter().any(|hop| is_same(old, hop))).map(|old| alone(old, Kind::Went)));
    changes
}

/// What a proxy decides, each decision with its name and its end.
fn decisions(before: &Hop, now: &Hop) -> Vec<FieldChange> {
    let (old, new) = (told(before), told(now));
    let change = |(at, (path, now)): (usize, &(&'static str, String))| {
        let before = &old[at].1;
        let some = |text: &String| if text.is_empty() { None } else { Some(cut(text)) };
        (before != now).then(|| FieldChange { path: (*path).to_owned(), before: some(before), now: some(now) })
    };
    new.iter().enumerate().filter_map(change).collect()
}

/// Always the same decisions, in the same order.
fn told(hop: &Hop) -> Vec<(&'static str, String)> {
    let outcome = &hop.outcome;
    let list = |names: Vec<String>| names.join(", ");
    let shares = outcome
        .clusters
        .iter()
        .map(|cluster| if cluster.share < 1.0 - LEAST { format!("{} {}%", cluster.name, percent(cluster.share)) } else { cluster.name.clone() });
    let headers = |headers: &std::collections::BTreeMap<String, String>| list(headers.iter().map(|(name, value)| format!("{name}: {value}")).collect());
    let onward = outcome.upstream.as_ref();
    let backend = |text: fn(&crate::engine::envoy::UpstreamRequest) -> &String| onward.map(|request| text(request).clone()).unwrap_or_default();
    let statuses = outcome
        .response
        .statuses
        .iter()
        .map(|(status, share)| if *share < 1.0 - LEAST { format!("{status} {}%", percent(*share)) } else { status.to_string() });
    vec![
        ("share of the requests", format!("{}%", percent(hop.share))),
        ("listener", outcome.listener.clone()),
        ("filter chain", outcome.filter_chain.clone()),
        ("virtual host", outcome.virtual_host.clone()),
        ("route", steps(outcome, Stage::Route)),
        ("filter", steps(outcome, Stage::Filter)),
        ("service", steps(outcome, Stage::Service)),
        ("policy", steps(outcome, Stage::Policy)),
        ("cluster", list(shares.collect())),
        ("endpoints", list(outcome.clusters.iter().flat_map(|cluster| cluster.endpoints.clone()).collect())),
        ("mirrors", list(outcome.mirrors.iter().map(|mirror| format!("{} {}%", mirror.name, percent(mirror.share))).collect())),
        ("method", backend(|request| &request.method)),
        ("authority", backend(|request| &request.authority)),
        ("path", backend(|request| &request.path)),
        ("request headers", onward.map(|request| headers(&request.headers)).unwrap_or_default()),
        ("status", list(statuses.collect())),
        ("flags", list(outcome.response.flags.clone())),
        ("response headers", headers(&outcome.response.headers)),
        (
            "error",
            outcome
                .error
                .map(|error| serde_json::to_value(error).ok().and_then(|word| Some(word.as_str()?.replace('_', " "))).unwrap_or_default())
                .unwrap_or_default(),
        ),
        ("access log", steps(outcome, Stage::AccessLog)),
    ]
}

/// What was taken at a stage, and what a filter or policy turned away.
fn steps(outcome: &Outcome, stage: Stage) -> String {
    let tells = |verdict| verdict == Verdict::Chosen || verdict == Verdict::Lost && matches!(stage, Stage::Filter | Stage::Policy);
    let steps = outcome.trace.iter().filter(|step| step.stage == stage && tells(step.verdict));
    steps.map(|step| format!("{}{}", step.subject, if step.verdict == Verdict::Lost { " ✕" } else { "" })).collect::<Vec<_>>().join(", ")
}
