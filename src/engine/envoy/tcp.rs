//! The TCP proxy: passes bytes on to a cluster without looking at them.

use super::{
    Call, CallError, Outcome, Protocol, Stage, TOKEN, Tls, UpstreamRequest,
    connection::Connection,
    http::percent,
    trace::Trace,
    upstream::{Sending, Simulation},
};
use crate::engine::xds::{ClusterWeight, ProxyConfig, TcpProxy};

/// Passes the connection on. `is_readable` says whether the proxy behind sees plain text.
pub(super) fn pass(config: &ProxyConfig, call: &Call, connection: &Connection, proxy: &TcpProxy, ends_tls: bool, outcome: &mut Outcome, trace: &mut Trace) {
    let targets = proxy.targets();
    let whole: f64 = targets.iter().map(|target| f64::from(target.weight.unwrap_or(0))).sum();
    let shares: Vec<(&ClusterWeight, f64)> =
        targets.iter().map(|target| (target, f64::from(target.weight.unwrap_or(0)) / whole)).filter(|(_, share)| *share > 0.0).collect();
    let is_http = call.protocol != Protocol::Tcp && (call.tls == Tls::Plaintext || ends_tls);
    let mut best: Option<(f64, Result<u16, &'static str>, String)> = None;
    for (target, share) in &shares {
        let reason = if shares.len() == 1 {
            "the TCP proxy passes every connection there.".to_owned()
        } else {
            format!("the TCP proxy passes {} of the connections there.", percent(*share))
        };
        trace.chosen(Stage::Cluster, &target.name, reason, target.origin.as_ref());
        outcome.clusters.push(super::name_cluster(config, connection, &target.name, *share, target.origin.as_ref(), trace));
        let mut simulation = Simulation::new(config, call.upstream.as_ref(), format!("{}:{}", connection.address, connection.port), 0.0);
        let sending = Sending { cluster: target.name.clone(), not_found_status: 503, ..Sending::default() };
        let delivery = simulation.send(&[&sending], &[0]).pop().unwrap_or_default();
        let end = if delivery.is_answered { Ok(delivery.status) } else { Err(delivery.flags.first().copied().unwrap_or("UF")) };
        if let Ok(status) = end
            && is_http
        {
            *outcome.response.statuses.entry(status).or_default() += share;
        }
        if best.as_ref().is_none_or(|(other, _, _)| share > other) {
            best = Some((*share, end, delivery.reason));
        }
    }
    match best {
        Some((_, Ok(status), _)) => {
            trace.chosen(Stage::Response, "connected", "the bytes go to the endpoint and back; no HTTP rule is asked.", None);
            if is_http {
                outcome.response.status = Some(status);
                let method = if call.method.is_empty() { "GET" } else { &call.method };
                let headers = call.with_token(TOKEN).headers;
                outcome.upstream = Some(UpstreamRequest { method: method.to_owned(), authority: call.host.clone(), path: call.path.clone(), headers });
            }
        }
        Some((_, Err(flag), reason)) => {
            outcome.error = Some(CallError::ConnectionClosed);
            outcome.response.flags.push(flag.to_owned());
            trace.lost(Stage::Response, "closed", format!("the connection is closed: {reason}"), None);
        }
        None => {
            outcome.error = Some(CallError::ConnectionClosed);
            trace.lost(Stage::Response, "closed", "the TCP proxy has no cluster to pass the connection to.", None);
        }
    }
}
