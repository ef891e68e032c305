//! What came of a call, and why.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::Timeline;
use crate::engine::xds::{AccessLog, Origin};

/// The answer to one [`Call`](super::Call). Its JSON is the terminal contract's.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// The call's name.
    pub name: String,
    /// Why there is no HTTP exchange as wanted; none where there is one.
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
    /// Where the route sends requests.
    pub clusters: Vec<ClusterShare>,
    /// What the client sees.
    pub response: Response,
    /// What the backend sees, where one is reached.
    pub upstream: Option<UpstreamRequest>,
    /// With `repeat` or `concurrency`: each run.
    pub runs: Option<Vec<Run>>,
    /// With them: what happened when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeline: Option<Timeline>,
    /// Copies that were sent elsewhere.
    pub mirrors: Vec<ClusterShare>,
    /// How it was decided.
    pub trace: Vec<Step>,
    /// The access logs of who answered or passed it on.
    #[serde(skip)]
    pub access_logs: Vec<AccessLog>,
}

/// The share of all requests that a route sends to a cluster, whether it has endpoints or not.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ClusterShare {
    /// For example `outbound|9080|v2|reviews.default.svc.cluster.local`.
    pub name: String,
    /// 0 to 1.
    pub share: f64,
    /// Endpoints that the load balancer chooses from, `address:port`.
    pub endpoints: Vec<String>,
    /// The share of each of them in what goes to the cluster; empty where a hash of the request decides and nothing is known of it.
    #[serde(skip)]
    pub endpoint_shares: Vec<f64>,
    /// The host that a copy bears; empty for what is no copy.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authority: String,
    /// The field that named it.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// What the client sees.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Response {
    /// The most frequent status; none where there is no HTTP answer.
    pub status: Option<u16>,
    /// The exact distribution over statuses.
    pub statuses: BTreeMap<u16, f64>,
    /// Envoy's response flags, for example `NR`.
    pub flags: Vec<String>,
    /// Headers that the configuration causes.
    pub headers: BTreeMap<String, String>,
}

/// A request as the backend sees it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[allow(missing_docs, reason = "the fields say it")]
pub struct UpstreamRequest {
    pub method: String,
    pub authority: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
}

/// One of several runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// None where the connection was closed.
    pub status: Option<u16>,
    /// Response flags.
    pub flags: Vec<String>,
    /// Requests sent upstream for it.
    pub attempts: u32,
}

/// Why a call came to nothing, in the words of the terminal contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallError {
    /// Black hole, or refused by a network filter.
    ConnectionClosed,
    /// Nothing listens there.
    NoListener,
    /// The listener has no filter chain for such a connection.
    NoFilterChain,
    /// It has two that match equally well.
    MultipleFilterChains,
    /// The filter chain does not speak what is spoken.
    ProtocolError,
    /// TLS where none is offered, or none where it is wanted.
    TlsError,
    /// A client certificate is missing or not trusted.
    MtlsError,
    /// No virtual host has that host; Envoy answers 404.
    NoVirtualHost,
    /// No route matches; Envoy answers 404.
    NoRoute,
    /// Plain HTTP where TLS is required; Envoy answers 301.
    TlsRedirect,
}

/// One step of the decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// What was decided.
    pub stage: Stage,
    /// Whether `subject` was taken.
    pub verdict: Verdict,
    /// The candidate: a listener, filter chain, virtual host, route, cluster or endpoint.
    pub subject: String,
    /// Why, in one sentence for a learner.
    pub reason: String,
    /// Which field of which resource made it so.
    #[serde(serialize_with = "origin_text")]
    pub origin: Option<Origin>,
}

#[allow(clippy::ref_option, reason = "the signature is serde's")]
fn origin_text<S: Serializer>(origin: &Option<Origin>, serializer: S) -> Result<S::Ok, S::Error> {
    origin.as_ref().map(|origin| format!("{} {}", origin.resource, origin.path).trim_end().to_owned()).serialize(serializer)
}

/// The decisions of an Envoy, in their order, then those of ztunnel, which has listeners and endpoints as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the variants say it")]
pub enum Stage {
    Listener,
    FilterChain,
    VirtualHost,
    Route,
    Filter,
    Cluster,
    Endpoint,
    Response,
    Service,
    Policy,
    AccessLog,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Taken.
    Chosen,
    /// Looked at and left, for the reason given.
    Lost,
    /// Not looked at, as one before it was taken.
    Unreached,
}
