//! The HTTP connection manager: from a request to its reply, by virtual host, route, filters and router.

mod filter;
mod forward;
mod headers;
mod local_reply;
mod path;
mod request;
mod rewrite;
mod route_match;
mod settle;
mod virtual_host;

use std::collections::BTreeMap;

use filter::{Checked, Passage, Scope};
use forward::Forward;
use local_reply::LocalReply;
pub(super) use path::without_query;
use request::Rejected;
pub(super) use request::Request;
pub(super) use route_match::header_mismatch;
use settle::{Branch, Next};

use super::{Call, CallError, Outcome, Protocol, Stage, connection::Connection, metadata::Metadata, trace::Trace};
use crate::engine::xds::{ClusterWeight, HttpConnectionManager, ProxyConfig, Route, RouteConfiguration, VirtualHost};

/// What `%RESPONSE_CODE%` says in a reply of Envoy's own, whose status is not on record while its headers are made.
const NOT_YET: u16 = 0;

/// What all parts of an exchange look at.
pub(super) struct Exchange<'a> {
    pub(super) config: &'a ProxyConfig,
    pub(super) call: &'a Call,
    pub(super) connection: &'a Connection,
    pub(super) hcm: &'a HttpConnectionManager,
}

/// Where a request was found to belong.
struct Place<'a> {
    routes: &'a RouteConfiguration,
    host: &'a VirtualHost,
    route: &'a Route,
}

/// Answers the call.
pub(super) fn answer(exchange: &Exchange<'_>, outcome: &mut Outcome, trace: &mut Trace) {
    let branches = decide(exchange, outcome, trace);
    settle::settle(exchange, branches, outcome, trace);
}

/// Every way the request can go, with its share.
fn decide<'a>(exchange: &Exchange<'a>, outcome: &mut Outcome, trace: &mut Trace) -> Vec<Branch<'a>> {
    route_config_name(exchange.hcm).clone_into(&mut outcome.route_config);
    let request = match Request::receive(exchange.call, exchange.connection, exchange.hcm) {
        Ok(request) => request,
        Err(rejected) => {
            preview(exchange, outcome);
            return vec![Branch::rejected(&rejected)];
        }
    };
    let Checked { request: changed, metadata, clears_route_cache, refusal } = filter::check(exchange, &request, trace);
    // The route is chosen before the filters are asked, and anew only where one of them wants that.
    let chosen_by = if clears_route_cache { (&changed, &metadata) } else { (&request, &Metadata::new()) };
    match (locate(exchange, chosen_by.0, chosen_by.1, outcome, trace), refusal) {
        (Ok(place), Some(refusal)) => refuse(exchange, &place, &changed, refusal, outcome),
        (Err(_), Some(Passage { reply: Some(reply), flags, .. })) => vec![Branch::local(&LocalReply { flags, ..reply }, &changed)],
        (Ok(place), None) => act(exchange, &place, &changed, outcome, trace),
        (Err((error, reply)), _) => {
            outcome.error = Some(error);
            vec![Branch::local(&reply, &changed)]
        }
    }
}

/// A filter's own answer on a route, whose clusters are never asked.
fn refuse<'a>(exchange: &Exchange<'a>, place: &Place<'a>, request: &Request, refusal: Passage, outcome: &mut Outcome) -> Vec<Branch<'a>> {
    let choices = choices(place.route);
    if place.route.route.is_some() {
        name_clusters(exchange, &choices, outcome, &mut Trace::default());
    }
    let (name, _, weight) = choices.into_iter().next().unwrap_or_default();
    vec![branch(exchange, place, request, refusal, &name, weight, 1.0)]
}

/// Names the route configuration and virtual host behind a connection that does not get as far.
pub(super) fn preview(exchange: &Exchange<'_>, outcome: &mut Outcome) {
    if exchange.call.protocol == Protocol::Tcp {
        return;
    }
    route_config_name(exchange.hcm).clone_into(&mut outcome.route_config);
    let host = route_config(exchange).and_then(|routes| virtual_host::choose(routes, &exchange.call.host, &mut Trace::default()));
    outcome.virtual_host = host.map(|host| host.name.clone()).unwrap_or_default();
}

fn route_config<'a>(exchange: &Exchange<'a>) -> Option<&'a RouteConfiguration> {
    match &exchange.hcm.rds {
        Some(rds) => exchange.config.routes.iter().find(|routes| routes.name == rds.route_config_name),
        None => exchange.hcm.route_config.as_ref(),
    }
}

fn route_config_name(hcm: &HttpConnectionManager) -> &str {
    match (&hcm.rds, &hcm.route_config) {
        (Some(rds), _) => &rds.route_config_name,
        (None, Some(inline)) => &inline.name,
        (None, None) => "",
    }
}

fn locate<'a>(
    exchange: &Exchange<'a>,
    request: &Request,
    metadata: &Metadata,
    outcome: &mut Outcome,
    trace: &mut Trace,
) -> Result<Place<'a>, (CallError, LocalReply)> {
    let not_found = |reason: String| LocalReply { status: 404, flags: vec!["NR"], reason, ..LocalReply::default() };
    let name = route_config_name(exchange.hcm);
    let routes = route_config(exchange).ok_or_else(|| (CallError::NoVirtualHost, not_found(format!("the proxy has no route configuration {name:?}."))))?;
    let host = virtual_host::choose(routes, &request.authority, trace)
        .ok_or_else(|| (CallError::NoVirtualHost, not_found(format!("no virtual host of {name:?} serves the host {:?}.", request.authority))))?;
    outcome.virtual_host.clone_from(&host.name);
    if matches!(host.require_tls.as_str(), "ALL" | "EXTERNAL_ONLY") && request.header("x-forwarded-proto") != Some("https") {
        let location = format!("https://{}{}", request.authority, request.path);
        let reason = format!("the virtual host requires TLS; the client is sent to {location}.");
        let reply = LocalReply { status: 301, headers: BTreeMap::from([("location".to_owned(), location)]), reason, ..LocalReply::default() };
        return Err((CallError::TlsRedirect, reply));
    }
    let route = route_match::choose(host, request, metadata, trace)
        .ok_or_else(|| (CallError::NoRoute, not_found(format!("no route of virtual host {:?} matches, so nobody is asked.", host.name))))?;
    outcome.route.clone_from(&route.name);
    Ok(Place { routes, host, route })
}

/// The filters, then what the route says.
fn act<'a>(exchange: &Exchange<'a>, place: &Place<'a>, request: &Request, outcome: &mut Outcome, trace: &mut Trace) -> Vec<Branch<'a>> {
    let choices = choices(place.route);
    let mut branches = Vec::new();
    for (at, (name, share, weight)) in choices.iter().enumerate() {
        let scope = Scope { weight: *weight, route: place.route, host: place.host };
        // The filters say the same for every cluster of a split, but for what a cluster sets of its own.
        let repeats = at > 0 && weight.is_none_or(|weight| weight.typed_per_filter_config.is_empty());
        let mut unheard = Trace::default();
        for passage in filter::pass(exchange.hcm, &scope, request, if repeats { &mut unheard } else { trace }) {
            let share = share * passage.share;
            branches.push(branch(exchange, place, request, passage, name, *weight, share));
        }
    }
    if place.route.route.is_some() {
        name_clusters(exchange, &choices, outcome, trace);
        outcome.mirrors = forward::mirrors(exchange, place.route, &branches);
    }
    branches
}

/// The clusters of a route with their shares; one nameless choice where it forwards to none.
fn choices(route: &Route) -> Vec<(String, f64, Option<&ClusterWeight>)> {
    let weighted = route.route.as_ref().and_then(|action| action.weighted_clusters.as_ref());
    if let Some(weighted) = weighted {
        let whole: f64 = weighted.clusters.iter().map(|cluster| f64::from(cluster.weight.unwrap_or(0))).sum();
        let shared = |cluster: &'_ ClusterWeight| f64::from(cluster.weight.unwrap_or(0)) / whole;
        let some: Vec<_> =
            weighted.clusters.iter().filter(|cluster| shared(cluster) > 0.0).map(|cluster| (cluster.name.clone(), shared(cluster), Some(cluster))).collect();
        if !some.is_empty() {
            return some;
        }
    }
    let name = route.route.as_ref().and_then(|action| action.cluster.clone()).unwrap_or_default();
    vec![(name, 1.0, None)]
}

fn branch<'a>(
    exchange: &Exchange<'a>,
    place: &Place<'a>,
    request: &Request,
    passage: Passage,
    cluster: &str,
    weight: Option<&'a ClusterWeight>,
    share: f64,
) -> Branch<'a> {
    let next = if let Some(reply) = &passage.reply {
        let (status, mut headers) = reply.shape(request);
        if place.route.route.is_some() && !reply.is_finished {
            forward::finish_headers(exchange, place, weight, request, cluster, NOT_YET, &mut headers);
        }
        Next::Reply { status, headers, reason: reply.reason.clone() }
    } else if let Some(reply) = LocalReply::of_route(place.route, request) {
        let (status, mut headers) = reply.shape(request);
        forward::finish_headers(exchange, place, weight, request, cluster, NOT_YET, &mut headers);
        Next::Reply { status, headers, reason: reply.reason }
    } else {
        Next::Send(Box::new(Forward::new(exchange, place, weight, request, cluster, passage.delay_nanos)))
    };
    Branch { share, flags: passage.flags, response_headers: passage.response_headers, next }
}

fn name_clusters(exchange: &Exchange<'_>, choices: &[(String, f64, Option<&ClusterWeight>)], outcome: &mut Outcome, trace: &mut Trace) {
    for (name, share, weight) in choices {
        let origin = weight.and_then(|weight| weight.origin.as_ref());
        let reason = if choices.len() == 1 {
            "the route sends every request there.".to_owned()
        } else {
            format!("the route sends {} of the requests there.", percent(*share))
        };
        trace.chosen(Stage::Cluster, name, reason, origin);
        outcome.clusters.push(super::name_cluster(exchange.config, exchange.connection, name, *share, origin, trace));
    }
}

/// `12.5 %`.
pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.4}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
