//! The same request on a real Envoy: the panel with both answers, and how somebody who waits is kept informed.

use askama::Template;
use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde_json::json;
use tracing::Instrument;

use super::{
    body::Sent,
    form::Form,
    page::{self, Opened},
    view::{hop_title, percent},
};
use crate::{
    replay::{REQUEST_NOISE, RESPONSE_NOISE},
    web::{
        AppState, Error, event_stream,
        middleware::session::Session,
        page::Visitor,
        replays::{Availability, HopReplay, NamedShare, Place, Progress, ReplayReport, Replays, SideReport},
        simulation::{Rehearsal, Setup},
    },
};

/// A list that is longer is cut.
const MOST_NAMED: usize = 6;
/// So many headers are shown of each kind.
const MOST_HEADERS: usize = 12;

/// The panel. `results.replay` is its place in all templates.
#[derive(Default)]
pub(super) struct ReplayPanelView {
    pub is_open: bool,
    pub is_ready: bool,
    pub is_off: bool,
    pub fault: Option<String>,
    pub replay: Option<ReplayView>,
}

pub(super) struct ReplayView {
    pub verdict: Verdict,
    pub words: String,
    pub hops: Vec<HopView>,
    pub omitted: usize,
}

/// How two answers compare.
#[derive(Clone, Copy)]
pub(super) struct Verdict {
    pub class: &'static str,
    pub word: &'static str,
}

pub(super) struct HopView {
    pub title: String,
    pub verdict: Verdict,
    pub differences: Vec<String>,
    pub not_compared: Vec<String>,
    pub rows: Vec<RowView>,
    pub is_replayed: bool,
}

pub(super) struct RowView {
    pub what: String,
    pub computed: String,
    pub real: String,
}

/// What came of it.
pub(super) type Replayed = Result<ReplayReport, Error>;

#[derive(Template)]
#[template(path = "playground/_replay.html")]
struct ReplayFragment {
    results: JustReplay,
}

struct JustReplay {
    replay: ReplayPanelView,
}

/// The page with the answer of the real Envoy; for the script the panel alone, after word of how it stands.
pub(super) async fn create(State(state): State<AppState>, session: Session, visitor: Visitor, headers: HeaderMap, Sent(form): Sent) -> Result<Response, Error> {
    if let Some(reason) = state.replays.refusal() {
        return Err(Error::Unavailable(reason.into()));
    }
    let form = form.normalized();
    let is_stream = event_stream::is_wanted(&headers);
    let opened = |form, replayed| Opened { is_sent: true, replayed, ..Opened::asked_for(form) };
    let rehearsal = match rehearse(&state, &form).await? {
        Ok(rehearsal) => rehearsal,
        Err(message) if is_stream => return Err(Error::Unprocessable(message)),
        // The page says what is wrong with the form.
        Err(_) => return page::respond(&state, visitor, opened(form, None)).await,
    };
    let place = state.replays.enter(&session);
    if is_stream {
        return Ok(events(state, place?, rehearsal));
    }
    let replayed = match place {
        Ok(place) => state.replays.replay(place, rehearsal, |_| {}).await,
        Err(error) => Err(error),
    };
    match replayed {
        Err(error @ Error::Internal(_)) => Err(error),
        // Nothing typed is lost: the page comes back with the reason.
        Err(error) => {
            let status = error.status();
            let retry = error.retry_after().map(|seconds| [("retry-after", seconds.to_string())]);
            Ok((status, retry, page::respond(&state, visitor, opened(form, Some(Err(error)))).await?).into_response())
        }
        replayed => page::respond(&state, visitor, opened(form, Some(replayed))).await,
    }
}

/// What the form asks for, or why it cannot be sent.
async fn rehearse(state: &AppState, form: &Form) -> Result<Result<Rehearsal, String>, Error> {
    if form.asks_nothing() {
        return Ok(Err("there is no request to replay: choose who calls, and write a URL".into()));
    }
    let request = match form.request() {
        Ok(request) => request,
        Err(fault) => return Ok(Err(format!("the field “{}” cannot be used: {}", fault.field, fault.message))),
    };
    let switches = match form.switches() {
        Ok(switches) => switches,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let setup = Setup { world: form.world.clone(), switches, text: form.yaml.clone() };
    let Some(rehearsal) = state.simulator.rehearse(setup, request).await? else { return Ok(Err(format!("there is no world {:?}", form.world))) };
    Ok(rehearsal.map_err(|error| error.to_string()))
}

/// Tells how it stands until it ends, and gives up where nobody listens any more.
fn events(state: AppState, place: Place, rehearsal: Rehearsal) -> Response {
    let (events, response) = event_stream::open();
    let teller = events.clone();
    let tell = move |progress| match progress {
        Progress::Behind(before) => teller.tell("queued", &json!({"before": before})),
        Progress::Runs => teller.tell("runs", &json!({})),
    };
    let work = async move {
        let replayed = tokio::select! {
            replayed = state.replays.replay(place, rehearsal, tell) => replayed,
            () = events.abandoned() => return,
        };
        if let Err(Error::Internal(cause)) = &replayed {
            tracing::error!("{cause:#}");
        }
        let fragment = ReplayFragment { results: JustReplay { replay: ReplayPanelView::of(&state.replays, Some(replayed)) } };
        match fragment.render() {
            Ok(html) => events.end("done", &json!({"html": html})).await,
            Err(error) => tracing::error!(%error, "a replay cannot be shown"),
        }
    };
    tokio::spawn(work.in_current_span());
    response
}

impl ReplayPanelView {
    pub fn of(replays: &Replays, replayed: Option<Replayed>) -> Self {
        let is_open = replayed.is_some();
        let (replay, fault) = match replayed {
            None => (None, None),
            Some(Ok(report)) => (Some(ReplayView::of(report)), None),
            Some(Err(error)) => (None, Some(message(&error))),
        };
        Self { is_open, is_ready: replays.availability() == Availability::Ready, is_off: replays.availability() == Availability::Off, fault, replay }
    }

    /// In one line, for those who do not look at the panel.
    pub fn said(&self) -> String {
        match (&self.replay, &self.fault) {
            (Some(replay), _) => replay.words.clone(),
            (None, Some(fault)) => format!("Nothing was replayed: {fault}."),
            (None, None) => String::new(),
        }
    }
}

fn message(error: &Error) -> String {
    match error {
        Error::TooManyRequests { .. } => format!("too many replays; wait {} seconds", error.retry_after().unwrap_or(1)),
        error => error.public_message().unwrap_or("something broke on our side; it has been logged").to_owned(),
    }
}

impl Verdict {
    fn of(agrees: Option<bool>) -> Self {
        let (class, word) = match agrees {
            Some(true) => ("badge badge-good", "agrees"),
            Some(false) => ("badge badge-bad", "differs"),
            None => ("badge badge-plain", "not replayed"),
        };
        Self { class, word }
    }
}

impl ReplayView {
    fn of(report: ReplayReport) -> Self {
        let real = report.hops.iter().filter(|hop| hop.agrees.is_some()).count();
        let words = match report.agrees {
            Some(true) if real == 1 => "The real Envoy does what was computed.".to_owned(),
            Some(true) => format!("The real Envoys do what was computed, at each of the {real} proxies."),
            Some(false) => "The real Envoy does something else than was computed.".to_owned(),
            None => "Nothing on this way could be replayed.".to_owned(),
        };
        let hops = report.hops.into_iter().enumerate().map(|(at, hop)| HopView::of(at + 1, hop)).collect();
        Self { verdict: Verdict::of(report.agrees), words, hops, omitted: report.omitted }
    }
}

impl HopView {
    fn of(number: usize, hop: HopReplay) -> Self {
        Self {
            title: hop_title(number, hop.role, &hop.proxy),
            verdict: Verdict::of(hop.agrees),
            rows: rows(&hop.computed, hop.real.as_ref()),
            is_replayed: hop.real.is_some(),
            differences: hop.differences,
            not_compared: hop.not_compared,
        }
    }
}

/// What both say, line by line; what neither says is left out.
fn rows(computed: &SideReport, real: Option<&SideReport>) -> Vec<RowView> {
    let both = |what: &str, tell: &dyn Fn(&SideReport) -> String| RowView {
        what: what.to_owned(),
        computed: tell(computed),
        real: real.map(tell).unwrap_or_default(),
    };
    let mut rows = vec![
        both("Ends with", &ends),
        both("Answered by", &|side| named(side.endpoints.iter().map(|endpoint| if endpoint.pod.is_empty() { &endpoint.endpoint } else { &endpoint.pod }))),
        both("Arrives as", &|side| side.arrived.as_ref().map(|it| format!("{} {} for {}", it.method, it.path, it.authority)).unwrap_or_default()),
    ];
    rows.extend(headers("Answer:", computed, real, RESPONSE_NOISE, |side| Some(&side.headers)));
    rows.extend(headers("Arrives with", computed, real, REQUEST_NOISE, |side| side.arrived.as_ref().map(|it| &it.headers)));
    rows.extend([
        both("Listener", &|side| side.listener.clone()),
        both("Filter chain", &|side| side.filter_chain.clone()),
        both("Virtual host", &|side| side.virtual_host.clone()),
        both("Route", &|side| side.route.clone()),
        both("Cluster", &|side| shares(&side.clusters)),
        both("Copies to", &|side| shares(&side.mirrors)),
        both("Requests", &|side| side.requests.filter(|count| *count > 1).map(|count| count.to_string()).unwrap_or_default()),
    ]);
    rows.retain(|row| !row.computed.is_empty() || !row.real.is_empty());
    rows
}

/// Headers that one of them tells. Those that every Envoy sets of itself are told where the engine computes another value.
fn headers<'a>(
    whose: &str,
    computed: &'a SideReport,
    real: Option<&'a SideReport>,
    noise: &[&str],
    of: impl Fn(&'a SideReport) -> Option<&'a std::collections::BTreeMap<String, String>>,
) -> Vec<RowView> {
    let (computed, real) = (of(computed), real.and_then(&of));
    let mut names: Vec<&String> = computed.into_iter().chain(real).flat_map(|headers| headers.keys()).collect();
    names.sort();
    names.dedup();
    let value = |headers: Option<&std::collections::BTreeMap<String, String>>, name: &str| headers.and_then(|headers| headers.get(name)).cloned();
    names
        .into_iter()
        .filter(|name| !noise.contains(&name.as_str()) || value(computed, name).is_some_and(|wanted| value(real, name).is_some_and(|got| got != wanted)))
        .take(MOST_HEADERS)
        .map(|name| RowView {
            what: format!("{whose} {name}"),
            computed: value(computed, name).unwrap_or_else(|| "–".into()),
            real: value(real, name).unwrap_or_else(|| "–".into()),
        })
        .collect()
}

/// Status and flags, or why there is none.
fn ends(side: &SideReport) -> String {
    let mut parts: Vec<String> = side.statuses.iter().map(|one| share(one.status.to_string(), one.share)).collect();
    if let Some(error) = side.error {
        parts.push(serde_json::to_value(error).ok().and_then(|word| Some(word.as_str()?.replace('_', " "))).unwrap_or_default());
    }
    if parts.is_empty() {
        parts.push("passed on".into());
    }
    let flags = if side.flags.is_empty() { String::new() } else { format!(" ({})", side.flags.join(", ")) };
    parts.join(", ") + &flags
}

fn share(name: String, share: f64) -> String {
    if share > 1.0 - 1e-9 { name } else { format!("{name} {}", percent((share * 1000.0).round() / 1000.0)) }
}

fn shares(all: &[NamedShare]) -> String {
    named(all.iter().map(|one| share(one.name.clone(), one.share)))
}

fn named(all: impl Iterator<Item = impl ToString>) -> String {
    let all: Vec<String> = all.map(|one| one.to_string()).collect();
    let more = if all.len() > MOST_NAMED { format!(" and {} more", all.len() - MOST_NAMED) } else { String::new() };
    all.into_iter().take(MOST_NAMED).collect::<Vec<_>>().join(", ") + &more
}
