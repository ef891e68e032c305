//! What a replay showed, as plain data: the two answers of each proxy, and what they differ in.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    engine::{
        envoy::{CallError, UpstreamRequest},
        mesh::HopRole,
    },
    replay::{Comparison, Side},
    web::simulation::role_word,
};

/// A request through real Envoys, beside what was computed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReplayReport {
    /// What was computed for the whole way, in one line.
    pub answer: String,
    /// Whether every proxy that could be replayed ends it as computed; null where none could.
    pub agrees: Option<bool>,
    /// The proxies on the way, in order.
    pub hops: Vec<HopReplay>,
    /// How many more there are; they are not replayed.
    pub omitted: usize,
}

/// One proxy on the way, by itself: what was computed to reach it is what the real one was sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HopReplay {
    /// `client_sidecar`, `ingress_gateway`, `gateway`, `server_sidecar`, `client_ztunnel`, `waypoint`, `server_ztunnel` or `no_proxy`.
    pub role: &'static str,
    /// `pod.namespace`.
    pub proxy: String,
    /// The share of all requests that comes this way, 0 to 1.
    pub share: f64,
    /// Whether the two are the same; null where nothing could be replayed.
    pub agrees: Option<bool>,
    /// What differs, in words.
    pub differences: Vec<String>,
    /// What was not compared, and why.
    pub not_compared: Vec<String>,
    /// What the engine says.
    pub computed: SideReport,
    /// What the real Envoy did; null where nothing was replayed.
    pub real: Option<SideReport>,
}

/// One of the two.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SideReport {
    /// What the caller gets, most frequent first.
    pub statuses: Vec<StatusShare>,
    /// Why there is no HTTP exchange as wanted, for example `no_route` or `connection_closed`; null where there is one.
    #[schema(value_type = Option<String>)]
    pub error: Option<CallError>,
    /// Envoy's response flags.
    pub flags: Vec<String>,
    /// The listener that took the connection.
    pub listener: String,
    /// The filter chain within it.
    pub filter_chain: String,
    /// The route configuration.
    pub route_config: String,
    /// The virtual host.
    pub virtual_host: String,
    /// The route.
    pub route: String,
    /// The clusters that were chosen.
    pub clusters: Vec<NamedShare>,
    /// Clusters that got copies.
    pub mirrors: Vec<NamedShare>,
    /// Where requests can arrive, or did.
    pub endpoints: Vec<EndpointReport>,
    /// Headers of the answer.
    pub headers: BTreeMap<String, String>,
    /// The request as a backend saw it.
    pub arrived: Option<RequestReport>,
    /// How many requests this is known from; null where it was computed.
    pub requests: Option<usize>,
}

/// How often a status comes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatusShare {
    /// The status.
    pub status: u16,
    /// 0 to 1.
    pub share: f64,
}

/// How often something is chosen.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NamedShare {
    /// Its name.
    pub name: String,
    /// 0 to 1.
    pub share: f64,
}

/// A backend.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EndpointReport {
    /// `address:port`
    pub endpoint: String,
    /// The pod there; empty where it is none.
    pub pod: String,
}

/// A request that arrived.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequestReport {
    /// Its method.
    pub method: String,
    /// The host in it.
    pub authority: String,
    /// Path and query.
    pub path: String,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
}

impl ReplayReport {
    pub(super) fn of(answer: String, hops: Vec<HopReplay>, omitted: usize) -> Self {
        let known: Vec<bool> = hops.iter().filter_map(|hop| hop.agrees).collect();
        Self { answer, agrees: (!known.is_empty()).then(|| known.iter().all(|agrees| *agrees)), hops, omitted }
    }
}

impl HopReplay {
    pub(super) fn of(role: HopRole, proxy: String, share: f64, comparison: Comparison, pods: &BTreeMap<String, String>) -> Self {
        let Comparison { agrees, differences, computed, real, not_compared, .. } = comparison;
        let side = |side| SideReport::of(side, pods);
        Self { role: role_word(role), proxy, share, agrees, differences, not_compared, computed: side(computed), real: real.map(side) }
    }
}

impl SideReport {
    fn of(side: Side, pods: &BTreeMap<String, String>) -> Self {
        let mut statuses: Vec<StatusShare> = side.statuses.into_iter().map(|(status, share)| StatusShare { status, share }).collect();
        statuses.sort_by(|one, other| other.share.total_cmp(&one.share));
        let endpoint = |endpoint: String| {
            let pod = endpoint.rsplit_once(':').and_then(|(address, _)| pods.get(address)).cloned().unwrap_or_default();
            EndpointReport { endpoint, pod }
        };
        Self {
            statuses,
            error: side.error,
            flags: side.flags,
            listener: side.listener,
            filter_chain: side.filter_chain,
            route_config: side.route_config,
            virtual_host: side.virtual_host,
            route: side.route,
            clusters: shares(side.clusters),
            mirrors: shares(side.mirrors),
            endpoints: side.endpoints.into_iter().map(endpoint).collect(),
            headers: side.headers,
            arrived: side.upstream.map(RequestReport::of),
            requests: side.requests,
        }
    }
}

impl RequestReport {
    fn of(request: UpstreamRequest) -> Self {
        let UpstreamRequest { method, authority, path, headers } = request;
        Self { method, authority, path, headers }
    }
}

fn shares(shares: BTreeMap<String, f64>) -> Vec<NamedShare> {
    let mut shares: Vec<NamedShare> = shares.into_iter().map(|(name, share)| NamedShare { name, share }).collect();
    shares.sort_by(|one, other| other.share.total_cmp(&one.share));
    shares
}
