//! Connections that come through a tunnel: where it ends, and which chain of the listener behind takes what comes out.
//!
//! A tunnel is an HTTP/2 CONNECT over mutual TLS. Its end notes where it was going and who the peer is, and hands the bytes to a listener
//! of the same Envoy, which finds its chain by a tree of matchers:
//! <https://www.envoyproxy.io/docs/envoy/latest/api-v3/xds/type/matcher/v3/matcher.proto>.

use std::net::IpAddr;

use serde_json::Value;

use super::{
    Call, CallError, Outcome, Stage, Tls,
    connection::{Connection, Inspected},
    filter_chain::{self, prefix_len_within},
    listener::is_taken,
    tls,
    trace::Trace,
    upstream,
};
use crate::engine::xds::{CidrRange, FilterChain, HttpConnectionManager, Listener, ProxyConfig, TypedConfig};

/// The port on which tunnels end.
const PORT: u32 = 15008;
/// How deep a tree of matchers is followed.
const MAX_DEPTH: usize = 16;

/// The listener and chain behind the end of the tunnel.
pub(super) fn enter<'a>(
    config: &'a ProxyConfig,
    call: &Call,
    connection: &mut Connection,
    outcome: &mut Outcome,
    trace: &mut Trace,
) -> Result<(&'a Listener, &'a FilterChain), CallError> {
    let is_end = |listener: &&Listener| listener.address.as_ref().and_then(|address| address.socket_address.as_ref()).is_some_and(|at| at.port_value == PORT);
    let Some(end) = config.listeners.iter().find(is_end) else {
        trace.lost(Stage::Listener, format!("port {PORT}"), "the proxy ends no tunnels.", None);
        return Err(CallError::NoListener);
    };
    let to = format!("{}:{}", connection.address, connection.port);
    trace.chosen(Stage::Listener, &end.name, format!("the tunnel (HBONE) ends here; it was opened for {to}."), None);
    let chain = end.filter_chains.first().ok_or(CallError::NoFilterChain)?;
    outcome.listener.clone_from(&end.name);
    outcome.filter_chain.clone_from(&chain.name);
    // Whatever is inside, the tunnel itself is mutual TLS.
    let outside = Call { tls: Tls::Mtls, ..call.clone() };
    if let Err((error, reason)) = tls::handshake(chain, &outside, config.secrets.as_ref()) {
        trace.lost(Stage::Filter, "TLS handshake", reason, None);
        return Err(error);
    }
    connection.tunnel_peer = tls::peer(chain, &outside);
    let inner = manager(chain).and_then(|manager| behind(config, manager)).filter(|inner| is_taken(inner, trace)).ok_or_else(|| {
        trace.lost(Stage::Listener, &end.name, "nothing behind it takes what comes out of tunnels.", None);
        CallError::NoListener
    })?;
    trace.chosen(Stage::Listener, &inner.name, "it gets what comes out of tunnels, and finds out what it is for.", None);
    outcome.listener.clone_from(&inner.name);
    outcome.filter_chain.clear();
    let seen = connection.inspect(inner);
    // A sidecar's is chosen as everywhere else.
    if inner.filter_chain_matcher.is_none() {
        return Ok((inner, filter_chain::choose(inner, connection, &seen, trace)?));
    }
    let name = inner.filter_chain_matcher.as_ref().and_then(|tree| choose(tree, connection, &seen, 0));
    let Some(found) = name.and_then(|name| inner.filter_chains.iter().find(|chain| chain.name == name)) else {
        let reason = format!("none of its filter chains is for {to}: the waypoint stands before nothing there, so the connection is closed.");
        trace.lost(Stage::FilterChain, &inner.name, reason, None);
        outcome.response.flags.push("NR".into());
        return Err(CallError::NoFilterChain);
    };
    let protocols = if seen.application_protocols.is_empty() { String::new() } else { format!(", and {} is spoken", seen.application_protocols.join(" or ")) };
    trace.chosen(Stage::FilterChain, &found.name, format!("it is for {to}{protocols}."), found.origin.as_ref());
    Ok((inner, found))
}

fn manager(chain: &FilterChain) -> Option<&HttpConnectionManager> {
    chain.filters.iter().find_map(|filter| match &filter.typed_config {
        Some(TypedConfig::HttpConnectionManager(manager)) => Some(&**manager),
        _ => None,
    })
}

/// The listener that the route for CONNECT leads to.
fn behind<'a>(config: &'a ProxyConfig, manager: &HttpConnectionManager) -> Option<&'a Listener> {
    let routes = manager.route_config.iter().flat_map(|routes| &routes.virtual_hosts).flat_map(|host| &host.routes);
    let name = routes.filter(|route| route.r#match.connect_matcher.is_some()).find_map(|route| route.route.as_ref()?.cluster.as_deref())?;
    let assignment = upstream::cluster(config, name)?.load_assignment.as_ref()?;
    let endpoint = assignment.endpoints.iter().flat_map(|group| &group.lb_endpoints).find_map(|endpoint| endpoint.endpoint.as_ref()?.address.as_ref());
    let listener = endpoint?.envoy_internal_address.as_ref()?.server_listener_name.as_str();
    config.listeners.iter().find(|candidate| candidate.name == listener && candidate.internal_listener.is_some())
}

/// The chain that a tree of matchers names.
fn choose<'a>(tree: &'a Value, connection: &Connection, seen: &Inspected, depth: usize) -> Option<&'a str> {
    if depth >= MAX_DEPTH {
        return None;
    }
    let branch = &tree["matcherTree"];
    let input = branch["input"]["typedConfig"]["@type"].as_str().and_then(|kind| kind.rsplit('.').next()).unwrap_or_default();
    let found = match input {
        "DestinationIPInput" => by_address(&branch["customMatch"]["typedConfig"]["rangeMatchers"], connection),
        "DestinationPortInput" => branch["exactMatchMap"]["map"].get(connection.port.to_string()),
        "ApplicationProtocolInput" => {
            let map = &branch["exactMatchMap"]["map"];
            seen.application_protocols.iter().find_map(|protocol| map.get(format!("'{protocol}'")))
        }
        _ => None,
    };
    let on = found.or_else(|| tree.get("onNoMatch"))?;
    match on.get("matcher") {
        Some(inner) => choose(inner, connection, seen, depth + 1),
        None => on["action"]["typedConfig"]["value"].as_str(),
    }
}

/// What the range that fits an address best leads to.
fn by_address<'a>(ranges: &'a Value, connection: &Connection) -> Option<&'a Value> {
    let address: IpAddr = connection.address.parse().ok()?;
    let fit = |entry: &'a Value| {
        let ranges: Vec<CidrRange> = serde_json::from_value(entry["ranges"].clone()).ok()?;
        let longest = ranges.iter().filter_map(|range| prefix_len_within(range, address)).max()?;
        Some((longest, &entry["onMatch"]))
    };
    let mut best: Option<(usize, &Value)> = None;
    for (length, on) in ranges.as_array().into_iter().flatten().filter_map(fit) {
        if best.is_none_or(|(known, _)| length > known) {
            best = Some((length, on));
        }
    }
    best.map(|(_, on)| on)
}
