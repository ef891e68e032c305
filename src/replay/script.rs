//! How the stubs answer: what a call's `upstream` says to each attempt that reaches one, in order.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::engine::{
    duration,
    envoy::{Answer, Behaviour, Call, Failure, Upstream},
};

/// What one attempt gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reaction {
    pub(super) answer: Answer,
    pub(super) delay: Duration,
    pub(super) grpc_status: Option<u32>,
}

/// The behaviour of all stubs of a replay; the lists run on over all attempts.
#[derive(Debug, Default)]
pub(super) struct Script {
    common: Behaviour,
    by_endpoint: BTreeMap<String, Behaviour>,
    /// Attempts so far, by endpoint where that has a behaviour of its own, else under the empty name.
    attempts: Mutex<BTreeMap<String, usize>>,
}

/// Why the stubs cannot do what a call asks of them; none where they can.
pub(super) fn cannot_play(call: &Call) -> Option<String> {
    let upstream = call.upstream.as_ref()?;
    let lists = upstream.by_endpoint.values().map(|behaviour| &behaviour.status).chain([&upstream.status]);
    let refuses = |answer: &Answer| *answer == Answer::Failure(Failure::Refused);
    lists
        .into_iter()
        .any(|list| list.iter().any(refuses) && !list.iter().all(refuses))
        .then(|| "a backend that refuses some connections and takes others: a stub on loopback cannot do both".to_owned())
}

/// Whether some endpoint refuses connections, which all calls to its Envoy would meet.
pub(super) fn refuses(upstream: &Upstream) -> bool {
    let lists = upstream.by_endpoint.values().map(|behaviour| &behaviour.status).chain([&upstream.status]);
    lists.flatten().any(|answer| *answer == Answer::Failure(Failure::Refused))
}

/// Whether answers take so long that calls which share an Envoy would miss its time limit.
pub(super) fn is_slow(upstream: &Upstream) -> bool {
    let lists = upstream.by_endpoint.values().map(|behaviour| &behaviour.delay).chain([&upstream.delay]);
    lists.flatten().any(|delay| real(*delay) >= SLOW)
}

const SLOW: Duration = Duration::from_secs(5);

impl Script {
    pub(super) fn new(upstream: Option<&Upstream>) -> Self {
        let Some(Upstream { status, delay, grpc_status, by_endpoint }) = upstream.cloned() else { return Self::default() };
        Self { common: Behaviour { status, delay, grpc_status }, by_endpoint, attempts: Mutex::default() }
    }

    /// Whether nothing listens at an endpoint.
    pub(super) fn is_refused(&self, endpoint: &str) -> bool {
        self.of(endpoint).1.status.first() == Some(&Answer::Failure(Failure::Refused))
    }

    /// One more attempt has reached an endpoint.
    pub(super) fn react(&self, endpoint: &str) -> Reaction {
        let (name, behaviour) = self.of(endpoint);
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let at = attempts.entry(name.to_owned()).or_default();
        *at += 1;
        let at = *at - 1;
        Reaction {
            answer: entry(&behaviour.status, at).unwrap_or(Answer::Status(200)),
            delay: entry(&behaviour.delay, at).map_or(Duration::ZERO, real),
            grpc_status: entry(&behaviour.grpc_status, at),
        }
    }

    fn of(&self, endpoint: &str) -> (&str, &Behaviour) {
        let host = endpoint.rsplit_once(':').map_or(endpoint, |(host, _)| host);
        let own = self.by_endpoint.get_key_value(host).or_else(|| self.by_endpoint.get_key_value(endpoint));
        own.map_or(("", &self.common), |(name, behaviour)| (name.as_str(), behaviour))
    }
}

/// The last entry repeats.
fn entry<T: Copy>(list: &[T], at: usize) -> Option<T> {
    list.get(at).or(list.last()).copied()
}

/// A span of the contract as one that can be waited for; never negative.
pub(super) fn real(span: duration::Duration) -> Duration {
    u64::try_from(span.as_nanos().max(0)).map_or(Duration::MAX, Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(json: serde_json::Value) -> Script {
        Script::new(Some(&serde_json::from_value(json).unwrap()))
    }

    #[test]
    fn lists_run_on_and_their_last_entry_repeats() {
        let script = script(serde_json::json!({"status": [503, 200], "delay": "5ms", "by_endpoint": {"10.0.0.1": {"status": ["refused"]}}}));
        let statuses: Vec<Answer> = ["10.0.0.2:80", "10.0.0.3:80", "10.0.0.2:80"].iter().map(|endpoint| script.react(endpoint).answer).collect();
        assert_eq!(statuses, [Answer::Status(503), Answer::Status(200), Answer::Status(200)]);
        assert_eq!(script.react("10.0.0.2:80").delay, Duration::from_millis(5));
        assert!(script.is_refused("10.0.0.1:80") && !script.is_refused("10.0.0.2:80"));
    }
}
