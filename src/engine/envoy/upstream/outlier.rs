//! Outlier detection: endpoints that fail too often in a row are thrown out for a while.
//!
//! Meaning: <https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier>. Success rates are not modelled; Istio switches them off.

use crate::engine::xds::OutlierDetection;

/// Changes of health that follow one another faster reach the load balancer together, when this time is over:
/// Envoy's default for `update_merge_window`.
const MERGE_WINDOW_NANOS: i128 = 1_000_000_000;

/// What an attempt tells of its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// The host answered with this status.
    Status(u16),
    /// It could not be reached.
    Unreachable,
    /// It took the connection and closed it.
    Broken,
    /// It took too long.
    TooSlow,
}

/// What came of an attempt for its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judgement {
    /// Nothing, or nothing yet.
    Nothing,
    /// It is thrown out.
    Ejected {
        /// When the load balancer hears of it.
        known_from: i128,
        /// When it comes back.
        until: i128,
        /// What was held against it.
        reason: String,
    },
    /// It would be, but too many hosts are out already.
    Spared {
        /// What was held against it, and what kept it.
        reason: String,
    },
}

/// What is held against one host.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    server_errors: u32,
    gateway_errors: u32,
    local_errors: u32,
    ejections: u32,
    ejected: Option<Ejection>,
}

#[derive(Debug, Clone, Copy)]
struct Ejection {
    /// When the load balancer hears of it.
    known_from: i128,
    until: i128,
}

impl Record {
    fn is_ejected(&self, now: i128) -> bool {
        self.ejected.is_some_and(|ejection| now < ejection.until)
    }
}

/// What is held against the hosts of a cluster.
#[derive(Debug, Clone, Default)]
pub(super) struct Detector {
    records: Vec<Record>,
    last_update: Option<i128>,
}

impl Detector {
    pub(super) fn new(hosts: usize) -> Self {
        Self { records: vec![Record::default(); hosts], last_update: None }
    }

    /// Whether the load balancer passes the host over at that time.
    pub(super) fn is_out(&self, host: usize, now: i128) -> bool {
        self.records.get(host).and_then(|record| record.ejected).is_some_and(|ejection| (ejection.known_from..ejection.until).contains(&now))
    }

    /// Takes note of an attempt; may throw the host out.
    pub(super) fn note(&mut self, rules: &OutlierDetection, host: usize, evidence: Evidence, now: i128) -> Judgement {
        let active = self.records.iter().filter(|record| record.is_ejected(now)).count();
        let hosts = self.records.len();
        let Some(record) = self.records.get_mut(host) else { return Judgement::Nothing };
        let Some(reason) = guilt(rules, record, evidence).filter(|_| !record.is_ejected(now)) else { return Judgement::Nothing };
        if may_eject(rules, active, hosts) {
            record.ejections = record.ejections.saturating_add(1);
            let known_from = self.last_update.map_or(now, |last| if now - last > MERGE_WINDOW_NANOS { now } else { (last + MERGE_WINDOW_NANOS).max(now) });
            self.last_update = Some(known_from);
            let until = return_time(rules, record.ejections, now);
            record.ejected = Some(Ejection { known_from, until });
            return Judgement::Ejected { known_from, until, reason };
        }
        let percent = rules.max_ejection_percent.unwrap_or(10);
        Judgement::Spared { reason: format!("{reason}, but one more of {hosts} would be over the {percent} % that may be thrown out") }
    }
}

/// Adds the evidence to the host's record; why that makes it an outlier, if it does.
fn guilt(rules: &OutlierDetection, record: &mut Record, evidence: Evidence) -> Option<String> {
    let split = rules.split_external_local_origin_errors;
    let status = match evidence {
        Evidence::Status(status) => Some(status),
        _ if split => None,
        // Without the split a failure to reach the host counts as the status that the client gets for it.
        Evidence::Unreachable | Evidence::Broken => Some(503),
        Evidence::TooSlow => Some(504),
    };
    let mut guilty = None;
    if let Some(status) = status {
        if split {
            record.local_errors = 0;
        }
        if status >= 500 {
            record.server_errors += 1;
            record.gateway_errors = if (502..=504).contains(&status) { record.gateway_errors + 1 } else { 0 };
            let limit = rules.consecutive_gateway_failure.unwrap_or(5);
            if record.gateway_errors > 0 && record.gateway_errors == limit {
                record.gateway_errors = 0;
                guilty = is_enforced(rules.enforcing_consecutive_gateway_failure, 0).then(|| format!("gateway errors (502, 503, 504) in a row: {limit}"));
            }
            let limit = rules.consecutive_5xx.unwrap_or(5);
            if record.server_errors == limit {
                record.server_errors = 0;
                let told = || is_enforced(rules.enforcing_consecutive_5xx, 100).then(|| format!("5xx errors in a row: {limit}"));
                guilty = guilty.or_else(told);
            }
        } else {
            record.server_errors = 0;
            record.gateway_errors = 0;
        }
    } else {
        // That the connection stands is a success of its own, which Envoy notes when it gets it from the pool.
        record.local_errors = if evidence == Evidence::Unreachable { record.local_errors + 1 } else { 1 };
        let limit = rules.consecutive_local_origin_failure.unwrap_or(5);
        if record.local_errors == limit {
            record.local_errors = 0;
            guilty = is_enforced(rules.enforcing_consecutive_local_origin_failure, 100).then(|| format!("failed connections in a row: {limit}"));
        }
    }
    guilty
}

/// Enforcement by chance is taken as it is more often.
fn is_enforced(percent: Option<u32>, default: u32) -> bool {
    percent.unwrap_or(default) >= 50
}

/// Whether the cap lets one more host go.
fn may_eject(rules: &OutlierDetection, active: usize, hosts: usize) -> bool {
    let cap = f64::from(rules.max_ejection_percent.unwrap_or(10).min(100));
    100.0 * (active + 1) as f64 / hosts.max(1) as f64 <= cap
}

/// Hosts come back when the detector next looks after their time is over.
fn return_time(rules: &OutlierDetection, ejections: u32, now: i128) -> i128 {
    let interval = rules.interval.map_or(10_000_000_000, |interval| interval.as_nanos().max(1_000_000));
    let base = rules.base_ejection_time.map_or(30_000_000_000, |base| base.as_nanos().max(0));
    // Envoy's max_ejection_time is at its default of 300 s, or the base where that is longer.
    let over = now + (base.saturating_mul(i128::from(ejections))).min(base.max(300_000_000_000));
    (over + interval - 1).div_euclid(interval) * interval
}
