//! The data plane: what one Envoy does with a request, decided from its xDS alone.
//!
//! Sees no Istio resource. Chance is never drawn: where a weight or a percentage decides, the outcome is the exact distribution.

mod access_log;
mod call;
mod connection;
mod ext_authz;
mod filter_chain;
mod http;
mod listener;
mod matcher;
mod metadata;
mod outcome;
mod rbac;
mod refusal;
mod tcp;
mod timeline;
mod tls;
mod token;
mod trace;
mod tunnel;
mod upstream;

pub use access_log::access_log_entries;
pub use call::*;
pub use connection::{SOME_ADDRESS, offered_protocols};
pub use outcome::*;
pub use refusal::{Refusal, refusal};
pub use timeline::{Ejection, Event, Moment, Timeline, span_text};
pub use tls::missing_secret;
pub use token::{TOKEN, TokenPlace};

use std::collections::BTreeMap;

use connection::Connection;
use ext_authz::Check;
use metadata::Metadata;
use rbac::{Asking, Ruling};
use trace::Trace;

use super::xds::{Filter, FilterChain, Origin, ProxyConfig, TypedConfig};

/// Sends one call through a proxy that has been told `config`.
pub fn run(config: &ProxyConfig, call: &Call) -> Outcome {
    let mut outcome = Outcome { name: call.name.clone(), ..Outcome::default() };
    let mut trace = Trace::default();
    if let Err(error) = connect(config, call, &mut outcome, &mut trace) {
        outcome.error = Some(error);
    }
    outcome.trace = trace.into_steps();
    outcome
}

/// Listener, filter chain and handshake, then the network filters.
fn connect(config: &ProxyConfig, call: &Call, outcome: &mut Outcome, trace: &mut Trace) -> Result<(), CallError> {
    let mut connection = Connection::new(call);
    let (listener, chain) = if call.mode == Mode::Tunnel {
        tunnel::enter(config, call, &mut connection, outcome, trace)?
    } else {
        let listener = listener::choose(config, call, &connection, trace).ok_or(CallError::NoListener)?;
        outcome.listener.clone_from(&listener.name);
        let seen = connection.inspect(listener);
        (listener, filter_chain::choose(listener, &connection, &seen, trace).inspect_err(|_| outcome.response.flags.push("NR".into()))?)
    };
    outcome.listener.clone_from(&listener.name);
    outcome.filter_chain.clone_from(&chain.name);
    if let Err((error, reason)) = tls::handshake(chain, call, config.secrets.as_ref()) {
        trace.lost(Stage::Filter, "TLS handshake", reason, None);
        if let Some(hcm) = http_connection_manager(chain) {
            http::preview(&http::Exchange { config, call, connection: &connection, hcm }, outcome);
        }
        return Err(error);
    }
    connection.peer = tls::peer(chain, call);
    let mut metadata = Metadata::new();
    for filter in &chain.filters {
        match &filter.typed_config {
            Some(TypedConfig::HttpConnectionManager(hcm)) => return serve_http(config, call, &connection, chain, hcm, outcome, trace),
            Some(TypedConfig::TcpProxy(proxy)) => {
                tcp::pass(config, call, &connection, proxy, tls::terminates(chain), outcome, trace);
                access_log::tell(&proxy.access_log, &BTreeMap::new(), outcome, trace);
                return Ok(());
            }
            Some(TypedConfig::NetworkRbac(rbac)) => {
                let asking = Asking { connection: &connection, request: None, remote: connection.source, metadata: &metadata };
                let mut notes = Vec::new();
                let ruling = rbac::ask(rbac, &asking, &mut notes, trace);
                rbac::leave_notes("envoy.filters.network.rbac", notes, &mut metadata);
                if let Ruling::Denied { reason } = ruling {
                    return Err(refuse(&reason, trace));
                }
            }
            config if config.as_ref().and_then(TypedConfig::other_type) == Some("ExtAuthz") => {
                if ext_authz::ask(&filter.name, config.as_ref(), call, &metadata, trace) != Check::Pass {
                    outcome.response.flags.push("UAEX".into());
                    return Err(refuse("the external authorizer does not let it pass.", trace));
                }
            }
            _ if is_neutral(filter) => {}
            _ => trace.lost(Stage::Filter, filter.name.as_ref(), "this filter is not modelled; what it would do is not taken into account.", None),
        }
    }
    trace.lost(Stage::Filter, filter_chain::label(chain, usize::MAX), "it has no filter that does something with the connection, so it is closed.", None);
    Err(CallError::ConnectionClosed)
}

/// A network filter lets nothing through, so the connection ends.
fn refuse(reason: &str, trace: &mut Trace) -> CallError {
    trace.lost(Stage::Response, "closed", format!("the connection is closed: {reason}"), None);
    CallError::ConnectionClosed
}

fn serve_http(
    config: &ProxyConfig,
    call: &Call,
    connection: &Connection,
    chain: &FilterChain,
    hcm: &super::xds::HttpConnectionManager,
    outcome: &mut Outcome,
    trace: &mut Trace,
) -> Result<(), CallError> {
    if call.tls != Tls::Plaintext && !tls::terminates(chain) {
        outcome.response.flags.push("DPE".into());
        trace.lost(Stage::Filter, "HTTP connection manager", "it reads plain HTTP, and what arrives is a TLS handshake.", None);
        return Err(CallError::TlsError);
    }
    http::answer(&http::Exchange { config, call, connection, hcm }, outcome, trace);
    let statuses = outcome.response.statuses.clone();
    access_log::tell(&hcm.access_log, &statuses, outcome, trace);
    Ok(())
}

fn http_connection_manager(chain: &FilterChain) -> Option<&super::xds::HttpConnectionManager> {
    chain.filters.iter().find_map(|filter| match &filter.typed_config {
        Some(TypedConfig::HttpConnectionManager(hcm)) => Some(&**hcm),
        _ => None,
    })
}

/// Statistics, peer metadata and protocol decoders: they decide nothing about a connection.
fn is_neutral(filter: &Filter) -> bool {
    matches!(
        filter.name.as_ref(),
        "istio.metadata_exchange"
            | "istio.stats"
            | "connect_authority"
            | "envoy.filters.network.metadata_exchange"
            | "envoy.filters.network.upstream.metadata_exchange"
            | "envoy.filters.network.mongo_proxy"
            | "envoy.mongo_proxy"
    )
}

/// A cluster that gets a share of the requests, with the endpoints that get them, each with its own share as a step.
fn name_cluster(config: &ProxyConfig, connection: &Connection, name: &str, share: f64, origin: Option<&Origin>, trace: &mut Trace) -> ClusterShare {
    let mut named = ClusterShare { name: name.to_owned(), share, origin: origin.cloned(), ..ClusterShare::default() };
    let Some(cluster) = upstream::cluster(config, name) else {
        trace.lost(Stage::Endpoint, name, "the proxy knows no such cluster, so there are no endpoints.", None);
        return named;
    };
    let hosts = upstream::hosts(config, cluster, &format!("{}:{}", connection.address, connection.port));
    let shares = upstream::shares(cluster, &hosts, |at| hosts[at].is_healthy);
    let told = upstream::assignment(config, cluster);
    let why = told.and_then(|told| told.origin.as_ref());
    let is_hashed = matches!(&*cluster.lb_policy, "RING_HASH" | "MAGLEV");
    for (host, share) in hosts.iter().zip(&shares) {
        if *share > 0.0 {
            let reason = format!("it gets {} of what goes to {name}{}.", http::percent(*share), upstream::rank(told, host));
            trace.chosen(Stage::Endpoint, &host.address, reason, why);
            named.endpoints.push(host.address.clone());
            named.endpoint_shares.extend(Some(*share).filter(|_| !is_hashed));
        } else {
            let what = if host.is_healthy { "endpoints of a better priority or locality take all requests" } else { "it is not healthy" };
            trace.lost(Stage::Endpoint, &host.address, format!("{what}{}.", upstream::rank(told, host)), why);
        }
    }
    if hosts.is_empty() {
        let reason = if why.is_some() { "the cluster has no endpoints, or none that this proxy may be told of." } else { "the cluster has no endpoints." };
        trace.lost(Stage::Endpoint, name, reason, why);
    }
    named
}
