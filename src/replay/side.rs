//! One side of a comparison: what the engine computed, or what the real Envoy did, in the same words.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{
    client::End,
    headers,
    journal::Line,
    observe::Sample,
    prepare::{GATEWAY_ENTRY, ORIGINAL_DESTINATION, ROUTE_MARK},
    stub::Sighting,
};
use crate::engine::envoy::{Call, CallError, Mode, Outcome, Run, Tls, UpstreamRequest};

/// What came of a call.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Side {
    /// Why there is no HTTP exchange as wanted.
    pub error: Option<CallError>,
    /// The listener that took the connection.
    pub listener: String,
    /// The filter chain within it.
    pub filter_chain: String,
    /// The route configuration.
    pub route_config: String,
    /// The virtual host.
    pub virtual_host: String,
    /// The route's name.
    pub route: String,
    /// The share of the requests for which each cluster was chosen.
    #[serde(serialize_with = "rounded")]
    pub clusters: BTreeMap<String, f64>,
    /// Where requests can arrive, or did.
    pub endpoints: Vec<String>,
    /// The share of each status.
    #[serde(serialize_with = "rounded")]
    pub statuses: BTreeMap<u16, f64>,
    /// Response flags of the most frequent status.
    pub flags: Vec<String>,
    /// Headers of the answer.
    pub headers: BTreeMap<String, String>,
    /// The request as a backend saw it.
    pub upstream: Option<UpstreamRequest>,
    /// Clusters that got copies, with their shares.
    #[serde(serialize_with = "rounded")]
    pub mirrors: BTreeMap<String, f64>,
    /// Each run of a call that repeats.
    pub runs: Option<Vec<Run>>,
    /// How many requests this is known from; none where it was computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<usize>,
}

fn rounded<K: Serialize + Ord, S: Serializer>(shares: &BTreeMap<K, f64>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(shares.iter().map(|(key, share)| (key, (share * 1e6).round() / 1e6)))
}

impl Side {
    /// What was computed.
    pub(super) fn computed(outcome: &Outcome) -> Self {
        let mut endpoints: Vec<String> = outcome.clusters.iter().flat_map(|cluster| cluster.endpoints.iter().cloned()).collect();
        endpoints.sort();
        endpoints.dedup();
        let shares = |clusters: &[crate::engine::envoy::ClusterShare]| {
            clusters.iter().fold(BTreeMap::new(), |mut shares, cluster| {
                *shares.entry(cluster.name.clone()).or_default() += cluster.share;
                shares
            })
        };
        Self {
            error: outcome.error,
            listener: outcome.listener.clone(),
            filter_chain: outcome.filter_chain.clone(),
            route_config: outcome.route_config.clone(),
            virtual_host: outcome.virtual_host.clone(),
            route: outcome.route.clone(),
            clusters: shares(&outcome.clusters),
            endpoints,
            statuses: outcome.response.statuses.clone(),
            flags: outcome.response.flags.clone(),
            headers: outcome.response.headers.clone(),
            upstream: outcome.upstream.clone(),
            mirrors: shares(&outcome.mirrors),
            runs: outcome.runs.clone(),
            requests: None,
        }
    }

    /// What was seen. Where several things were, the sample that is nearest to what was computed as typical speaks for all.
    pub(super) fn seen(call: &Call, samples: &[Sample], computed: &Self, status: Option<u16>) -> Self {
        let mut side = Self { requests: Some(samples.len()), ..Self::default() };
        let whole = samples.len().max(1) as f64;
        for sample in samples {
            if let Some(status) = sample.status() {
                *side.statuses.entry(status).or_default() += 1.0 / whole;
            }
            if let Some(cluster) = sample.cluster() {
                *side.clusters.entry(cluster.to_owned()).or_default() += 1.0 / whole;
            }
            side.endpoints.extend(sample.arrivals().map(|sighting| endpoint(call, sighting)));
        }
        side.endpoints.sort();
        side.endpoints.dedup();
        let typical = samples.iter().filter(|sample| sample.status() == status);
        let typical = typical.min_by_key(|sample| computed.distance(call, sample)).or_else(|| samples.first());
        if let Some(sample) = typical {
            side.describe(call, sample);
        }
        if call.repeat.is_some() || call.concurrency.is_some() {
            side.runs = Some(samples.iter().map(Sample::run).collect());
        }
        side
    }

    /// In how many ways a sample of the right status is another one than the one computed.
    fn distance(&self, call: &Call, sample: &Sample) -> usize {
        let flags = sample.request.as_ref().map(Line::flags).unwrap_or_default();
        let End::Reply { headers: seen, .. } = &sample.sent.end else {
            return 2 * usize::from(sample.error(call) != self.error) + usize::from(flags != self.flags);
        };
        let seen = seen.iter().cloned().collect();
        usize::from(flags != self.flags) + headers::differences("", &self.headers, &seen, headers::RESPONSE_NOISE).len()
    }

    fn describe(&mut self, call: &Call, sample: &Sample) {
        self.error = sample.error(call);
        let lines = [&sample.request, &sample.connection];
        let line = lines.into_iter().flatten().next();
        if let Some(line) = line.filter(|line| line.listener != GATEWAY_ENTRY) {
            self.listener.clone_from(&line.listener);
            self.filter_chain = line.chain.clone().unwrap_or_default();
            self.flags = line.flags();
        }
        if let Some(line) = sample.request.as_ref().filter(|line| line.kind == "http") {
            self.route_config = line.route_config.clone().unwrap_or_default();
            self.virtual_host = line.virtual_host.clone().unwrap_or_default();
            self.route = line.route.as_deref().map(|route| route.trim_start_matches(ROUTE_MARK).to_owned()).unwrap_or_default();
        }
        if let End::Reply { headers, .. } = &sample.sent.end {
            self.headers = headers.iter().cloned().collect();
        }
        self.upstream = sample.arrivals().last().and_then(|sighting| sighting.request.clone());
    }
}

/// The endpoint that a stub stands in for.
pub(super) fn endpoint(call: &Call, sighting: &Sighting) -> String {
    if sighting.endpoint == ORIGINAL_DESTINATION {
        let address = if call.address.is_empty() { crate::engine::envoy::SOME_ADDRESS } else { &call.address };
        return format!("{address}:{}", call.port);
    }
    sighting.endpoint.clone()
}

impl Sample {
    /// The status that the client got.
    pub(super) fn status(&self) -> Option<u16> {
        match &self.sent.end {
            End::Reply { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether Envoy looked for somebody to pass the connection on to, without reading it.
    pub(super) fn is_unread(&self) -> bool {
        self.request.as_ref().is_some_and(|line| line.kind == "tcp")
    }

    /// Whether it found nobody.
    pub(super) fn is_turned_away(&self) -> bool {
        self.request.as_ref().is_some_and(Line::is_turned_away)
    }

    /// The cluster that was chosen, where one was.
    pub(super) fn cluster(&self) -> Option<&str> {
        self.request.as_ref()?.cluster.as_deref().filter(|cluster| !cluster.is_empty())
    }

    /// Where it arrived, copies aside.
    pub(super) fn arrivals(&self) -> impl Iterator<Item = &Sighting> {
        self.sightings.iter().filter(|sighting| !is_copy(sighting))
    }

    /// Where copies of it arrived.
    pub(super) fn copies(&self) -> impl Iterator<Item = &Sighting> {
        self.sightings.iter().filter(|sighting| is_copy(sighting))
    }

    fn run(&self) -> Run {
        let line = self.request.as_ref();
        Run { status: self.status(), flags: line.map(Line::flags).unwrap_or_default(), attempts: line.and_then(|line| line.attempts).unwrap_or_default() }
    }

    /// Whether the connection may have failed in its handshake. One that stands can still end in a way that TLS complains about.
    fn may_lack_handshake(&self, call: &Call) -> bool {
        if call.mode == Mode::Tunnel { !self.has_tunnel } else { call.tls != Tls::Plaintext }
    }

    /// The error in the words of the terminal contract.
    fn error(&self, call: &Call) -> Option<CallError> {
        let ended_badly = self.sent.end.is_closed();
        let connection = self.connection.as_ref();
        match self.request.as_ref() {
            Some(line) if line.kind == "http" => {
                let details = line.details.as_deref().unwrap_or_default();
                let has_host = line.virtual_host.is_some();
                let has_route = line.route.is_some();
                if call.tls != Tls::Plaintext && ended_badly {
                    Some(CallError::TlsError)
                } else if details == "route_not_found" {
                    Some(if has_host { CallError::NoRoute } else { CallError::NoVirtualHost })
                } else if has_host && !has_route && line.code == Some(301) {
                    Some(CallError::TlsRedirect)
                } else {
                    None
                }
            }
            _ if connection.is_some_and(|line| line.listener == GATEWAY_ENTRY) => Some(CallError::NoListener),
            _ if !ended_badly => None,
            request => {
                let failure =
                    connection.filter(|_| self.may_lack_handshake(call) && !self.is_turned_away()).and_then(|line| line.failure.as_deref()).unwrap_or_default();
                let is_unmatched = connection.is_some_and(|line| line.chain.is_none() && line.flags().iter().any(|flag| flag == "NR"));
                // The TCP proxy chooses its endpoint while the handshake is still going on, and a client may take it for done.
                Some(if is_unmatched && request.is_none() {
                    CallError::NoFilterChain
                } else if failure.contains("CERTIFICATE") {
                    CallError::MtlsError
                } else if !failure.is_empty() || self.sent.end == End::NoHandshake && request.is_none() {
                    CallError::TlsError
                } else {
                    CallError::ConnectionClosed
                })
            }
        }
    }
}

/// Envoy adds `-shadow` to the host of a copy.
fn is_copy(sighting: &Sighting) -> bool {
    let Some(request) = &sighting.request else { return false };
    let host = request
        .authority
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(request.authority.as_str(), |(host, _)| host);
    host.ends_with("-shadow")
}
