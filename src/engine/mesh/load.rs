//! Several requests with stated answers of the backends: what retries, time limits, circuit breakers and outlier detection make of them.

use std::collections::BTreeMap;

use super::{Hop, HopRole, Journey, Scene, names};
use crate::engine::{
    cluster::Cluster,
    diagnostic::closest,
    duration::Duration,
    envoy::{self, Answer, Behaviour, Failure, Outcome, Timeline, Upstream},
};

/// So many requests are sent at most, over all rounds; the proxy's own bound is the same.
pub const MOST_REQUESTS: u32 = 1000;
/// So many answers, or delays, are stated for one backend.
const MOST_STATED: usize = 1000;
/// So many backends are told apart.
const MOST_BACKENDS: usize = 100;
/// No delay or pause is longer.
const LONGEST_SECONDS: f64 = 86_400.0;

/// What is sent, and how the backends behave, as somebody writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    /// How many rounds, one after another; 0 counts as 1.
    pub repeat: u32,
    /// How many requests at once in each; 0 counts as 1.
    pub concurrency: u32,
    /// Between rounds, for example `500ms`; empty for none.
    pub pause: String,
    /// What attempts get, one after another, the last one again and again: `503, 503, 200`, also `reset` and `refused`.
    /// Of one backend: `reviews-v1-a=503`. Several are parted by `;`.
    pub status: String,
    /// How long each answer takes, in the same form: `200ms`, `reviews-v1-a=2s`.
    pub delay: String,
}

/// What came of it at one proxy.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadRun {
    /// `pod.namespace` of the proxy that sends the requests to the backends.
    pub proxy: String,
    /// What it is on the way.
    pub role: HopRole,
    /// With its `runs`.
    pub outcome: Outcome,
    /// What happened when.
    pub timeline: Timeline,
    /// The pods at the endpoints that took part.
    pub pods: BTreeMap<String, String>,
}

impl LoadRun {
    /// What an endpoint is called: `reviews-v1-a (10.1.0.31:9080)`, or its address alone.
    pub fn name_of(&self, endpoint: &str) -> String {
        self.pods.get(endpoint).map_or_else(|| endpoint.to_owned(), |pod| format!("{pod} ({endpoint})"))
    }

    /// How many runs ended with each status, as `2 × 200, 1 × 503`.
    pub fn tally(&self) -> String {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for run in self.outcome.runs.iter().flatten() {
            let flags = if run.flags.is_empty() { String::new() } else { format!(" {}", run.flags.join(",")) };
            let status = run.status.map_or_else(|| "closed".to_owned(), |status| status.to_string());
            *counts.entry(status + &flags).or_default() += 1;
        }
        counts.into_iter().map(|(end, count)| format!("{count} × {end}")).collect::<Vec<_>>().join(", ")
    }
}

/// Why a load cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LoadError {
    /// The field of [`Load`].
    pub field: &'static str,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Scene {
    /// Sends a load the way of a journey: through the proxy that sends requests to the backends. None where no proxy does.
    pub fn load(&self, journey: &Journey, load: &Load) -> Result<Option<LoadRun>, LoadError> {
        let upstream = load.upstream(&self.cluster)?;
        let pause = load.pause()?;
        let (repeat, concurrency) = (load.repeat.max(1), load.concurrency.max(1));
        if repeat.saturating_mul(concurrency) > MOST_REQUESTS {
            let field = if concurrency > MOST_REQUESTS { "concurrency" } else { "repeat" };
            let message = format!("{repeat} rounds of {concurrency} are more than the {MOST_REQUESTS} requests that are followed; ask for fewer");
            return Err(LoadError { field, message });
        }
        let is_sender = |hop: &&Hop| matches!(hop.role, HopRole::ClientSidecar | HopRole::IngressGateway | HopRole::Gateway | HopRole::Waypoint);
        let Some(hop) = journey.hops.iter().rfind(is_sender) else { return Ok(None) };
        let Some(config) = self.config_of(hop) else { return Ok(None) };
        let mut call = hop.call.clone();
        call.repeat = Some(repeat);
        call.concurrency = Some(concurrency);
        call.pause = pause;
        call.upstream = Some(upstream);
        let mut outcome = envoy::run(&config, &call);
        let Some(timeline) = outcome.timeline.take() else { return Ok(None) };
        let endpoints = timeline.moments.iter().map(|moment| &moment.endpoint).filter(|endpoint| !endpoint.is_empty());
        let mut pods = BTreeMap::new();
        for endpoint in endpoints {
            if !pods.contains_key(endpoint)
                && let Some(pod) = endpoint.rsplit_once(':').and_then(|(address, _)| names::workload_at(&self.cluster, address))
            {
                pods.insert(endpoint.clone(), pod.resource.metadata.name.to_string());
            }
        }
        Ok(Some(LoadRun { proxy: hop.proxy.clone(), role: hop.role, outcome, timeline, pods }))
    }
}

impl Load {
    /// Whether nothing is stated: one request to backends that answer at once.
    pub fn is_plain(&self) -> bool {
        self.repeat <= 1 && self.concurrency <= 1 && [&self.pause, &self.status, &self.delay].iter().all(|text| text.trim().is_empty())
    }

    fn pause(&self) -> Result<Option<Duration>, LoadError> {
        let text = self.pause.trim();
        if text.is_empty() { Ok(None) } else { duration(text, "pause").map(Some) }
    }

    fn upstream(&self, cluster: &Cluster) -> Result<Upstream, LoadError> {
        let mut upstream = Upstream::default();
        for (backend, status) in stated(&self.status, "status", cluster, answer)? {
            match backend {
                None => upstream.status = status,
                Some(address) => upstream.by_endpoint.entry(address).or_default().status = status,
            }
        }
        for (backend, delay) in stated(&self.delay, "delay", cluster, |text| duration(text, "delay"))? {
            match backend {
                None => upstream.delay = delay,
                Some(address) => upstream.by_endpoint.entry(address).or_default().delay = delay,
            }
        }
        // A backend that is told apart in one respect is as all others in the other.
        let (status, delay) = (upstream.status.clone(), upstream.delay.clone());
        for Behaviour { status: own_status, delay: own_delay, .. } in upstream.by_endpoint.values_mut() {
            if own_status.is_empty() {
                own_status.clone_from(&status);
            }
            if own_delay.is_empty() {
                own_delay.clone_from(&delay);
            }
        }
        Ok(upstream)
    }
}

/// Lists by backend; none for all others.
type Stated<T> = Vec<(Option<String>, Vec<T>)>;

fn stated<T>(text: &str, field: &'static str, cluster: &Cluster, read: impl Fn(&str) -> Result<T, LoadError>) -> Result<Stated<T>, LoadError> {
    let mut found = Vec::new();
    for entry in text.split([';', '\n']).map(str::trim).filter(|entry| !entry.is_empty()) {
        let (backend, list) = match entry.split_once('=') {
            Some((backend, list)) => (Some(address(cluster, backend.trim(), field)?), list),
            None => (None, entry),
        };
        let items = || list.split([',', ' ']).filter(|item| !item.is_empty());
        if items().count() > MOST_STATED || found.len() == MOST_BACKENDS {
            let message = format!("that is too much: {MOST_BACKENDS} backends and {MOST_STATED} entries for each are read; the last entry of a list repeats");
            return Err(LoadError { field, message });
        }
        found.push((backend, items().map(&read).collect::<Result<_, _>>()?));
    }
    Ok(found)
}

/// The address of a pod by its name, with its namespace or without; or the address itself.
fn address(cluster: &Cluster, backend: &str, field: &'static str) -> Result<String, LoadError> {
    if backend.parse::<std::net::IpAddr>().is_ok() {
        return Ok(backend.to_owned());
    }
    let pods = || names::workloads(cluster).filter(|workload| !workload.pod.status.pod_ip.is_empty());
    let is_meant = |workload: &names::Workload<'_>| workload.resource.metadata.name == backend || workload.id() == backend;
    if let Some(workload) = pods().find(is_meant) {
        return Ok(workload.pod.status.pod_ip.clone());
    }
    let known: Vec<&str> = pods().map(|workload| workload.resource.metadata.name.as_str()).collect();
    let near = closest(backend, known).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
    Err(LoadError { field, message: format!("there is no pod {backend:?} with an address{near}") })
}

fn answer(text: &str) -> Result<Answer, LoadError> {
    match text {
        "reset" => return Ok(Answer::Failure(Failure::Reset)),
        "refused" => return Ok(Answer::Failure(Failure::Refused)),
        _ => {}
    }
    let status = text.parse::<u16>().ok().filter(|status| (200..600).contains(status));
    status.map(Answer::Status).ok_or_else(|| LoadError {
        field: "status",
        message: format!("{:?} is no answer: write statuses from 200 to 599, reset or refused, for example 503, 503, 200", short(text)),
    })
}

fn duration(text: &str, field: &'static str) -> Result<Duration, LoadError> {
    let duration = Duration::parse(text).filter(|duration| (0.0..=LONGEST_SECONDS).contains(&duration.as_secs_f64()));
    duration.ok_or_else(|| LoadError { field, message: format!("{:?} is no span of time up to a day: write it as 200ms or 1.5s", short(text)) })
}

/// What is repeated of a text.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
