//! The virtual clock as a picture: a lane for each endpoint that was thrown out, then one for each request.
//!
//! Pure drawing: what a bar means is in its class, in a word beside it and in its title.

use std::{collections::BTreeMap, fmt::Write as _};

use super::graph::escape;
use crate::engine::{
    envoy::{Event, Moment, Run, span_text},
    mesh::LoadRun,
};

const WIDTH: f64 = 750.0;
/// Where time begins and ends; left of it stand names, right of it how requests ended.
const FROM: f64 = 132.0;
const TO: f64 = 652.0;
const TOP: f64 = 24.0;
const LANE: f64 = 22.0;
const BAR: f64 = 12.0;
/// Requests that have a lane.
const MOST_LANES: usize = 40;
/// A bar that takes no time is still seen.
const LEAST: f64 = 3.0;

struct Clock {
    end: f64,
}

impl Clock {
    #[allow(clippy::cast_precision_loss, reason = "for a picture")]
    fn x(&self, nanos: i128) -> f64 {
        FROM + (nanos as f64 / self.end).clamp(0.0, 1.0) * (TO - FROM)
    }
}

/// A stretch of a lane.
struct Bar {
    from: i128,
    to: i128,
    class: &'static str,
    title: String,
}

/// Draws a load.
#[allow(clippy::cast_precision_loss, reason = "for a picture")]
pub(super) fn svg(run: &LoadRun) -> String {
    let clock = Clock { end: (run.timeline.end_nanos() as f64).max(1e6) };
    let mut lanes = ejections(run);
    let runs = run.outcome.runs.as_deref().unwrap_or_default();
    let mut by_run: BTreeMap<usize, Vec<&Moment>> = BTreeMap::new();
    for moment in &run.timeline.moments {
        by_run.entry(moment.run).or_default().push(moment);
    }
    for (number, moments) in by_run.iter().take(MOST_LANES) {
        lanes.push((format!("request {}", number + 1), bars(run, moments), runs.get(*number).map(end).unwrap_or_default()));
    }
    let hidden = runs.len().saturating_sub(MOST_LANES);
    let height = TOP + lanes.len() as f64 * LANE + if hidden > 0 { LANE } else { 6.0 };
    let mut out = format!(
        "<svg class=\"timeline\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" role=\"img\" aria-labelledby=\"timeline-title timeline-desc\" \
         xmlns=\"http://www.w3.org/2000/svg\"><title id=\"timeline-title\">What happened when</title><desc id=\"timeline-desc\">{}</desc>",
        escape(&describe(run))
    );
    ticks(&mut out, &clock, height);
    for (at, (name, bars, end)) in lanes.iter().enumerate() {
        lane(&mut out, &clock, TOP + at as f64 * LANE, name, bars, end);
    }
    if hidden > 0 {
        let _ = write!(out, "<text class=\"tick\" x=\"4\" y=\"{:.0}\">+ {hidden} more requests</text>", height - 7.0);
    }
    out.push_str("</svg>");
    out
}

type Lane = (String, Vec<Bar>, String);

fn ejections(run: &LoadRun) -> Vec<Lane> {
    let mut lanes: BTreeMap<&str, Vec<Bar>> = BTreeMap::new();
    for ejection in &run.timeline.ejections {
        let title = format!("thrown out at {} until {}: {}", span_text(ejection.at_nanos), span_text(ejection.until_nanos), ejection.reason);
        let bar = Bar { from: ejection.known_from_nanos, to: ejection.until_nanos, class: "bar ejected", title };
        lanes.entry(&ejection.endpoint).or_default().push(bar);
    }
    let name = |endpoint: &str| run.pods.get(endpoint).cloned().unwrap_or_else(|| endpoint.to_owned());
    lanes.into_iter().take(MOST_LANES).map(|(endpoint, bars)| (name(endpoint), bars, "⏏ ejected".to_owned())).collect()
}

/// Each thing that takes time lasts until the next one.
fn bars(run: &LoadRun, moments: &[&Moment]) -> Vec<Bar> {
    let mut bars = Vec::new();
    let mut open: Option<(&Moment, &'static str)> = None;
    for moment in moments.iter().filter(|moment| !matches!(moment.event, Event::Ejected | Event::Spared)) {
        if let Some((begun, class)) = open.take() {
            let class = match (class, moment.event) {
                ("bar sent", Event::Answered) if !moment.reason.starts_with('5') => "bar good",
                ("bar sent", _) => "bar bad",
                (other, _) => other,
            };
            let mut title = format!("{}: {}", span_text(begun.at_nanos), begun.words(&run.name_of(&begun.endpoint)));
            if class != "bar backoff" {
                let _ = write!(title, "; {}: {}", span_text(moment.at_nanos), moment.words(&run.name_of(&moment.endpoint)));
            }
            bars.push(Bar { from: begun.at_nanos, to: moment.at_nanos, class, title });
        }
        open = match moment.event {
            Event::Sent => Some((moment, "bar sent")),
            Event::Queued => Some((moment, "bar queued")),
            Event::Retried => Some((moment, "bar backoff")),
            _ => None,
        };
    }
    bars
}

fn end(run: &Run) -> String {
    let mark = if run.status.is_some_and(|status| status < 400) { "✓" } else { "✕" };
    let status = run.status.map_or_else(|| "closed".to_owned(), |status| status.to_string());
    format!("{mark} {status} {}", run.flags.join(",")).trim_end().to_owned()
}

fn ticks(out: &mut String, clock: &Clock, height: f64) {
    for part in 0..=4 {
        #[allow(clippy::cast_possible_truncation, reason = "at most the end of the clock")]
        let nanos = (clock.end * f64::from(part) / 4.0) as i128;
        let x = clock.x(nanos);
        let anchor = if part == 0 { "start" } else { "middle" };
        let _ = write!(
            out,
            "<path class=\"grid\" d=\"M{x:.1} 18V{height:.0}\"/><text class=\"tick\" x=\"{x:.1}\" y=\"12\" text-anchor=\"{anchor}\">{}</text>",
            span_text(nanos)
        );
    }
}

fn lane(out: &mut String, clock: &Clock, top: f64, name: &str, bars: &[Bar], end: &str) {
    let base = top + LANE / 2.0;
    let short: String = if name.chars().count() > 16 { name.chars().take(15).chain(['…']).collect() } else { name.to_owned() };
    let _ = write!(out, "<text class=\"name\" x=\"4\" y=\"{:.1}\"><title>{}</title>{}</text>", base + 4.0, escape(name), escape(&short));
    for bar in bars {
        let (from, to) = (clock.x(bar.from), clock.x(bar.to));
        let height = if bar.class == "bar backoff" { 2.0 } else { BAR };
        let _ = write!(
            out,
            "<rect class=\"{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.0}\"><title>{}</title></rect>",
            bar.class,
            from.min(TO - LEAST),
            base - height / 2.0,
            (to - from).max(LEAST),
            escape(&bar.title)
        );
    }
    let _ = write!(out, "<text class=\"end\" x=\"{:.0}\" y=\"{:.1}\">{}</text>", TO + 8.0, base + 4.0, escape(end));
}

/// In words, for those who do not see it; every moment stands in the list below the picture.
fn describe(run: &LoadRun) -> String {
    let count = run.outcome.runs.as_ref().map_or(0, Vec::len);
    let retries = run.timeline.moments.iter().filter(|moment| moment.event == Event::Retried).count();
    let turned_away = run.timeline.moments.iter().filter(|moment| moment.event == Event::Overflowed).count();
    let mut text = format!(
        "{count} requests in {}: {}. Retries: {retries}. Turned away by a circuit breaker: {turned_away}.",
        span_text(run.timeline.end_nanos()),
        run.tally()
    );
    for ejection in run.timeline.ejections.iter().take(MOST_LANES) {
        let (at, until) = (span_text(ejection.at_nanos), span_text(ejection.until_nanos));
        let _ = write!(text, " {} is thrown out from {at} until {until}.", run.name_of(&ejection.endpoint));
    }
    text
}
