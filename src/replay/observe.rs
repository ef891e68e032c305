//! Sends a call as often as it takes and gathers what client, Envoy and stubs saw of it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{
    Bounds, ReplayError,
    client::{self, End, Security, Sent},
    journal::{self, Line},
    process::RealEnvoy,
    script::{Script, real},
    stub::Sighting,
    tokens::Token,
    tunnel,
};
use crate::engine::envoy::{Call, Mode, Outcome};

/// Between requests that are sent together: enough for Envoy to have connected for the one before, as the engine computes it, on a
/// machine that has other things to do as well where the answers leave time for that.
const APART: Duration = Duration::from_millis(3);
const MOST_APART: Duration = Duration::from_millis(25);
/// Between requests of which one may have an endpoint thrown out before the next.
const EJECTION: Duration = Duration::from_millis(25);
/// Mirrored requests are on their way when the client has its answer already; where each has a copy, it is known when all are there.
const MIRROR_PATIENCE: Duration = Duration::from_millis(300);
const SURE_MIRROR_PATIENCE: Duration = Duration::from_secs(3);

/// One request, from all sides.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) sent: Sent,
    /// What Envoy wrote down about the request, or about the connection that it passed on.
    pub(super) request: Option<Line>,
    /// What its listener wrote down.
    pub(super) connection: Option<Line>,
    /// Whether it came as far as a tunnel.
    pub(super) has_tunnel: bool,
    /// Where it arrived, attempt by attempt, mirrors included.
    pub(super) sightings: Vec<Sighting>,
}

impl Sample {
    /// Without what client and backend say to each other inside the connection.
    pub(super) fn without_content(mut self) -> Self {
        if let End::Reply { .. } = self.sent.end {
            self.sent.end = End::Connected;
        }
        self.sightings.iter_mut().for_each(|sighting| sighting.request = None);
        self
    }

    /// As the engine tells it: without the text of the token that was sent.
    fn without(mut self, token: &Token) -> Self {
        if let End::Reply { headers, .. } = &mut self.sent.end {
            for (_, value) in headers.iter_mut() {
                *value = token.hide(value);
            }
        }
        for request in self.sightings.iter_mut().filter_map(|sighting| sighting.request.as_mut()) {
            request.path = token.hide(&request.path);
            for value in request.headers.values_mut() {
                *value = token.hide(value);
            }
        }
        self
    }
}

/// How a call is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sampling {
    rounds: u32,
    together: u32,
    pause: Duration,
    /// How long copies are waited for; none where nobody gets any.
    mirrored: Option<Duration>,
    /// How long new rounds are begun, where their number is ours to choose.
    time: Option<Duration>,
}

/// As the call says where it repeats; else once, where that may do and nothing is left to chance, or often enough to see shares.
pub(super) fn sampling(call: &Call, outcome: &Outcome, bounds: &Bounds, once: bool) -> Sampling {
    let patience = if outcome.mirrors.iter().all(|mirror| is_whole(mirror.share)) { SURE_MIRROR_PATIENCE } else { MIRROR_PATIENCE };
    let mirrored = (!outcome.mirrors.is_empty()).then_some(patience);
    if call.repeat.is_none() && call.concurrency.is_none() {
        let rounds = if once && is_certain(outcome) && !chooses_endpoint(call, outcome, bounds) { 1 } else { bounds.samples.max(1) };
        return Sampling { rounds, together: 1, pause: Duration::ZERO, mirrored, time: Some(bounds.sampling_time) };
    }
    let together = call.concurrency.unwrap_or(1).clamp(1, bounds.requests);
    let rounds = call.repeat.unwrap_or(1).clamp(1, (bounds.requests / together).max(1));
    Sampling { rounds, together, pause: call.pause.map_or(Duration::ZERO, real), mirrored, time: None }
}

/// Whether one request shows all that can happen.
pub(super) fn is_certain(outcome: &Outcome) -> bool {
    outcome.clusters.len() <= 1 && outcome.response.statuses.len() <= 1 && outcome.mirrors.iter().all(|mirror| is_whole(mirror.share))
}

/// Whether it is chance, and one to be looked at, which endpoint gets a request.
fn chooses_endpoint(call: &Call, outcome: &Outcome, bounds: &Bounds) -> bool {
    let is_even = |shares: &[f64]| shares.iter().all(|share| (share - shares[0]).abs() < 1e-9);
    let mut several = outcome.clusters.iter().map(|cluster| cluster.endpoint_shares.as_slice()).filter(|shares| shares.len() > 1);
    call.upstream.is_none() && several.any(|shares| bounds.every_endpoint || !is_even(shares))
}

fn is_whole(share: f64) -> bool {
    share > 1.0 - 1e-9
}

/// Sends a call and looks.
pub(super) async fn observe(envoy: &RealEnvoy, call: &Call, sampling: Sampling) -> Result<Vec<Sample>, ReplayError> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let entry = envoy.entry(call.mode).ok_or_else(|| ReplayError::Unsafe("no listener takes the call".into()))?;
    let tunnel = if call.mode == Mode::Tunnel { envoy.certificates.client(&tunnel::outside(call))? } else { None };
    let security = &Security { inside: envoy.certificates.client(call)?, tunnel };
    let (call, token) = &envoy.tokens.put_into(call)?;
    envoy.authorizer.heed(call);
    envoy.stubs.play(Script::new(call.upstream.as_ref()));
    drop(envoy.stubs.take_seen());
    let mut sent: Vec<Sent> = Vec::new();
    let start = Instant::now();
    for round in 0..sampling.rounds {
        if round > 0 && sampling.time.is_some_and(|time| start.elapsed() > time) {
            break;
        }
        // An endpoint is thrown out by another thread of Envoy's than the one that saw it fail; the engine computes it as done.
        let has_failed = sent[sent.len().saturating_sub(sampling.together as usize)..].iter().any(|sent| sent.end.is_failure());
        let pause = if envoy.ejects() && has_failed { sampling.pause.max(EJECTION) } else { sampling.pause };
        if round > 0 && !pause.is_zero() {
            sleep(pause).await;
        }
        let ids: Vec<String> = (0..sampling.together).map(|_| NEXT.fetch_add(1, Ordering::Relaxed).to_string()).collect();
        let apart = apart(call, sampling.together);
        let requests = ids.iter().zip(0_u32..).map(|(id, at)| async move {
            if at > 0 {
                sleep(apart * at).await;
            }
            Box::pin(client::send(entry, call, security, id)).await
        });
        for one in join_all(requests.collect()).await {
            sent.push(one.map_err(ReplayError::machine("reach the Envoy that was started"))?);
        }
    }
    let lines = envoy.journal.wait_for(sent.iter().map(|sent| sent.port)).await;
    let mut sightings = envoy.stubs.take_seen();
    if let Some(patience) = sampling.mirrored {
        let until = Instant::now() + patience;
        while sightings.len() < 2 * sent.len() && Instant::now() < until {
            sleep(Duration::from_millis(5)).await;
            sightings.extend(envoy.stubs.take_seen());
        }
    }
    Ok(gather(sent, lines, sightings).into_iter().map(|sample| sample.without(token)).collect())
}

/// All are sent long before the first is answered, where that takes its time.
fn apart(call: &Call, together: u32) -> Duration {
    let first_answer = call.upstream.as_ref().and_then(|upstream| upstream.delay.first()).map_or(Duration::ZERO, |delay| real(*delay));
    (first_answer / (4 * together.max(1))).clamp(APART, MOST_APART)
}

/// A request is known by its name where Envoy could read it, else by the client's port, which comes again after a while.
fn gather(sent: Vec<Sent>, lines: Vec<Line>, sightings: Vec<Sighting>) -> Vec<Sample> {
    let mut named: BTreeMap<String, Line> = BTreeMap::new();
    let mut by_port: BTreeMap<(&str, u16), VecDeque<Line>> = BTreeMap::new();
    for line in lines {
        if let Some(id) = line.id.clone() {
            named.insert(id, line);
        } else if let Some(port) = line.port() {
            let kind = [journal::CONNECTION, journal::INSIDE, journal::TUNNEL].into_iter().find(|kind| *kind == line.kind).unwrap_or_default();
            by_port.entry((kind, port)).or_default().push_back(line);
        }
    }
    let mut by_id: BTreeMap<String, Vec<Sighting>> = BTreeMap::new();
    for sighting in sightings {
        by_id.entry(sighting.id.clone()).or_default().push(sighting);
    }
    let mut first = |kind: &'static str, port: u16| by_port.get_mut(&(kind, port)).and_then(VecDeque::pop_front);
    sent.into_iter()
        .map(|sent| {
            let outside = first(journal::CONNECTION, sent.port);
            Sample {
                request: named.remove(&sent.id).or_else(|| first("", sent.port)),
                // What is behind a tunnel has a listener of its own.
                connection: first(journal::INSIDE, sent.port).or(outside),
                has_tunnel: first(journal::TUNNEL, sent.port).is_some(),
                sightings: by_id.remove(&sent.id).unwrap_or_default(),
                sent,
            }
        })
        .collect()
}

/// Polls all until each is done; the results keep the order.
async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.into_iter().map(|future| Some(Box::pin(future))).collect();
    let mut done: Vec<Option<F::Output>> = pending.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        let mut is_ready = true;
        for (slot, result) in pending.iter_mut().zip(&mut done) {
            let Some(future) = slot else { continue };
            match future.as_mut().poll(context) {
                std::task::Poll::Ready(output) => {
                    *result = Some(output);
                    *slot = None;
                }
                std::task::Poll::Pending => is_ready = false,
            }
        }
        if is_ready { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
