//! Reports in the words of the page.

use crate::{
    engine::{
        diagnostic::{Level, Stage as Speaker},
        envoy::{Stage, Verdict},
    },
    web::simulation::{HopReport, JourneyReport, Part, Place, Report, StepReport},
};

/// A decision about one of many candidates shows so many of them; the others fold away.
const MOST_STEPS: usize = 8;

/// Something that must be known to read the answer.
pub(super) struct Notice {
    pub class: &'static str,
    pub text: String,
}

pub(super) struct AnswerView {
    pub class: &'static str,
    pub mark: &'static str,
    pub text: String,
    pub summary: String,
    pub parts: Vec<PartView>,
    pub hops: Vec<HopView>,
    pub svg: String,
}

pub(super) struct PartView {
    pub text: String,
    pub share: String,
    /// Of a bar 200 units wide.
    pub width: String,
}

pub(super) struct HopView {
    pub title: String,
    pub share: String,
    pub decisions: Vec<Decision>,
}

/// The candidates of one stage.
pub(super) struct Decision {
    pub title: &'static str,
    pub shown: Vec<StepView>,
    pub folded: Vec<StepView>,
}

pub(super) struct StepView {
    pub class: &'static str,
    pub mark: &'static str,
    pub word: &'static str,
    pub is_taken: bool,
    pub subject: String,
    pub reason: String,
    pub origin: String,
    pub line: usize,
    pub place: String,
}

/// What stands between the configuration as typed and the cluster that answers.
pub(super) fn notices(report: &Report, is_empty: bool) -> Vec<Notice> {
    let mut notices = Vec::new();
    if is_empty {
        notices.push(Notice {
            class: "notice",
            text: "No configuration: this is the cluster as it is, with Istio's defaults. Write or paste YAML, or choose an example.".into(),
        });
    }
    let named = |kind: &str, name: &str| [if kind.is_empty() { "document" } else { kind }, name].join(" ").trim_end().to_owned();
    let refused: Vec<String> = report.refused().map(|v| format!("{} (line {})", named(&v.kind, &v.name), v.line)).collect();
    if !refused.is_empty() {
        let of = match (refused.len(), report.verdicts.len()) {
            (1, 1) => "The document is".to_owned(),
            (1, all) => format!("1 of {all} documents is"),
            (some, all) => format!("{some} of {all} documents are"),
        };
        let names = refused.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        let more = if refused.len() > 5 { format!(" and {} more", refused.len() - 5) } else { String::new() };
        // Of an IstioOperator a notice below says what the mesh has of it nevertheless.
        let effect = if report.refused().all(|v| v.kind == "IstioOperator") { "" } else { " The answer is computed without." };
        notices.push(Notice { class: "notice notice-bad", text: format!("{of} refused and therefore not in the cluster: {names}{more}.{effect}") });
    }
    let unread = report.findings.iter().filter(|finding| finding.stage == Speaker::Yaml && finding.level == Level::Error).count();
    if unread > 0 && refused.is_empty() {
        notices.push(Notice {
            class: "notice notice-bad",
            text: "Part of the text could not be read as YAML and is not in the cluster. The answer is computed without.".into(),
        });
    }
    for finding in report.findings.iter().filter(|finding| finding.stage == Speaker::Simulation).take(20) {
        notices.push(Notice { class: "notice notice-warn", text: capitalized(&finding.message) + "." });
    }
    notices
}

impl AnswerView {
    pub fn of(journey: JourneyReport) -> Self {
        let (class, mark) = look(&journey.parts);
        Self {
            class,
            mark,
            text: journey.answer,
            summary: journey.summary,
            parts: journey.parts.iter().map(PartView::of).collect(),
            hops: journey.hops.iter().enumerate().map(|(at, hop)| HopView::of(at + 1, hop)).collect(),
            svg: journey.svg,
        }
    }
}

/// Good where everything is answered, bad where nothing is, else in between.
fn look(parts: &[Part]) -> (&'static str, &'static str) {
    let is_good = |part: &Part| part.status.is_some_and(|status| status < 400);
    match parts.iter().filter(|part| is_good(part)).count() {
        0 => ("answer-bad", "✕"),
        n if n == parts.len() => ("answer-good", "✓"),
        _ => ("answer-mixed", "▲"),
    }
}

impl PartView {
    fn of(part: &Part) -> Self {
        Self { text: part.text.clone(), share: percent(part.share), width: format!("{:.2}", part.share * 200.0) }
    }
}

impl HopView {
    fn of(number: usize, hop: &HopReport) -> Self {
        let mut decisions: Vec<Decision> = Vec::new();
        for step in &hop.steps {
            let title = stage(step.stage);
            if decisions.last().is_none_or(|decision| decision.title != title) {
                decisions.push(Decision { title, shown: Vec::new(), folded: Vec::new() });
            }
            if let Some(decision) = decisions.last_mut() {
                let to = if is_worth_a_line(step, decision.shown.len()) { &mut decision.shown } else { &mut decision.folded };
                to.push(StepView::of(step));
            }
        }
        // A stage in which nothing was taken is where it ended: its candidates are the reason.
        for decision in decisions.iter_mut().filter(|decision| decision.shown.is_empty()) {
            decision.shown = decision.folded.drain(..decision.folded.len().min(MOST_STEPS)).collect();
        }
        Self { title: hop_title(number, hop.role, &hop.proxy), share: if hop.share < 1.0 { percent(hop.share) } else { String::new() }, decisions }
    }
}

/// Which proxy it is.
pub(super) fn hop_title(number: usize, role: &str, proxy: &str) -> String {
    let role = match role {
        "client_sidecar" => "sidecar of the caller",
        "ingress_gateway" => "ingress gateway",
        "server_sidecar" => "sidecar of the server",
        "client_ztunnel" => "ztunnel of the caller",
        "waypoint" => "waypoint",
        "server_ztunnel" => "ztunnel of the server",
        "no_proxy" => "no proxy beside",
        _ => "gateway",
    };
    format!("{number}. {role} {proxy}")
}

/// What was taken is always seen. Of what was not: rules that the visitor wrote, rather than the cluster's many other hosts.
fn is_worth_a_line(step: &StepReport, shown: usize) -> bool {
    let is_surrounding = matches!(step.stage, Stage::Listener | Stage::FilterChain | Stage::VirtualHost);
    step.verdict == Verdict::Chosen && step.stage != Stage::Endpoint || shown < MOST_STEPS && (step.place.is_some() || !is_surrounding)
}

impl Decision {
    /// What the fold says behind the count.
    pub fn folded_words(&self) -> &'static str {
        if self.folded.iter().all(|step| step.is_taken) { "" } else { ", not taken" }
    }
}

impl StepView {
    fn of(step: &StepReport) -> Self {
        let (class, mark, word) = match step.verdict {
            Verdict::Chosen => ("step step-chosen", "✓", "taken"),
            Verdict::Lost => ("step step-lost", "✕", "lost"),
            Verdict::Unreached => ("step step-unreached", "–", "not looked at"),
        };
        Self {
            class,
            mark,
            word,
            is_taken: step.verdict == Verdict::Chosen,
            subject: step.subject.clone(),
            reason: capitalized(&step.reason),
            origin: step.origin.clone().unwrap_or_default(),
            line: step.place.map_or(0, |place| place.line),
            place: step.place.as_ref().map(range).unwrap_or_default(),
        }
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Listener => "Listener",
        Stage::FilterChain => "Filter chain",
        Stage::VirtualHost => "Virtual host",
        Stage::Route => "Route",
        Stage::Filter => "Filter",
        Stage::Cluster => "Cluster",
        Stage::Endpoint => "Endpoint",
        Stage::Response => "Response",
        Stage::Service => "Service",
        Stage::Policy => "Policy",
        Stage::AccessLog => "Access log",
    }
}

pub(super) fn range(place: &Place) -> String {
    format!("{}:{}-{}:{}", place.line, place.column, place.end_line, place.end_column)
}

pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.4}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}
