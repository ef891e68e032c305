//! The stub behind the proxy: what each attempt that reaches it gets.

use crate::engine::{
    duration::Duration,
    envoy::{Answer, Behaviour, Upstream},
};

/// An answer and when it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reaction {
    pub(super) answer: Answer,
    pub(super) delay_nanos: i128,
    pub(super) grpc_status: Option<u32>,
}

/// How far the scripts have run.
#[derive(Debug, Clone, Default)]
pub(super) struct Backend<'a> {
    script: Option<&'a Upstream>,
    attempts: usize,
    attempts_by_endpoint: std::collections::BTreeMap<&'a str, usize>,
}

impl<'a> Backend<'a> {
    pub(super) fn new(script: Option<&'a Upstream>) -> Self {
        Self { script, ..Self::default() }
    }

    /// One more attempt reaches the endpoint `address:port`.
    pub(super) fn react(&mut self, endpoint: &str) -> Reaction {
        let Some(script) = self.script else { return reaction(&[], &[], &[], 0) };
        let host = endpoint.rsplit_once(':').map_or(endpoint, |(host, _)| host);
        let own = script.by_endpoint.get_key_value(host).or_else(|| script.by_endpoint.get_key_value(endpoint));
        if let Some((address, Behaviour { status, delay, grpc_status })) = own {
            let at = self.attempts_by_endpoint.entry(address).or_default();
            *at += 1;
            return reaction(status, delay, grpc_status, *at - 1);
        }
        self.attempts += 1;
        reaction(&script.status, &script.delay, &script.grpc_status, self.attempts - 1)
    }
}

fn reaction(status: &[Answer], delay: &[Duration], grpc_status: &[u32], at: usize) -> Reaction {
    Reaction {
        answer: entry(status, at).unwrap_or(Answer::Status(200)),
        delay_nanos: entry(delay, at).map_or(0, |delay| delay.as_nanos().max(0)),
        grpc_status: entry(grpc_status, at),
    }
}

/// The last entry repeats.
fn entry<T: Copy>(list: &[T], at: usize) -> Option<T> {
    list.get(at).or(list.last()).copied()
}
