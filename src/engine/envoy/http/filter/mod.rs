//! The HTTP filters, one file each. A filter either lets a request pass or answers it; where chance decides, it does both in part.

mod cors;
mod fault;
mod jwt_authn;
mod security;

pub(super) use security::{Checked, check};

use std::collections::BTreeMap;

use super::{local_reply::LocalReply, request::Request};
use crate::engine::{
    envoy::{Stage, trace::Trace},
    xds::{ClusterWeight, HttpConnectionManager, HttpFilter, Route, TypedConfig, VirtualHost},
};

/// What all filters together do with a share of the requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Passage {
    /// 0 to 1.
    pub(super) share: f64,
    /// An answer instead of the route's action.
    pub(super) reply: Option<LocalReply>,
    /// How long the filters hold the request back, in nanoseconds.
    pub(super) delay_nanos: i128,
    /// Response flags so far.
    pub(super) flags: Vec<&'static str>,
    /// Headers that they add to the response.
    pub(super) response_headers: BTreeMap<String, String>,
}

/// Where a filter's own configuration for a route is looked for.
pub(super) struct Scope<'a> {
    pub(super) weight: Option<&'a ClusterWeight>,
    pub(super) route: &'a Route,
    pub(super) host: &'a VirtualHost,
}

impl<'a> Scope<'a> {
    /// The most specific configuration of a filter.
    fn config(&self, filter: &str) -> Option<&'a TypedConfig> {
        let weight = self.weight.and_then(|weight| weight.typed_per_filter_config.get(filter));
        weight.or_else(|| self.route.typed_per_filter_config.get(filter)).or_else(|| self.host.typed_per_filter_config.get(filter))
    }
}

/// Sends a request through the filters in their order, but for those of [`check`], which have been asked before.
pub(super) fn pass(hcm: &HttpConnectionManager, scope: &Scope<'_>, request: &Request, trace: &mut Trace) -> Vec<Passage> {
    let mut passages = vec![Passage { share: 1.0, ..Passage::default() }];
    for filter in hcm.http_filters.iter().filter(|filter| !filter.disabled && !security::is_one(filter)) {
        passages = passages
            .into_iter()
            .flat_map(|passage| {
                if passage.reply.is_some() {
                    return vec![passage];
                }
                match kind(filter) {
                    Kind::Cors => cors::apply(scope.config(&filter.name), request, passage, trace),
                    Kind::Fault => fault::apply(scope.config(&filter.name).or(filter.typed_config.as_ref()), request, passage, trace),
                    Kind::Neutral => vec![passage],
                    Kind::Unknown => {
                        let reason = "this filter is not modelled; what it would do is not taken into account.";
                        trace.lost(Stage::Filter, filter.name.as_ref(), reason, None);
                        vec![passage]
                    }
                }
            })
            .collect();
    }
    passages
}

enum Kind {
    Cors,
    Fault,
    /// Statistics, peer metadata and protocol hints: they decide nothing about a request.
    Neutral,
    Unknown,
}

fn kind(filter: &HttpFilter) -> Kind {
    let message = filter.typed_config.as_ref().and_then(TypedConfig::other_type);
    match (&filter.typed_config, filter.name.as_ref(), message) {
        (Some(TypedConfig::HttpFault(_)), _, _) | (_, "envoy.filters.http.fault", _) => Kind::Fault,
        (Some(TypedConfig::Router {}), _, _) | (_, "envoy.filters.http.router", _) => Kind::Neutral,
        (_, _, Some("Cors")) | (_, "envoy.filters.http.cors", _) => Kind::Cors,
        (
            _,
            "istio.metadata_exchange"
            | "istio.alpn"
            | "istio.stats"
            | "envoy.filters.http.grpc_stats"
            | "waypoint_downstream_peer_metadata"
            | "waypoint_upstream_peer_metadata"
            | "envoy.filters.http.grpc_web",
            _,
        ) => Kind::Neutral,
        _ => Kind::Unknown,
    }
}
