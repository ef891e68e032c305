//! Which endpoints belong to which clusters of an outcome, so that an arrival can be told by its cluster.

use std::collections::BTreeMap;

use super::{
    observe::Sample,
    prepare::endpoint_labels,
    side::{self, Side},
    stub::Sighting,
};
use crate::engine::{
    envoy::{Call, Outcome},
    xds::ProxyConfig,
};

/// Which endpoints belong to which clusters.
pub(super) struct Endpoints {
    mirrors: Vec<(String, Vec<String>)>,
    /// All endpoints of the clusters that requests go to.
    all: Vec<String>,
}

impl Endpoints {
    pub(super) fn new(config: &ProxyConfig, call: &Call, outcome: &Outcome) -> Self {
        let labels = |name: &str| -> Vec<String> {
            let cluster = config.clusters.iter().find(|cluster| cluster.name == name);
            let labels = cluster.map(|cluster| endpoint_labels(config, cluster)).unwrap_or_default();
            labels.into_iter().map(|label| side::endpoint(call, &Sighting { endpoint: label, id: String::new(), request: None })).collect()
        };
        let all = outcome.clusters.iter().flat_map(|cluster| labels(&cluster.name)).collect();
        Self { mirrors: outcome.mirrors.iter().map(|mirror| (mirror.name.clone(), labels(&mirror.name))).collect(), all }
    }

    /// Where requests may arrive: where the load balancer begins, or anywhere in the clusters once backends fail.
    pub(super) fn allowed(&self, call: &Call, computed: &Side) -> Vec<String> {
        if call.upstream.is_some() { self.all.clone() } else { computed.endpoints.clone() }
    }

    /// The share of each cluster in the copies; what arrived elsewhere is told by its endpoint.
    pub(super) fn copies(&self, call: &Call, samples: &[Sample]) -> BTreeMap<String, f64> {
        let mut shares = BTreeMap::new();
        for sighting in samples.iter().flat_map(Sample::copies) {
            let endpoint = side::endpoint(call, sighting);
            let name = self.mirrors.iter().find(|(_, endpoints)| endpoints.contains(&endpoint)).map_or(endpoint, |(name, _)| name.clone());
            *shares.entry(name).or_default() += 1.0 / samples.len().max(1) as f64;
        }
        shares
    }
}
