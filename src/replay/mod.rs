//! A real Envoy beside the engine: the same xDS, the same calls, and what differs.
//!
//! Everything happens on loopback, in a folder of its own, within [`Bounds`]: the xDS is rewritten so that every endpoint is a
//! stub of ours and no address of the input is ever bound or dialled. An original destination is handed over by the PROXY
//! protocol, which restores it as iptables would, so that the real Envoy chooses its listener and filter chain itself.

mod audit;
mod authorizer;
mod bounds;
mod certificates;
mod client;
mod compare;
mod endpoints;
mod error;
mod folder;
mod headers;
mod journal;
mod launch;
mod locate;
mod observe;
mod prepare;
mod process;
mod proxy_protocol;
mod script;
mod side;
mod spread;
mod stub;
mod tokens;
mod tunnel;

pub use bounds::Bounds;
pub use compare::Comparison;
pub use error::ReplayError;
pub use headers::{REQUEST_NOISE, RESPONSE_NOISE};
pub use launch::{Launch, launch};
pub use locate::{ENVOY_VARIABLE, find_envoy};
pub use side::Side;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use crate::engine::{
    envoy::{Call, Outcome},
    xds::ProxyConfig,
};
use process::RealEnvoy;

/// Whether a call changes what later ones meet, or needs backends that nobody else can have.
fn leaves_traces(config: &ProxyConfig, call: &Call) -> bool {
    let ejects = || config.clusters.iter().any(|cluster| cluster.outlier_detection.is_some());
    call.repeat.is_some()
        || call.concurrency.is_some()
        || call.upstream.as_ref().is_some_and(|upstream| script::refuses(upstream) || script::is_slow(upstream) || ejects())
}

/// Whoever replays: knows the Envoy, and how many may run at once.
#[derive(Debug, Clone)]
pub struct Replayer {
    envoy: PathBuf,
    launcher: PathBuf,
    bounds: Bounds,
    places: Arc<Semaphore>,
}

impl Replayer {
    /// One that starts `envoy` by way of `launcher`, the `meshwright` program, which puts limits on itself before it becomes Envoy.
    pub fn new(envoy: PathBuf, launcher: PathBuf, bounds: Bounds) -> Self {
        Self { envoy, launcher, places: Arc::new(Semaphore::new(bounds.at_once.max(1))), bounds }
    }

    /// The Envoy.
    pub fn envoy(&self) -> &Path {
        &self.envoy
    }

    /// Replays calls through one proxy and compares each with what was computed; the answers keep the order.
    ///
    /// Calls that leave nothing behind share an Envoy; one that repeats, or fails where endpoints can be thrown out, has a fresh one,
    /// as the engine computes it.
    pub async fn replay(&self, config: &ProxyConfig, calls: &[(Call, Outcome)]) -> Result<Vec<Comparison>, ReplayError> {
        let mut answers: Vec<Option<Comparison>> = Vec::new();
        answers.resize_with(calls.len(), || None);
        let mut shared = Vec::new();
        let mut groups = Vec::new();
        for (at, (call, outcome)) in calls.iter().enumerate() {
            if let Some(reason) = client::cannot_send(call).or_else(|| script::cannot_play(call)) {
                answers[at] = Some(Comparison::impossible(outcome, reason));
            } else if leaves_traces(config, call) {
                groups.push(vec![at]);
            } else {
                shared.push(at);
            }
        }
        groups.extend(shared.chunks(self.bounds.calls_for_one.max(1)).map(<[usize]>::to_vec));
        for group in groups {
            let mut open = group.as_slice();
            while !open.is_empty() {
                let chosen: Vec<&(Call, Outcome)> = open.iter().map(|&at| &calls[at]).collect();
                let got = self.with_one_envoy(config, &chosen).await?;
                let (done, rest) = open.split_at(got.len().clamp(1, open.len()));
                for (at, answer) in done.iter().zip(got) {
                    answers[*at] = Some(answer);
                }
                open = rest;
            }
        }
        for (at, answer) in answers.iter_mut().enumerate().filter(|(at, _)| compare::has_races(&calls[*at].0)) {
            self.settle_race(config, &calls[at], answer).await?;
        }
        Ok(answers.into_iter().flatten().collect())
    }

    /// Requests that are sent together race each other, and the engine computes one of the ways in which that may end. One that
    /// ended in another way is given more chances.
    async fn settle_race(&self, config: &ProxyConfig, call: &(Call, Outcome), answer: &mut Option<Comparison>) -> Result<(), ReplayError> {
        for _ in 0..self.bounds.races {
            let Some(differing) = answer.take_if(|answer| answer.agrees == Some(false)) else { return Ok(()) };
            let again = self.with_one_envoy(config, &[call]).await?.pop();
            *answer = Some(match again.filter(|again| again.agrees == Some(true)) {
                Some(again) => again.with_note(format!("which of the requests wins: another time it was {}", differing.differences.join("; "))),
                None => differing,
            });
        }
        Ok(())
    }

    /// Answers to the calls in their order, as many as the time of one Envoy allows; the one that uses it up is not compared.
    async fn with_one_envoy(&self, config: &ProxyConfig, calls: &[&(Call, Outcome)]) -> Result<Vec<Comparison>, ReplayError> {
        let deadline = Instant::now() + self.bounds.time;
        let too_slow = |_| ReplayError::TooSlow { limit: self.bounds.time };
        let _place = timeout_at(deadline, self.places.acquire()).await.map_err(|_| ReplayError::Busy)?.map_err(|_| ReplayError::Busy)?;
        let only: Vec<&Call> = calls.iter().map(|(call, _)| call).collect();
        let start = RealEnvoy::start(&self.envoy, &self.launcher, &self.bounds, config, &only, deadline);
        let envoy = match timeout_at(deadline, start).await.map_err(too_slow)? {
            // That Envoy refuses what the engine computes with is an answer too.
            Err(ReplayError::Refused(reason)) => return Ok(calls.iter().map(|(_, outcome)| Comparison::refused(outcome, &reason)).collect()),
            // What is not handed to an Envoy is one call's affair, not that of all others.
            Err(ReplayError::Unsafe(reason)) => {
                return Ok(calls.iter().map(|(_, outcome)| Comparison::impossible(outcome, ReplayError::Unsafe(reason.clone()).to_string())).collect());
            }
            started => started?,
        };
        let mut answers = Vec::new();
        for (call, outcome) in calls {
            let Ok(answer) = timeout_at(deadline, self.one_answer(&envoy, config, call, outcome)).await else {
                answers.push(Comparison::impossible(outcome, ReplayError::TooSlow { limit: self.bounds.time }.to_string()));
                break;
            };
            answers.push(answer?);
        }
        Ok(answers)
    }

    /// What is computed as certain is asked once; where that differs, there may be chance that does not show in statuses.
    async fn one_answer(&self, envoy: &RealEnvoy, config: &ProxyConfig, call: &Call, outcome: &Outcome) -> Result<Comparison, ReplayError> {
        let seen = observe::observe(envoy, call, observe::sampling(call, outcome, &self.bounds, true)).await?;
        let answer = compare::compare(config, call, outcome, &seen, envoy.notes());
        let is_single = seen.len() == 1 && call.repeat.is_none() && call.concurrency.is_none() && call.upstream.is_none();
        if !is_single || answer.agrees != Some(false) {
            return Ok(answer);
        }
        let seen = observe::observe(envoy, call, observe::sampling(call, outcome, &self.bounds, false)).await?;
        Ok(compare::compare(config, call, outcome, &seen, envoy.notes()))
    }
}
