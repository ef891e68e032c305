//! Whether an attempt that failed is made again.
//!
//! Conditions: <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on>.

use std::{collections::BTreeSet, fmt};

use crate::engine::{
    envoy::{Failure, timeline::Event},
    xds::{ExtensionConfig, RetryPolicy, Route, TypedConfig},
};

/// More retries than this are not made, whatever the policy says.
const MAX_RETRIES: u32 = 100;
/// Between attempts, where the policy does not say.
const DEFAULT_BASE_NANOS: i128 = 25_000_000;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// With an answer.
    Answered { status: u16, grpc_status: Option<u32> },
    /// Without one.
    Failed(Failure),
    /// The time for one try ran out.
    PerTryTimeout,
}

impl Ending {
    /// What the timeline calls it.
    pub(super) fn event(self) -> Event {
        match self {
            Self::Answered { .. } => Event::Answered,
            Self::Failed(_) => Event::Failed,
            Self::PerTryTimeout => Event::TimedOut,
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { status, grpc_status: None } => write!(f, "{status}"),
            Self::Answered { status, grpc_status: Some(grpc) } => write!(f, "{status} with gRPC status {grpc}"),
            Self::Failed(Failure::Refused) => f.write_str("a refused connection"),
            Self::Failed(Failure::Reset) => f.write_str("a connection that was closed"),
            Self::PerTryTimeout => f.write_str("an attempt that took too long"),
        }
    }
}

/// A route's retry policy, ready to be asked.
#[derive(Debug, Clone, Default)]
pub(in crate::engine::envoy) struct Retries {
    conditions: Vec<String>,
    codes: Vec<u32>,
    /// How many attempts after the first.
    pub(super) limit: u32,
    /// Whether hosts that were tried are passed over.
    pub(super) avoids_tried_hosts: bool,
    /// After how many attempts each the priorities that were tried are passed over; never where it is none.
    pub(super) avoids_tried_priorities: Option<usize>,
    base_nanos: i128,
    max_nanos: i128,
}

impl Retries {
    pub(in crate::engine::envoy) fn of(route: &Route) -> Self {
        route.route.as_ref().and_then(|action| action.retry_policy.as_ref()).map(Self::new).unwrap_or_default()
    }

    fn new(policy: &RetryPolicy) -> Self {
        let back_off = policy.retry_back_off.as_ref();
        let base_nanos = back_off.and_then(|back_off| back_off.base_interval).map_or(DEFAULT_BASE_NANOS, |base| base.as_nanos().max(1_000_000));
        Self {
            conditions: policy.retry_on.split(',').map(|condition| condition.trim().to_owned()).filter(|condition| !condition.is_empty()).collect(),
            codes: policy.retriable_status_codes.clone(),
            limit: policy.num_retries.unwrap_or(1).min(MAX_RETRIES),
            avoids_tried_hosts: policy.retry_host_predicate.iter().any(|predicate| predicate.name.ends_with("previous_hosts")),
            avoids_tried_priorities: policy.retry_priority.as_ref().and_then(update_frequency),
            base_nanos,
            max_nanos: back_off.and_then(|back_off| back_off.max_interval).map_or(base_nanos * 10, |max| max.as_nanos().max(base_nanos)),
        }
    }

    /// Whether the ending is of a kind that the policy tries again.
    pub(super) fn covers(&self, ending: Ending) -> bool {
        self.conditions.iter().any(|condition| match ending {
            Ending::Answered { status, grpc_status } => self.covers_answer(condition, status, grpc_status),
            Ending::Failed(failure) => match condition.as_str() {
                "5xx" | "gateway-error" | "reset" => true,
                "connect-failure" | "reset-before-request" => failure == Failure::Refused,
                _ => false,
            },
            Ending::PerTryTimeout => matches!(condition.as_str(), "5xx" | "gateway-error" | "reset"),
        })
    }

    fn covers_answer(&self, condition: &str, status: u16, grpc_status: Option<u32>) -> bool {
        match condition {
            "5xx" => status >= 500,
            "gateway-error" => (502..=504).contains(&status),
            "retriable-4xx" => status == 409,
            "retriable-status-codes" => self.codes.contains(&u32::from(status)),
            "cancelled" => grpc_status == Some(1),
            "deadline-exceeded" => grpc_status == Some(4),
            "resource-exhausted" => grpc_status == Some(8),
            "internal" => grpc_status == Some(13),
            "unavailable" => grpc_status == Some(14),
            _ => false,
        }
    }

    /// The mean wait before retry number `retry`, counted from 1; Envoy draws one between nothing and twice that.
    pub(super) fn mean_wait_nanos(&self, retry: u32) -> i128 {
        let ceiling = self.base_nanos.saturating_mul((1_i128 << retry.min(30)) - 1).min(self.max_nanos);
        ceiling / 2
    }
}

fn update_frequency(plugin: &ExtensionConfig) -> Option<usize> {
    let Some(TypedConfig::Other(config)) = &plugin.typed_config else { return None };
    let is_known = plugin.typed_config.as_ref().and_then(TypedConfig::other_type) == Some("PreviousPrioritiesConfig");
    usize::try_from(config["updateFrequency"].as_u64()?).ok().filter(|every| is_known && *every > 0)
}

/// The priorities that a request has tried (`previous_priorities.cc` of Envoy).
#[derive(Debug, Clone, Default)]
pub(super) struct TriedPriorities {
    attempts: Vec<u32>,
    passed_over: BTreeSet<u32>,
}

impl TriedPriorities {
    pub(super) fn note(&mut self, priority: u32) {
        self.attempts.push(priority);
    }

    /// What the next attempt passes over. `has_others` says whether there are hosts beside; where there are none, all begins anew.
    pub(super) fn next(&mut self, every: Option<usize>, has_others: impl Fn(&BTreeSet<u32>) -> bool) -> &BTreeSet<u32> {
        if every.is_some_and(|every| !self.attempts.is_empty() && self.attempts.len().is_multiple_of(every)) {
            self.passed_over.extend(&self.attempts);
            if !has_others(&self.passed_over) {
                *self = Self::default();
            }
        }
        &self.passed_over
    }
}
