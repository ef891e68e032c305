//! What a rule asks of who sends a request.

use std::net::IpAddr;

use super::{Asking, MAX_DEPTH, any, not};
use crate::engine::{
    envoy::{filter_chain::prefix_len_within, http::header_mismatch, matcher, metadata},
    xds::{Authenticated, CidrRange, FilterStateMatcher, Principal},
};

/// The key under which a tunnel's end notes the peer.
const PEER_PRINCIPAL: &str = "io.istio.peer_principal";

/// Why a principal does not hold; none where it does.
pub(super) fn mismatch(id: &Principal, asking: &Asking<'_>, depth: usize) -> Option<String> {
    if depth >= MAX_DEPTH {
        return Some("its rules are nested too deep".to_owned());
    }
    if id.any {
        return None;
    }
    if let Some(set) = &id.and_ids {
        return set.ids.iter().find_map(|id| mismatch(id, asking, depth + 1));
    }
    if let Some(set) = &id.or_ids {
        return any(set.ids.iter().map(|id| mismatch(id, asking, depth + 1)));
    }
    if let Some(id) = &id.not_id {
        return not(mismatch(id, asking, depth + 1)).map(|reason| format!("{reason} ({})", what(id, asking)));
    }
    if let Some(authenticated) = &id.authenticated {
        return peer_mismatch(authenticated, asking);
    }
    if let Some(state) = &id.filter_state {
        return state_mismatch(state, asking);
    }
    if let Some(range) = &id.direct_remote_ip {
        return address_mismatch(range, asking.connection.source, "the connection comes from");
    }
    if let Some(range) = &id.remote_ip {
        return address_mismatch(range, asking.remote, "the client's address is");
    }
    if let Some(header) = &id.header {
        return match asking.request {
            Some(request) => header_mismatch(header, request).map(|reason| reason.trim_end_matches('.').to_owned()),
            None => Some(format!("it asks for the header {}, and only bytes are seen here", header.name)),
        };
    }
    if let Some(metadata) = &id.metadata {
        return (!metadata::matches(metadata, asking.metadata)).then(|| metadata::describe(metadata, asking.metadata));
    }
    Some("it asks for something that is not modelled".to_owned())
}

/// What an exclusion is about.
fn what(id: &Principal, asking: &Asking<'_>) -> String {
    let first = id.or_ids.as_ref().and_then(|set| set.ids.first()).unwrap_or(id);
    if first.authenticated.is_some() {
        asking.connection.peer.clone().unwrap_or_default()
    } else if first.filter_state.is_some() {
        asking.connection.tunnel_peer.clone().unwrap_or_default()
    } else if first.direct_remote_ip.is_some() || first.remote_ip.is_some() {
        "its address".to_owned()
    } else if let Some(header) = &first.header {
        format!("header {}", header.name)
    } else {
        "its token".to_owned()
    }
}

fn peer_mismatch(wanted: &Authenticated, asking: &Asking<'_>) -> Option<String> {
    let wants = wanted.principal_name.as_ref().map_or_else(|| "any certificate".to_owned(), matcher::describe);
    match (&asking.connection.peer, &wanted.principal_name) {
        (Some(peer), Some(name)) if !matcher::matches(name, peer) => Some(format!("the peer is {peer:?}, the rule wants {wants}")),
        (Some(_), _) => None,
        (None, _) => Some(format!("no certificate says who the peer is (it is no mTLS connection), and the rule wants {wants}")),
    }
}

/// Who the peer is stands where the tunnel's end has written it down.
fn state_mismatch(wanted: &FilterStateMatcher, asking: &Asking<'_>) -> Option<String> {
    if wanted.key != PEER_PRINCIPAL {
        return Some(format!("it asks for {}, which is not modelled", wanted.key));
    }
    let value = asking.connection.tunnel_peer.as_deref();
    let wants = wanted.string_match.as_ref().map_or_else(|| "anything".to_owned(), matcher::describe);
    match (value, &wanted.string_match) {
        (Some(peer), Some(name)) if !matcher::matches(name, peer) => Some(format!("the peer is {peer:?}, the rule wants {wants}")),
        (Some(_), _) => None,
        (None, _) => Some(format!("no tunnel says who the peer is, and the rule wants {wants}")),
    }
}

fn address_mismatch(range: &CidrRange, address: Option<IpAddr>, what: &str) -> Option<String> {
    let wanted = format!("{}/{}", range.address_prefix, range.prefix_len.unwrap_or_default());
    match address {
        Some(address) if prefix_len_within(range, address).is_some() => None,
        Some(address) => Some(format!("{what} {address}, which is not in {wanted}")),
        None => Some(format!("{what} nowhere that the call names, and the rule wants {wanted}")),
    }
}
