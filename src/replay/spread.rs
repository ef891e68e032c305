//! How many connections come to nothing, and how many requests each endpoint gets, where chance decides about them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    compare::{ENOUGH, Judge},
    observe::Sample,
    side,
};
use crate::engine::envoy::{Call, ClusterShare, Outcome};

impl Judge {
    /// Connections that are passed on unread end where their cluster has nobody to take them.
    pub(super) fn closings(&mut self, call: &Call, outcome: &Outcome, samples: &[Sample]) {
        if call.upstream.is_some() || outcome.clusters.len() < 2 || !samples.iter().all(Sample::is_unread) {
            return;
        }
        let computed: f64 = outcome.clusters.iter().filter(|cluster| cluster.endpoints.is_empty()).map(|cluster| cluster.share).sum();
        let closed = samples.iter().filter(|sample| sample.sent.end.is_closed()).count();
        let seen = closed as f64 / samples.len().max(1) as f64;
        self.shares("connections", &BTreeMap::from([("closed", computed)]), &BTreeMap::from([("closed", seen)]));
    }

    /// Of the requests for which a cluster was chosen, each of its endpoints has got its share.
    pub(super) fn endpoint_shares(&mut self, call: &Call, outcome: &Outcome, samples: &[Sample]) {
        if call.upstream.is_some() {
            return;
        }
        for cluster in outcome.clusters.iter().filter(|cluster| is_told_apart(cluster)) {
            let mut seen: BTreeMap<String, f64> = BTreeMap::new();
            let mut known = 0_usize;
            let own = samples.iter().filter(|sample| sample.cluster() == Some(&cluster.name));
            for sighting in own.filter_map(|sample| sample.arrivals().next()) {
                known += 1;
                *seen.entry(side::endpoint(call, sighting)).or_default() += 1.0;
            }
            if known < ENOUGH {
                continue;
            }
            for count in seen.values_mut() {
                *count /= known as f64;
            }
            let computed = cluster.endpoints.iter().cloned().zip(cluster.endpoint_shares.iter().copied()).collect();
            let all = std::mem::replace(&mut self.samples, known);
            self.shares(&format!("endpoint of {}", cluster.name), &computed, &seen);
            self.samples = all;
        }
    }
}

/// Whether there are several endpoints, each with a share and a stub of its own.
fn is_told_apart(cluster: &ClusterShare) -> bool {
    let different: BTreeSet<&String> = cluster.endpoints.iter().collect();
    cluster.endpoint_shares.len() > 1 && different.len() == cluster.endpoint_shares.len()
}
