//! Connection pools and circuit breakers of one cluster, and what is held against its hosts.
//!
//! One worker thread is taken; several would each have pools of their own under common limits.

use std::collections::{BTreeSet, VecDeque};

use super::{
    balance,
    endpoints::Host,
    outlier::{Detector, Evidence, Judgement},
};
use crate::engine::xds::{Cluster, Thresholds, TypedConfig};

/// Envoy's limits where the cluster sets none.
const DEFAULT_LIMIT: u32 = 1024;
const DEFAULT_RETRIES: u32 = 3;

/// Whether a pool can take a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// At once.
    Now,
    /// When a connection gets free.
    Pending,
    /// Never: a circuit breaker is open.
    Overflow,
}

/// A cluster's run-time state.
#[derive(Debug, Clone)]
pub(super) struct Pool<'a> {
    cluster: &'a Cluster,
    hosts: Vec<Host>,
    detector: Detector,
    /// How often each host was chosen.
    served: Vec<u32>,
    busy: Vec<u32>,
    waiting: Vec<VecDeque<usize>>,
    retries: u32,
    cursor: f64,
}

impl<'a> Pool<'a> {
    pub(super) fn new(cluster: &'a Cluster, hosts: Vec<Host>, cursor: f64) -> Self {
        let count = hosts.len();
        Self {
            cluster,
            hosts,
            detector: Detector::new(count),
            served: vec![0; count],
            busy: vec![0; count],
            waiting: vec![VecDeque::new(); count],
            retries: 0,
            cursor,
        }
    }

    pub(super) fn address(&self, host: usize) -> &str {
        &self.hosts[host].address
    }

    pub(super) fn hostname(&self, host: usize) -> &str {
        &self.hosts[host].hostname
    }

    pub(super) fn priority(&self, host: usize) -> u32 {
        self.hosts[host].priority
    }

    /// Whether some host of another priority can be used.
    pub(super) fn has_other_priorities(&self, now: i128, than: &BTreeSet<u32>) -> bool {
        balance::has_others(&self.hosts, |at| self.is_usable(at, now), than)
    }

    fn is_usable(&self, host: usize, now: i128) -> bool {
        self.hosts[host].is_healthy && !self.detector.is_out(host, now)
    }

    /// The next host in turn, by share; those to avoid only where there is no other. None where no host can be used.
    pub(super) fn choose(&mut self, now: i128, avoid: &[usize], passed_over: &BTreeSet<u32>) -> Option<usize> {
        let shares = balance::shares_beyond(self.cluster, &self.hosts, |at| self.is_usable(at, now), passed_over);
        let fresh: Vec<usize> = (0..shares.len()).filter(|at| shares[*at] > 0.0 && !avoid.contains(at)).collect();
        let usable: Vec<usize> = if fresh.is_empty() { (0..shares.len()).filter(|&at| shares[at] > 0.0).collect() } else { fresh };
        let host = if self.served.iter().all(|&served| served == 0) {
            // The first choice is where the cursor stands in the row of shares.
            let whole: f64 = usable.iter().map(|&at| shares[at]).sum();
            let mut passed = 0.0;
            usable.iter().copied().find(|&at| {
                passed += shares[at] / whole;
                self.cursor < passed
            })
        } else {
            // Then whoever is furthest behind its share.
            let behind = |at: usize| f64::from(self.served[at] + 1) / shares[at];
            usable.iter().copied().min_by(|&a, &b| behind(a).total_cmp(&behind(b)))
        }
        .or(usable.last().copied())?;
        self.served[host] += 1;
        Some(host)
    }

    /// Whether a request may go to a host now. The caller must [`release`](Self::release) what was admitted.
    pub(super) fn admit(&mut self, host: usize, request: usize, is_http2: bool) -> Admission {
        let limits = self.limits();
        let active: u32 = self.busy.iter().sum();
        // A host always gets its first connection, whatever the limit.
        if self.speaks_http2(is_http2) || self.busy[host] == 0 || active < limits.max_connections.unwrap_or(DEFAULT_LIMIT) {
            // Requests are counted when they have a connection; who waits for one is none yet.
            if active >= limits.max_requests.unwrap_or(DEFAULT_LIMIT) {
                return Admission::Overflow;
            }
            self.busy[host] += 1;
            return Admission::Now;
        }
        let pending: usize = self.waiting.iter().map(VecDeque::len).sum();
        if pending < limits.max_pending_requests.unwrap_or(DEFAULT_LIMIT) as usize {
            self.waiting[host].push_back(request);
            Admission::Pending
        } else {
            Admission::Overflow
        }
    }

    /// A connection gets free; the request that takes it, if one waits.
    pub(super) fn release(&mut self, host: usize) -> Option<usize> {
        let next = self.waiting[host].pop_front();
        if next.is_none() {
            self.busy[host] = self.busy[host].saturating_sub(1);
        }
        next
    }

    /// A request gives up waiting.
    pub(super) fn withdraw(&mut self, host: usize, request: usize) {
        self.waiting[host].retain(|&waiting| waiting != request);
    }

    /// Whether one more retry may be under way.
    pub(super) fn begin_retry(&mut self) -> bool {
        let may = self.retries < self.limits().max_retries.unwrap_or(DEFAULT_RETRIES);
        self.retries += u32::from(may);
        may
    }

    pub(super) fn end_retry(&mut self) {
        self.retries = self.retries.saturating_sub(1);
    }

    pub(super) fn note(&mut self, host: usize, evidence: Evidence, now: i128) -> Judgement {
        let rules = self.cluster.outlier_detection.as_ref();
        rules.map_or(Judgement::Nothing, |rules| self.detector.note(rules, host, evidence, now))
    }

    /// Why a request waits or is turned away now, in words.
    pub(super) fn limits_text(&self, is_http2: bool) -> String {
        let limits = self.limits();
        let all = [
            ("connections", limits.max_connections, !self.speaks_http2(is_http2)),
            ("waiting requests", limits.max_pending_requests, !self.speaks_http2(is_http2)),
            ("requests", limits.max_requests, true),
        ];
        // Istio writes the largest number for "no limit".
        let known = all.into_iter().filter(|(_, _, counts)| *counts).map(|(what, limit, _)| (what, limit.unwrap_or(DEFAULT_LIMIT)));
        known.filter(|(_, limit)| *limit < u32::MAX).map(|(what, limit)| format!("{what}: {limit}")).collect::<Vec<_>>().join(", ")
    }

    fn limits(&self) -> Thresholds {
        self.cluster.circuit_breakers.as_ref().and_then(|breakers| breakers.thresholds.first()).cloned().unwrap_or_default()
    }

    fn speaks_http2(&self, downstream_is_http2: bool) -> bool {
        let options = self.cluster.typed_extension_protocol_options.values().find_map(|options| match options {
            TypedConfig::Other(value) => Some(value),
            _ => None,
        });
        let Some(options) = options else { return false };
        options["explicitHttpConfig"].get("http2ProtocolOptions").is_some() || (downstream_is_http2 && options.get("useDownstreamProtocolConfig").is_some())
    }
}
