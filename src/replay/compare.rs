//! Sets what was seen beside what was computed. What cannot be compared is said, never passed over.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    endpoints::Endpoints,
    headers,
    journal::Line,
    observe::{Sample, is_certain},
    side::Side,
};
use crate::engine::{
    envoy::{Call, CallError, Outcome, Run},
    xds::ProxyConfig,
};

/// A share that is off by more than this many standard deviations differs; a right one does so once in 500 million replays.
const DEVIATIONS: f64 = 6.0;

/// Requests among which one of each kind that counts can be expected.
pub(super) const ENOUGH: usize = 50;

/// The two answers to a call and what they differ in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The call's name.
    pub name: String,
    /// Whether they are the same; none where nothing could be replayed.
    pub agrees: Option<bool>,
    /// What differs, in words.
    pub differences: Vec<String>,
    /// What the engine says.
    pub computed: Side,
    /// What the real Envoy did; none where nothing was replayed.
    pub real: Option<Side>,
    /// What was not compared, and why.
    pub not_compared: Vec<String>,
}

impl Comparison {
    /// Says more that was not compared.
    pub(super) fn with_note(mut self, note: String) -> Self {
        self.not_compared.push(note);
        self
    }

    /// A call that cannot be replayed.
    pub fn impossible(outcome: &Outcome, reason: String) -> Self {
        Self { agrees: None, not_compared: vec![reason], ..Self::of(outcome) }
    }

    /// A configuration that the real Envoy does not take.
    pub(super) fn refused(outcome: &Outcome, reason: &str) -> Self {
        Self { agrees: Some(false), differences: vec![format!("the real Envoy refuses the configuration: {reason}")], ..Self::of(outcome) }
    }

    fn of(outcome: &Outcome) -> Self {
        Self { name: outcome.name.clone(), agrees: None, differences: Vec::new(), computed: Side::computed(outcome), real: None, not_compared: Vec::new() }
    }
}

/// Compares a call's samples with its outcome.
pub(super) fn compare(config: &ProxyConfig, call: &Call, outcome: &Outcome, samples: &[Sample], notes: &BTreeSet<String>) -> Comparison {
    let mut comparison = Comparison::of(outcome);
    // What client and backend say to each other inside a connection that is passed on unread is none of the proxy's.
    let is_opaque = outcome.response.statuses.is_empty() && samples.iter().all(Sample::is_unread);
    let samples: &[Sample] = if is_opaque { &samples.iter().cloned().map(Sample::without_content).collect::<Vec<_>>() } else { samples };
    let mut seen = Side::seen(call, samples, &comparison.computed, outcome.response.status);
    let clusters = Endpoints::new(config, call, outcome);
    seen.mirrors = clusters.copies(call, samples);
    let is_tied = matches!(outcome.error, Some(CallError::TlsError | CallError::MtlsError)) && samples.iter().all(Sample::is_turned_away);
    if is_tied {
        (seen.error, seen.flags) = (outcome.error, comparison.computed.flags.clone());
    }
    let mut judge = Judge { differences: Vec::new(), not_compared: notes.iter().cloned().collect(), samples: samples.len() };
    if is_tied {
        judge.not_compared.push("which failure closes the connection: the handshake fails, and there is nobody to pass it on to".into());
    }
    judge.way(&comparison.computed, &seen);
    if call.repeat.is_some() || call.concurrency.is_some() {
        judge.runs(outcome, &comparison.computed, &seen, call);
    } else {
        judge.shares("status", &comparison.computed.statuses, &seen.statuses);
        judge.clusters(config, outcome, samples);
        judge.closings(call, outcome, samples);
        judge.endpoint_shares(call, outcome, samples);
        judge.flags(outcome, &comparison.computed, &seen);
        judge.response_headers(&comparison.computed, &seen);
        judge.upstream(call, &comparison.computed, samples, &mut seen);
    }
    judge.shares("copies to", &comparison.computed.mirrors, &seen.mirrors);
    judge.endpoints(&clusters.allowed(call, &comparison.computed), &seen);
    comparison.agrees = Some(judge.differences.is_empty());
    comparison.differences = judge.differences;
    comparison.not_compared = judge.not_compared;
    comparison.real = Some(seen);
    comparison
}

pub(super) struct Judge {
    pub(super) differences: Vec<String>,
    not_compared: Vec<String>,
    pub(super) samples: usize,
}

impl Judge {
    /// Listener, filter chain, route and how it ended.
    fn way(&mut self, computed: &Side, seen: &Side) {
        let error = |error: Option<CallError>| error.map_or_else(|| "none".to_owned(), |error| word(&error));
        self.words("error", &error(computed.error), &error(seen.error));
        self.words("listener", &computed.listener, &seen.listener);
        self.words("filter chain", &computed.filter_chain, &seen.filter_chain);
        // Where no request was read, the engine names where it would have gone; a real Envoy does not get there.
        if seen.route_config.is_empty() {
            if !computed.route_config.is_empty() {
                self.not_compared.push("route configuration and virtual host: the connection does not get as far".into());
            }
            return;
        }
        // The journal names the route configuration of the chain even where nothing could be read of a request.
        if computed.error == Some(CallError::TlsError) && seen.virtual_host.is_empty() {
            return;
        }
        self.words("route configuration", &computed.route_config, &seen.route_config);
        if seen.virtual_host.is_empty() && seen.error.is_none() && !computed.virtual_host.is_empty() {
            self.not_compared.push("virtual host and route: Envoy answers before it has looked for them".into());
            return;
        }
        self.words("virtual host", &computed.virtual_host, &seen.virtual_host);
        self.words("route", &computed.route, &seen.route);
    }

    /// Where chance decides, the flags belong to one of the ways in which it may, and some must have gone that way.
    fn flags(&mut self, outcome: &Outcome, computed: &Side, seen: &Side) {
        let (wanted, got) = (sorted(&computed.flags), sorted(&seen.flags));
        if wanted != got && !is_certain(outcome) && self.samples < ENOUGH {
            self.not_compared.push(format!("response flags: {} are too few to see all that chance may do", self.requests()));
        } else {
            self.words("response flags", &wanted, &got);
        }
    }

    fn endpoints(&mut self, allowed: &[String], seen: &Side) {
        for endpoint in seen.endpoints.iter().filter(|endpoint| !allowed.contains(endpoint)) {
            self.differences.push(format!("endpoint: a request arrived at {endpoint}, computed: {}", told(allowed)));
        }
    }

    fn words(&mut self, what: &str, computed: &str, seen: &str) {
        if computed != seen {
            self.differences.push(format!("{what}: computed {}, real {}", quoted(computed), quoted(seen)));
        }
    }

    pub(super) fn shares<K: Ord + ToString + Clone>(&mut self, what: &str, computed: &BTreeMap<K, f64>, seen: &BTreeMap<K, f64>) {
        let keys: BTreeSet<&K> = computed.keys().chain(seen.keys()).collect();
        for key in keys {
            let (computed, seen) = (computed.get(key).copied().unwrap_or(0.0), seen.get(key).copied().unwrap_or(0.0));
            if self.is_off(computed, seen) {
                self.differences.push(format!("{what} {}: computed {}, real {} of {}", key.to_string(), percent(computed), percent(seen), self.requests()));
            }
        }
    }

    fn is_off(&self, computed: f64, seen: f64) -> bool {
        let samples = self.samples.max(1) as f64;
        let tolerance = DEVIATIONS * (samples * computed * (1.0 - computed)).max(0.0).sqrt() + 1e-6;
        (seen - computed).abs() * samples > tolerance
    }

    fn requests(&self) -> String {
        if self.samples == 1 { "1 request".into() } else { format!("{} requests", self.samples) }
    }

    /// Clusters are known where a request got to the router; those that do not exist are only known as such.
    fn clusters(&mut self, config: &ProxyConfig, outcome: &Outcome, samples: &[Sample]) {
        const NONE: &str = "that does not exist";
        let exists = |name: &str| config.clusters.iter().any(|cluster| cluster.name == name);
        let mut seen: BTreeMap<String, f64> = BTreeMap::new();
        let mut known = 0_usize;
        for sample in samples {
            let is_missing = sample.request.as_ref().is_some_and(Line::misses_cluster);
            let Some(name) = sample.cluster().or(is_missing.then_some(NONE)) else { continue };
            known += 1;
            *seen.entry(if exists(name) { name } else { NONE }.to_owned()).or_default() += 1.0;
        }
        let has_no_handshake = matches!(outcome.error, Some(CallError::TlsError | CallError::MtlsError));
        // Filters of connections decide by the first bytes; the TCP proxy behind them chooses as soon as somebody connects.
        let is_closed = outcome.error == Some(CallError::ConnectionClosed) && outcome.clusters.is_empty();
        if known == 0 || has_no_handshake || is_closed {
            if is_closed && known > 0 {
                self.not_compared.push("the cluster: a real Envoy has chosen one when the connection is closed, and nothing gets there".into());
            } else if !outcome.clusters.is_empty() {
                self.not_compared.push("the cluster: no request got as far as the router".into());
            }
            return;
        }
        if known < samples.len() && outcome.clusters.iter().any(|cluster| !exists(&cluster.name)) {
            self.not_compared.push("the cluster: one that does not exist is seen only when the router looks for it".into());
            return;
        }
        for count in seen.values_mut() {
            *count /= known as f64;
        }
        let mut computed: BTreeMap<String, f64> = BTreeMap::new();
        for cluster in &outcome.clusters {
            *computed.entry(if exists(&cluster.name) { cluster.name.clone() } else { NONE.to_owned() }).or_default() += cluster.share;
        }
        let all = std::mem::replace(&mut self.samples, known);
        self.shares("cluster", &computed, &seen);
        self.samples = all;
    }

    fn response_headers(&mut self, computed: &Side, seen: &Side) {
        if seen.statuses.is_empty() {
            return;
        }
        self.differences.extend(headers::differences("response header", &computed.headers, &seen.headers, headers::RESPONSE_NOISE));
    }

    /// The request as a backend saw it. Where chance decides, one sample that looks as computed is enough: which cluster the
    /// computed one went to is not known.
    fn upstream(&mut self, call: &Call, computed: &Side, samples: &[Sample], seen: &mut Side) {
        let Some(wanted) = &computed.upstream else {
            if let Some(request) = &seen.upstream {
                self.differences.push(format!("backend: computed none is reached, real {} {} arrived", request.method, request.path));
            }
            return;
        };
        let status = seen.statuses.keys().copied().find(|status| computed.statuses.contains_key(status));
        let candidates = samples.iter().filter(|sample| status.is_none() || sample.status().is_some_and(|status| computed.statuses.contains_key(&status)));
        let arrived: Vec<_> = candidates.filter_map(|sample| sample.arrivals().last()?.request.as_ref()).collect();
        let mut wanted = wanted.clone();
        let is_scripted_by_endpoint = call.upstream.as_ref().is_some_and(|upstream| !upstream.by_endpoint.is_empty());
        if is_scripted_by_endpoint && wanted.headers.remove(headers::ATTEMPTS).is_some() {
            self.not_compared.push("how many attempts it took: chance decides which endpoint is asked first".into());
        }
        if samples.iter().any(|sample| sample.arrivals().count() > 1) && wanted.headers.remove(headers::TIME_LEFT).is_some() {
            self.not_compared.push(format!("{}: at a later attempt it tells the time that is left", headers::TIME_LEFT));
        }
        let judged: Vec<_> = arrived.into_iter().map(|request| (headers::request_differences(&wanted, request), request)).collect();
        match judged.into_iter().min_by_key(|(differences, _)| differences.len()) {
            Some((differences, request)) => {
                self.differences.extend(differences);
                seen.upstream = Some(request.clone());
                let own = headers::noise_in(&request.headers, headers::REQUEST_NOISE, &call.headers);
                if !own.is_empty() {
                    self.not_compared.push(format!("request headers that Envoy sets of itself: {}", own.join(", ")));
                }
            }
            None if samples.iter().any(|sample| sample.arrivals().next().is_some()) => {
                self.not_compared.push("the request as the backend saw it: what arrived is no HTTP to it".into());
            }
            None => self.differences.push(format!("backend: computed {} {} arrives, real none is reached", wanted.method, wanted.path)),
        }
    }

    fn runs(&mut self, outcome: &Outcome, computed: &Side, seen: &Side, call: &Call) {
        let (Some(wanted), Some(got)) = (&computed.runs, &seen.runs) else { return };
        if !is_certain(outcome) && outcome.clusters.len() > 1 {
            self.not_compared.push("the order of the runs: chance decides where each goes".into());
        }
        let in_order = !has_races(call) && outcome.clusters.len() <= 1;
        let line = |run: &Run| {
            let status = run.status.map_or_else(|| "closed".to_owned(), |status| status.to_string());
            format!("{status} {} {} attempts", sorted(&run.flags), run.attempts).replace("  ", " ")
        };
        let (mut wanted, mut got): (Vec<String>, Vec<String>) = (wanted.iter().map(line).collect(), got.iter().map(line).collect());
        if !in_order {
            wanted.sort();
            got.sort();
        }
        if wanted.len() != got.len() {
            self.differences.push(format!("runs: computed {}, real {}", wanted.len(), got.len()));
        }
        // Which of the backends each run meets is chance, so that only how many go which way is known.
        if call.repeat.is_some() && has_races(call) && call.concurrency.is_none_or(|together| together < 2) && got.len() >= ENOUGH {
            self.shares("runs that end as", &parts(&wanted), &parts(&got));
            return;
        }
        let first = wanted.iter().zip(&got).position(|(wanted, got)| wanted != got);
        if let Some(at) = first {
            let count = wanted.iter().zip(&got).filter(|(wanted, got)| wanted != got).count();
            self.differences.push(format!("run {}: computed {}, real {} ({count} of {} differ)", at + 1, wanted[at], got[at], wanted.len()));
        }
    }
}

/// The share of each in a list.
fn parts(list: &[String]) -> BTreeMap<String, f64> {
    list.iter().fold(BTreeMap::new(), |mut parts, entry| {
        *parts.entry(entry.clone()).or_default() += 1.0 / list.len() as f64;
        parts
    })
}

/// Whether requests of a call race each other, or chance decides which backend's behaviour each of them meets.
pub(super) fn has_races(call: &Call) -> bool {
    call.concurrency.is_some_and(|together| together > 1)
        || call.repeat.is_some() && call.upstream.as_ref().is_some_and(|upstream| !upstream.by_endpoint.is_empty())
}

fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn sorted(flags: &[String]) -> String {
    let mut flags = flags.to_vec();
    flags.sort();
    flags.join(",")
}

fn quoted(text: &str) -> String {
    if text.is_empty() { "none".into() } else { text.to_owned() }
}

fn told(list: &[String]) -> String {
    if list.is_empty() { "none".into() } else { list.join(", ") }
}

/// `12.5 %`.
pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.2}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
