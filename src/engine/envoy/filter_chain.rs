//! Which filter chain of a listener takes a connection: a sieve of criteria, each keeping only the chains that fit best.
//!
//! Order and meaning: <https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch>.

use std::net::IpAddr;

use super::{
    CallError, Stage, Verdict,
    connection::{Connection, Inspected},
    trace::Trace,
};
use crate::engine::xds::{CidrRange, FilterChain, FilterChainMatch, Listener};

/// How well a chain meets one criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It wants something else.
    No,
    /// It does not ask.
    Unset,
    /// It asks for just this; the more, the better.
    Yes(usize),
}

/// The chain for a connection.
pub(super) fn choose<'a>(listener: &'a Listener, connection: &Connection, seen: &Inspected, trace: &mut Trace) -> Result<&'a FilterChain, CallError> {
    let none = FilterChainMatch::default();
    let wants = |chain: &'a FilterChain| chain.filter_chain_match.clone().unwrap_or_else(|| none.clone());
    let mut left: Vec<(usize, &FilterChain, FilterChainMatch)> =
        listener.filter_chains.iter().enumerate().map(|(at, chain)| (at, chain, wants(chain))).collect();
    let destination: Option<IpAddr> = connection.address.parse().ok();
    type Criterion<'c> = (&'c str, Box<dyn Fn(&FilterChainMatch) -> Fit + 'c>, String);
    let criteria: [Criterion<'_>; 6] = [
        ("destination port", Box::new(|m| fit_port(m, connection.port)), connection.port.to_string()),
        ("destination address", Box::new(|m| fit_ranges(&m.prefix_ranges, destination)), connection.address.clone()),
        ("server name", Box::new(|m| fit_server_name(m, &seen.sni)), or_none(&seen.sni)),
        ("transport", Box::new(|m| fit_transport(m, seen.transport)), seen.transport.to_owned()),
        ("application protocol", Box::new(|m| fit_protocols(m, &seen.application_protocols)), or_none(&seen.application_protocols.join(", "))),
        (
            "source address",
            Box::new(|m| fit_ranges(&m.source_prefix_ranges, connection.source)),
            connection.source.map_or_else(|| "unknown".into(), |ip| ip.to_string()),
        ),
    ];
    for (what, fit, value) in criteria {
        let best = left.iter().map(|(_, _, m)| fit(m)).max().unwrap_or(Fit::No);
        left.retain(|(at, chain, m)| {
            let own = fit(m);
            let keep = own != Fit::No && own == best;
            if !keep {
                let reason = if own == Fit::No {
                    format!("it wants another {what}: the connection has {value}.")
                } else {
                    format!("another chain fits the {what} {value} better.")
                };
                trace.lost(Stage::FilterChain, label(chain, *at), reason, chain.origin.as_ref());
            }
            keep
        });
    }
    match (left.as_slice(), &listener.default_filter_chain) {
        ([(at, chain, _)], default) => {
            trace.chosen(Stage::FilterChain, label(chain, *at), describe(chain, seen), chain.origin.as_ref());
            if let Some(default) = default {
                trace.add(Stage::FilterChain, Verdict::Unreached, label(default, usize::MAX), "it is only for connections that no other chain takes.", None);
            }
            Ok(chain)
        }
        ([], Some(default)) => {
            trace.chosen(Stage::FilterChain, label(default, usize::MAX), "no other chain fits, and this is the listener's default.", default.origin.as_ref());
            Ok(default)
        }
        ([], None) => {
            trace.lost(Stage::FilterChain, &listener.name, "none of its filter chains fits, so the connection is closed.", None);
            Err(CallError::NoFilterChain)
        }
        _ => {
            trace.lost(Stage::FilterChain, &listener.name, "several of its filter chains fit equally well, which Envoy does not accept.", None);
            Err(CallError::MultipleFilterChains)
        }
    }
}

/// A chain's name, or its place where it has none.
pub(super) fn label(chain: &FilterChain, at: usize) -> String {
    match (chain.name.as_str(), at) {
        ("", usize::MAX) => "default filter chain".into(),
        ("", at) => format!("filter chain {at}"),
        (name, _) => name.to_owned(),
    }
}

fn describe(chain: &FilterChain, seen: &Inspected) -> String {
    let wants = chain.filter_chain_match.as_ref();
    if wants.is_some_and(|wants| !wants.server_names.is_empty()) {
        format!("it serves the server name {:?}.", seen.sni)
    } else if wants.is_none_or(|wants| *wants == FilterChainMatch::default()) {
        "it takes what the listener gets, whatever it is.".to_owned()
    } else {
        format!("it fits best: {} as transport, {} as application protocol.", seen.transport, or_none(&seen.application_protocols.join(", ")))
    }
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "none".into() } else { text.to_owned() }
}

fn fit_port(wants: &FilterChainMatch, port: u32) -> Fit {
    match wants.destination_port {
        None => Fit::Unset,
        Some(wanted) if wanted == port => Fit::Yes(0),
        Some(_) => Fit::No,
    }
}

fn fit_ranges(ranges: &[CidrRange], address: Option<IpAddr>) -> Fit {
    if ranges.is_empty() {
        return Fit::Unset;
    }
    let longest = address.and_then(|address| ranges.iter().filter_map(|range| prefix_len_within(range, address)).max());
    longest.map_or(Fit::No, Fit::Yes)
}

/// The length of the prefix if the address lies in the range.
pub(super) fn prefix_len_within(range: &CidrRange, address: IpAddr) -> Option<usize> {
    let len = range.prefix_len.unwrap_or(0);
    let (network, address, bits) = match (range.address_prefix.parse().ok()?, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => (u128::from(network.to_bits()), u128::from(address.to_bits()), 32),
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return None,
    };
    let len = len.min(bits);
    let differing = (network ^ address).checked_shr(bits - len).unwrap_or(0);
    (differing == 0).then_some(len as usize)
}

fn fit_server_name(wants: &FilterChainMatch, sni: &str) -> Fit {
    if wants.server_names.is_empty() {
        return Fit::Unset;
    }
    let fits = wants.server_names.iter().filter_map(|name| {
        let name = name.to_ascii_lowercase();
        match name.strip_prefix('*') {
            None if name == sni && !sni.is_empty() => Some(usize::MAX),
            Some(suffix) if !suffix.is_empty() && sni.len() > suffix.len() && sni.ends_with(suffix) => Some(suffix.len()),
            _ => None,
        }
    });
    fits.max().map_or(Fit::No, Fit::Yes)
}

fn fit_transport(wants: &FilterChainMatch, transport: &str) -> Fit {
    match wants.transport_protocol.as_str() {
        "" => Fit::Unset,
        wanted if wanted == transport => Fit::Yes(0),
        _ => Fit::No,
    }
}

/// The first protocol offered that any chain asks for decides, so an earlier one is a better fit.
fn fit_protocols(wants: &FilterChainMatch, offered: &[String]) -> Fit {
    if wants.application_protocols.is_empty() {
        return Fit::Unset;
    }
    offered.iter().position(|protocol| wants.application_protocols.contains(protocol)).map_or(Fit::No, |at| Fit::Yes(offered.len() - at))
}
