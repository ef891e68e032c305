//! Requests on their way through retries, time limits, pools and outlier detection, event by event in simulated time.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use super::{
    Sending,
    backend::Backend,
    endpoints,
    outlier::{Evidence, Judgement},
    pool::{Admission, Pool},
    retry::{Ending, TriedPriorities},
};
use crate::engine::{
    envoy::{
        Answer, Failure, Upstream,
        timeline::{Ejection, Event as Happening, Moment, Timeline, span_text},
    },
    xds::ProxyConfig,
};

/// How a request ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::engine::envoy) struct Delivery {
    /// What the client gets.
    pub(in crate::engine::envoy) status: u16,
    /// Why Envoy answered itself or gave up.
    pub(in crate::engine::envoy) flags: Vec<&'static str>,
    /// Attempts made, whether they reached an endpoint or not.
    pub(in crate::engine::envoy) attempts: u32,
    /// The last endpoint that got the request and may have seen it.
    pub(in crate::engine::envoy) seen_by: Option<String>,
    /// The name that endpoint was looked up by.
    pub(in crate::engine::envoy) hostname: String,
    /// Whether the backend answered.
    pub(in crate::engine::envoy) is_answered: bool,
    /// The gRPC status of that answer.
    pub(in crate::engine::envoy) grpc_status: Option<u32>,
    /// In one sentence.
    pub(in crate::engine::envoy) reason: String,
}

/// A proxy's upstream side over the time of one call.
pub(in crate::engine::envoy) struct Simulation<'a> {
    config: &'a ProxyConfig,
    original_destination: String,
    backend: Backend<'a>,
    pools: BTreeMap<String, Pool<'a>>,
    now: i128,
    cursor: f64,
    /// Kept where somebody wants to see it.
    timeline: Option<Timeline>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Begin,
    Attempt,
    Answer { attempt: u32 },
    PerTryTimeout { attempt: u32 },
    Timeout,
}

#[derive(Debug, Default)]
struct Progress {
    attempts: u32,
    host: Option<usize>,
    tried: Vec<usize>,
    priorities: TriedPriorities,
    pending: bool,
    is_retry: bool,
    ending: Option<Ending>,
    outcome: Option<Delivery>,
    seen_by: Option<usize>,
}

type Queue = BinaryHeap<Reverse<(i128, usize, usize, Event)>>;

struct Batch<'s> {
    sendings: &'s [&'s Sending],
    /// What the timeline calls each.
    runs: &'s [usize],
    progress: Vec<Progress>,
    queue: Queue,
    order: usize,
}

impl Batch<'_> {
    fn schedule(&mut self, at: i128, request: usize, event: Event) {
        self.order += 1;
        self.queue.push(Reverse((at, self.order, request, event)));
    }
}

impl<'a> Simulation<'a> {
    /// `cursor`, 0 to 1, says where the load balancer stands in the row of endpoints.
    pub(in crate::engine::envoy) fn new(config: &'a ProxyConfig, upstream: Option<&'a Upstream>, original_destination: String, cursor: f64) -> Self {
        Self { config, original_destination, backend: Backend::new(upstream), pools: BTreeMap::new(), now: 0, cursor, timeline: None }
    }

    /// Keeps what happens from now on.
    pub(in crate::engine::envoy) fn watched(self) -> Self {
        Self { timeline: Some(Timeline::default()), ..self }
    }

    /// What has happened, where it was watched.
    pub(in crate::engine::envoy) fn into_timeline(self) -> Option<Timeline> {
        self.timeline
    }

    /// A request that the proxy answers itself, now.
    pub(in crate::engine::envoy) fn answer_itself(&mut self, run: usize, status: u16, reason: &str) {
        let moment = Moment { at_nanos: self.now, run, attempt: 0, event: Happening::Ended, endpoint: String::new(), reason: format!("{status}: {reason}") };
        self.timeline.iter_mut().for_each(|timeline| timeline.add(moment.clone()));
    }

    /// Lets time pass between requests.
    pub(in crate::engine::envoy) fn pause(&mut self, nanos: i128) {
        self.now += nanos.max(0);
    }

    /// Sends requests that start together, and waits for all of them. `runs`: what the timeline calls each.
    pub(in crate::engine::envoy) fn send(&mut self, sendings: &[&Sending], runs: &[usize]) -> Vec<Delivery> {
        let mut batch = Batch { sendings, runs, progress: sendings.iter().map(|_| Progress::default()).collect(), queue: Queue::new(), order: 0 };
        for (request, sending) in sendings.iter().enumerate() {
            batch.schedule(self.now + sending.delay_nanos.max(0), request, Event::Begin);
        }
        // Every request has a bounded number of attempts, and every attempt of events, so the queue runs dry.
        while let Some(Reverse((at, _, request, event))) = batch.queue.pop() {
            if batch.progress[request].outcome.is_some() {
                continue;
            }
            self.now = self.now.max(at);
            self.handle(&mut batch, request, event);
        }
        batch.progress.into_iter().map(|progress| progress.outcome.unwrap_or_default()).collect()
    }

    fn handle(&mut self, batch: &mut Batch<'_>, request: usize, event: Event) {
        let sending = batch.sendings[request];
        match event {
            Event::Begin => {
                if let Some(timeout) = sending.timeout_nanos {
                    batch.schedule(self.now + timeout, request, Event::Timeout);
                }
                self.happen(batch, request, Happening::Begun, None, || match sending.delay_nanos {
                    0 => "the request reaches the router".to_owned(),
                    delay => format!("the request reaches the router, delayed by {}", span_text(delay)),
                });
                self.attempt(batch, request);
            }
            Event::Attempt => self.attempt(batch, request),
            Event::Answer { attempt } => {
                if attempt == batch.progress[request].attempts
                    && let Some(ending) = batch.progress[request].ending.take()
                {
                    self.ended(batch, request, ending);
                }
            }
            Event::PerTryTimeout { attempt } => {
                if attempt == batch.progress[request].attempts && batch.progress[request].host.is_some() {
                    self.ended(batch, request, Ending::PerTryTimeout);
                }
            }
            Event::Timeout => {
                if let Some(host) = batch.progress[request].host {
                    self.leave(batch, request, host, Evidence::TooSlow);
                }
                self.reply(batch, request, 504, vec!["UT"], "the time for all attempts together ran out.".into());
            }
        }
    }

    fn attempt(&mut self, batch: &mut Batch<'_>, request: usize) {
        let sending = batch.sendings[request];
        let now = self.now;
        let Some(cluster) = endpoints::cluster(self.config, &sending.cluster) else {
            let reason = format!("there is no cluster {:?}.", sending.cluster);
            return self.reply(batch, request, sending.not_found_status, vec!["NC"], reason);
        };
        let (config, destination, cursor) = (self.config, &self.original_destination, self.cursor);
        let pool = self.pools.entry(sending.cluster.clone()).or_insert_with(|| Pool::new(cluster, endpoints::hosts(config, cluster, destination), cursor));
        let progress = &mut batch.progress[request];
        progress.attempts += 1;
        let avoid: &[usize] = if sending.retries.avoids_tried_hosts { &progress.tried } else { &[] };
        let passed_over = progress.priorities.next(sending.retries.avoids_tried_priorities, |tried| pool.has_other_priorities(now, tried));
        let Some(host) = pool.choose(now, avoid, passed_over) else {
            return self.reply(batch, request, 503, vec!["UH"], "the cluster has no healthy endpoint.".into());
        };
        progress.priorities.note(pool.priority(host));
        match pool.admit(host, request, sending.is_http2) {
            Admission::Now => {
                progress.host = Some(host);
                self.happen(batch, request, Happening::Sent, Some(host), String::new);
                self.reach(batch, request, host);
            }
            Admission::Pending => {
                progress.host = Some(host);
                progress.pending = true;
                let limits = pool.limits_text(sending.is_http2);
                self.happen(batch, request, Happening::Queued, Some(host), || format!("all connections are in use (limits: {limits})"));
                self.arm_per_try(batch, request);
            }
            Admission::Overflow => {
                let limits = pool.limits_text(sending.is_http2);
                self.happen(batch, request, Happening::Overflowed, Some(host), || limits);
                let reason = "a circuit breaker of the cluster is open: it has as many requests as its connection pool allows.";
                self.reply(batch, request, 503, vec!["UO"], reason.into());
            }
        }
    }

    /// The attempt gets its connection.
    fn reach(&mut self, batch: &mut Batch<'_>, request: usize, host: usize) {
        let Some(pool) = self.pools.get(&batch.sendings[request].cluster) else { return };
        let reaction = self.backend.react(pool.address(host));
        let progress = &mut batch.progress[request];
        let was_pending = std::mem::replace(&mut progress.pending, false);
        progress.tried.push(host);
        progress.ending = Some(match reaction.answer {
            Answer::Status(status) => Ending::Answered { status, grpc_status: reaction.grpc_status },
            Answer::Failure(failure) => Ending::Failed(failure),
        });
        if reaction.answer != Answer::Failure(Failure::Refused) {
            progress.seen_by = Some(host);
        }
        let attempt = progress.attempts;
        if was_pending {
            self.happen(batch, request, Happening::Sent, Some(host), || "a connection got free".to_owned());
        }
        let wait = if reaction.answer == Answer::Failure(Failure::Refused) { 0 } else { reaction.delay_nanos };
        batch.schedule(self.now + wait, request, Event::Answer { attempt });
        if !was_pending {
            self.arm_per_try(batch, request);
        }
    }

    fn arm_per_try(&self, batch: &mut Batch<'_>, request: usize) {
        let attempt = batch.progress[request].attempts;
        if let Some(timeout) = batch.sendings[request].per_try_timeout_nanos {
            batch.schedule(self.now + timeout, request, Event::PerTryTimeout { attempt });
        }
    }

    /// The attempt gives its connection, or its place in the queue, back.
    fn leave(&mut self, batch: &mut Batch<'_>, request: usize, host: usize, evidence: Evidence) {
        let name = &batch.sendings[request].cluster;
        let Some(pool) = self.pools.get_mut(name) else { return };
        batch.progress[request].host = None;
        if std::mem::replace(&mut batch.progress[request].pending, false) {
            pool.withdraw(host, request);
            return;
        }
        let judgement = pool.note(host, evidence, self.now);
        let next = pool.release(host);
        self.judged(batch, request, host, judgement);
        if let Some(next) = next {
            self.reach(batch, next, host);
        }
    }

    fn ended(&mut self, batch: &mut Batch<'_>, request: usize, ending: Ending) {
        let sending = batch.sendings[request];
        let Some(host) = batch.progress[request].host else { return };
        let evidence = match ending {
            // A gRPC status counts where the request was gRPC as well.
            Ending::Answered { status, grpc_status } => Evidence::Status(grpc_status.filter(|_| sending.is_grpc).map_or(status, grpc_to_http)),
            Ending::Failed(Failure::Refused) => Evidence::Unreachable,
            Ending::Failed(Failure::Reset) => Evidence::Broken,
            Ending::PerTryTimeout => Evidence::TooSlow,
        };
        self.happen(batch, request, ending.event(), Some(host), || ending.to_string());
        self.leave(batch, request, host, evidence);
        let made = batch.progress[request].attempts;
        let mut flags = Vec::new();
        if sending.retries.covers(ending) {
            self.end_retry(batch, request);
            if made > sending.retries.limit {
                flags.push("URX");
            } else if self.pools.get_mut(&sending.cluster).is_some_and(Pool::begin_retry) {
                batch.progress[request].is_retry = true;
                let wait = sending.retries.mean_wait_nanos(made);
                self.happen(batch, request, Happening::Retried, None, || {
                    format!("{} is tried again, after {} (the mean of what Envoy draws, 0 to {})", ending, span_text(wait), span_text(2 * wait))
                });
                batch.schedule(self.now + wait, request, Event::Attempt);
                return;
            } else {
                flags.push("UO");
            }
        }
        let tries = if made == 1 { "the first attempt".to_owned() } else { format!("attempt {made}") };
        match ending {
            Ending::Answered { status, grpc_status } => {
                let reason = match flags.first() {
                    Some(&"URX") => format!("{tries} got {status} too, and no retry is left."),
                    Some(_) => format!("{tries} got {status}, and the circuit breaker for retries is open."),
                    None => format!("{tries} got {status} from {}.", self.address(&sending.cluster, host)),
                };
                self.reply(batch, request, status, flags, reason);
                if let Some(outcome) = &mut batch.progress[request].outcome {
                    outcome.is_answered = true;
                    outcome.grpc_status = grpc_status;
                }
            }
            Ending::Failed(failure) => {
                let (flag, what) = if failure == Failure::Refused { ("UF", "could not connect to") } else { ("UC", "lost its connection to") };
                flags.insert(0, flag);
                let reason = format!("{tries} {what} {}.", self.address(&sending.cluster, host));
                self.reply(batch, request, 503, flags, reason);
            }
            Ending::PerTryTimeout => {
                flags.insert(0, "UT");
                self.reply(batch, request, 504, flags, format!("{tries} took longer than one attempt may."));
            }
        }
    }

    fn reply(&mut self, batch: &mut Batch<'_>, request: usize, status: u16, flags: Vec<&'static str>, reason: String) {
        self.end_retry(batch, request);
        self.happen(batch, request, Happening::Ended, None, || match flags.as_slice() {
            [] => format!("{status}: {reason}"),
            flags => format!("{status} {}: {reason}", flags.join(",")),
        });
        let name = &batch.sendings[request].cluster;
        let progress = &mut batch.progress[request];
        let seen = progress.seen_by.and_then(|host| Some((self.pools.get(name)?, host)));
        progress.outcome = Some(Delivery {
            status,
            flags,
            attempts: progress.attempts,
            seen_by: seen.map(|(pool, host)| pool.address(host).to_owned()),
            hostname: seen.map(|(pool, host)| pool.hostname(host).to_owned()).unwrap_or_default(),
            is_answered: false,
            grpc_status: None,
            reason,
        });
    }

    /// Notes on the timeline what happens to a request.
    fn happen(&mut self, batch: &Batch<'_>, request: usize, event: Happening, host: Option<usize>, reason: impl FnOnce() -> String) {
        if self.timeline.is_none() {
            return;
        }
        let endpoint = host.map(|host| self.address(&batch.sendings[request].cluster, host).to_owned()).unwrap_or_default();
        let (run, attempt) = (batch.runs.get(request).copied().unwrap_or_default(), batch.progress[request].attempts);
        let moment = Moment { at_nanos: self.now, run, attempt, event, endpoint, reason: reason() };
        self.timeline.iter_mut().for_each(|timeline| timeline.add(moment.clone()));
    }

    /// Notes what outlier detection makes of an attempt.
    fn judged(&mut self, batch: &Batch<'_>, request: usize, host: usize, judgement: Judgement) {
        match judgement {
            Judgement::Nothing => {}
            Judgement::Spared { reason } => self.happen(batch, request, Happening::Spared, Some(host), || reason),
            Judgement::Ejected { known_from, until, reason } => {
                let endpoint = self.address(&batch.sendings[request].cluster, host).to_owned();
                let late = if known_from > self.now { format!("; the load balancer hears of it at {}", span_text(known_from)) } else { String::new() };
                self.happen(batch, request, Happening::Ejected, Some(host), || format!("{reason}; it comes back at {}{late}", span_text(until)));
                let ejection = Ejection { endpoint, at_nanos: self.now, known_from_nanos: known_from, until_nanos: until, reason };
                self.timeline.iter_mut().for_each(|timeline| timeline.ejections.push(ejection.clone()));
            }
        }
    }

    fn end_retry(&mut self, batch: &mut Batch<'_>, request: usize) {
        if std::mem::replace(&mut batch.progress[request].is_retry, false)
            && let Some(pool) = self.pools.get_mut(&batch.sendings[request].cluster)
        {
            pool.end_retry();
        }
    }

    fn address(&self, cluster: &str, host: usize) -> &str {
        self.pools.get(cluster).map_or("", |pool| pool.address(host))
    }
}

/// How Envoy counts a gRPC status for outlier detection.
fn grpc_to_http(status: u32) -> u16 {
    match status {
        0 => 200,
        1 => 499,
        3 | 9 | 11 => 400,
        4 => 504,
        5 => 404,
        6 | 10 => 409,
        7 => 403,
        8 => 429,
        12 => 501,
        14 => 503,
        16 => 401,
        _ => 500,
    }
}
