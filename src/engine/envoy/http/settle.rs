//! From the ways a request can go to one outcome: the exact distribution for one request, one after another for several.

use std::collections::BTreeMap;

use super::{Exchange, Forward, LocalReply, Rejected, Request};
use crate::engine::{
    duration::Duration,
    envoy::{
        Outcome, Run, Stage, UpstreamRequest,
        trace::Trace,
        upstream::{self, Delivery, Sending, Simulation},
    },
};

/// More runs than this are not made.
const MAX_RUNS: u32 = 1000;

/// A way that a share of the requests goes.
pub(super) struct Branch<'a> {
    pub(super) share: f64,
    pub(super) flags: Vec<&'static str>,
    /// Added by filters.
    pub(super) response_headers: BTreeMap<String, String>,
    pub(super) next: Next<'a>,
}

/// How it ends or goes on.
pub(super) enum Next<'a> {
    /// Envoy answers.
    Reply { status: u16, headers: BTreeMap<String, String>, reason: String },
    /// The router sends it upstream.
    Send(Box<Forward<'a>>),
}

/// What came of it for the client.
#[derive(Debug, Clone, Default)]
struct Ending {
    status: u16,
    flags: Vec<&'static str>,
    headers: BTreeMap<String, String>,
    upstream: Option<UpstreamRequest>,
    attempts: u32,
    reason: String,
}

impl Branch<'_> {
    pub(super) fn local(reply: &LocalReply, request: &Request) -> Self {
        let (status, headers) = reply.shape(request);
        Self { share: 1.0, flags: reply.flags.clone(), response_headers: BTreeMap::new(), next: Next::Reply { status, headers, reason: reply.reason.clone() } }
    }

    pub(super) fn rejected(rejected: &Rejected) -> Self {
        let headers = rejected.location.iter().map(|location| ("location".to_owned(), location.clone())).collect();
        let (status, headers) = LocalReply { status: rejected.status, headers, ..LocalReply::default() }.shape_for(rejected.is_grpc);
        let next = Next::Reply { status, headers, reason: rejected.reason.clone() };
        Self { share: 1.0, flags: rejected.flags.clone(), response_headers: BTreeMap::new(), next }
    }

    fn end(&self, exchange: &Exchange<'_>, delivery: Option<&Delivery>) -> Ending {
        let mut ending = match (&self.next, delivery) {
            (Next::Send(forward), Some(delivery)) => {
                let (status, headers) = forward.response(exchange, delivery);
                Ending {
                    status,
                    flags: delivery.flags.clone(),
                    headers,
                    upstream: forward.seen(delivery),
                    attempts: delivery.attempts,
                    reason: delivery.reason.clone(),
                }
            }
            (Next::Reply { status, headers, reason }, _) => Ending { status: *status, headers: headers.clone(), reason: reason.clone(), ..Ending::default() },
            (Next::Send(_), None) => Ending::default(),
        };
        ending.flags.splice(0..0, self.flags.iter().copied());
        ending.headers.extend(self.response_headers.clone());
        ending
    }

    fn sending(&self) -> Option<&Sending> {
        match &self.next {
            Next::Send(forward) => Some(&forward.sending),
            Next::Reply { .. } => None,
        }
    }
}

/// Fills in the response.
pub(super) fn settle(exchange: &Exchange<'_>, branches: Vec<Branch<'_>>, outcome: &mut Outcome, trace: &mut Trace) {
    let call = exchange.call;
    let endings = if call.repeat.is_some() || call.concurrency.is_some() { several(exchange, &branches, outcome) } else { one(exchange, &branches) };
    if call.repeat.is_some() || call.concurrency.is_some() {
        let run = |(_, ending): &(f64, Ending)| Run { status: Some(ending.status), flags: owned(&ending.flags), attempts: ending.attempts };
        outcome.runs = Some(endings.iter().map(run).collect());
    }
    let mut statuses: BTreeMap<u16, f64> = BTreeMap::new();
    for (share, ending) in &endings {
        *statuses.entry(ending.status).or_default() += share;
    }
    // Of equals the first counts, so that the answer does not hang on the last bit of a sum.
    let best = statuses.iter().fold(
        None,
        |best: Option<(u16, f64)>, (&status, &share)| if best.is_some_and(|(_, other)| other + 1e-9 >= share) { best } else { Some((status, share)) },
    );
    let Some((status, _)) = best else { return };
    let typical = endings
        .iter()
        .filter(|(_, ending)| ending.status == status)
        .fold(None, |best: Option<&(f64, Ending)>, own| if best.is_some_and(|best| best.0 + 1e-9 >= own.0) { best } else { Some(own) });
    if let Some((_, ending)) = typical {
        trace.chosen(Stage::Response, status.to_string(), ending.reason.clone(), None);
        outcome.response.flags = owned(&ending.flags);
        outcome.response.headers.clone_from(&ending.headers);
        outcome.upstream.clone_from(&ending.upstream);
    }
    outcome.response.status = Some(status);
    outcome.response.statuses = statuses;
}

fn owned(flags: &[&str]) -> Vec<String> {
    flags.iter().map(|&flag| flag.to_owned()).collect()
}

/// One request: every branch with its share, on a proxy that has just started.
fn one(exchange: &Exchange<'_>, branches: &[Branch<'_>]) -> Vec<(f64, Ending)> {
    let mut endings = Vec::new();
    for branch in branches {
        let Some(sending) = branch.sending() else {
            endings.push((branch.share, branch.end(exchange, None)));
            continue;
        };
        for (share, cursor) in starts(exchange, sending) {
            let mut simulation = simulation(exchange, cursor);
            let delivery = simulation.send(&[sending], &[0]).pop();
            endings.push((branch.share * share, branch.end(exchange, delivery.as_ref())));
        }
    }
    endings
}

/// Where the load balancer may begin: it matters only where the endpoints behave differently.
fn starts(exchange: &Exchange<'_>, sending: &Sending) -> Vec<(f64, f64)> {
    let differs = exchange.call.upstream.as_ref().is_some_and(|upstream| !upstream.by_endpoint.is_empty());
    let Some(cluster) = upstream::cluster(exchange.config, &sending.cluster).filter(|_| differs) else { return vec![(1.0, 0.0)] };
    let hosts = upstream::hosts(exchange.config, cluster, "");
    let mut passed = 0.0;
    let mut starts = Vec::new();
    for share in upstream::shares(cluster, &hosts, |at| hosts[at].is_healthy) {
        if share > 0.0 {
            starts.push((share, passed + share / 2.0));
        }
        passed += share;
    }
    if starts.is_empty() { vec![(1.0, 0.0)] } else { starts }
}

fn simulation<'a>(exchange: &Exchange<'a>, cursor: f64) -> Simulation<'a> {
    let destination = format!("{}:{}", exchange.connection.address, exchange.connection.port);
    Simulation::new(exchange.config, exchange.call.upstream.as_ref(), destination, cursor)
}

/// Several requests on one proxy. Where chance decides, the branches take turns so that each keeps as close to its share as can be.
fn several(exchange: &Exchange<'_>, branches: &[Branch<'_>], outcome: &mut Outcome) -> Vec<(f64, Ending)> {
    let repeat = exchange.call.repeat.unwrap_or(1).clamp(1, MAX_RUNS);
    let together = exchange.call.concurrency.unwrap_or(1).clamp(1, MAX_RUNS);
    let pause = exchange.call.pause.map_or(0, Duration::as_nanos);
    let mut simulation = simulation(exchange, 0.0).watched();
    let mut taken = vec![0_u32; branches.len()];
    let mut endings = Vec::new();
    for round in 0..repeat {
        if round > 0 {
            simulation.pause(pause);
        }
        let picked: Vec<&Branch<'_>> = (0..together).filter_map(|_| next_in_turn(branches, &mut taken)).collect();
        let numbered = (endings.len()..).zip(&picked);
        let (runs, sendings): (Vec<usize>, Vec<&Sending>) = numbered.clone().filter_map(|(run, branch)| Some((run, branch.sending()?))).unzip();
        for (run, branch) in numbered {
            if let Next::Reply { status, reason, .. } = &branch.next {
                simulation.answer_itself(run, *status, reason);
            }
        }
        let mut deliveries = simulation.send(&sendings, &runs).into_iter();
        for branch in picked {
            let delivery = branch.sending().and_then(|_| deliveries.next());
            endings.push(branch.end(exchange, delivery.as_ref()));
        }
        if endings.len() >= MAX_RUNS as usize {
            break;
        }
    }
    outcome.timeline = simulation.into_timeline();
    let share = 1.0 / endings.len().max(1) as f64;
    endings.into_iter().map(|ending| (share, ending)).collect()
}

fn next_in_turn<'b, 'a>(branches: &'b [Branch<'a>], taken: &mut [u32]) -> Option<&'b Branch<'a>> {
    let behind = |at: usize| f64::from(taken[at] + 1) / branches[at].share.max(f64::MIN_POSITIVE);
    let at = (0..branches.len()).min_by(|&a, &b| behind(a).total_cmp(&behind(b)))?;
    taken[at] += 1;
    Some(&branches[at])
}
