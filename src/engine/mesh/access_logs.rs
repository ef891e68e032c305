//! Access logs on a whole path: a proxy logs what comes back to it in the end, and that is decided by those behind it.

use std::collections::BTreeMap;

use super::{Answer, Hop, HopRole};
use crate::engine::envoy::{Stage, access_log_entries};

/// Tells the logs of the proxies in front anew, now that the answer is known.
pub(super) fn settle(hops: &mut [Hop], answer: &Answer) {
    let mut statuses: BTreeMap<u16, f64> = BTreeMap::new();
    for part in &answer.parts {
        if let Some(status) = part.status {
            *statuses.entry(status).or_default() += part.share;
        }
    }
    let is_even = statuses.len() == 1;
    for hop in hops.iter_mut().filter(|hop| passes_http_on(hop)) {
        // What comes back on a part of the way is known where it is the same on all of them.
        let is_whole = hop.share > 1.0 - 1e-9;
        let steps = access_log_entries(&hop.outcome.access_logs, (is_whole || is_even).then_some(&statuses));
        hop.outcome.trace.retain(|step| step.stage != Stage::AccessLog);
        hop.outcome.trace.extend(steps);
    }
}

/// Whether it is HTTP that the proxy has sent on to another, with access logs.
fn passes_http_on(hop: &Hop) -> bool {
    let outcome = &hop.outcome;
    hop.role != HopRole::ServerSidecar && !outcome.access_logs.is_empty() && outcome.upstream.is_some() && !outcome.route_config.is_empty()
}
