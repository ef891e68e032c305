//! What the listeners of the way in find out about a connection before they choose a chain, and on which ports they look.
//!
//! `populateListenerFilters` in `pilot/pkg/networking/core/listener_inbound.go` (istio/istio at 1.26.4).

use std::collections::BTreeMap;

use serde_json::json;

use super::outbound::{http_inspector, listener_filter, tls_inspector};
use crate::engine::xds::{FilterChain, Int32Range, ListenerFilter, PortMatch, PortMatchSet};

/// The destination first, then a look at the first bytes on every port where a chain asks for it.
pub(super) fn listener_filters(chains: &[FilterChain]) -> Vec<ListenerFilter> {
    let mut wants: BTreeMap<u32, (bool, bool)> = BTreeMap::new();
    for matching in chains.iter().filter_map(|chain| chain.filter_chain_match.as_ref()) {
        let entry = wants.entry(matching.destination_port.unwrap_or_default()).or_default();
        entry.0 |= matching.transport_protocol == "tls";
        entry.1 |= matching.application_protocols.iter().any(|protocol| matches!(protocol.as_str(), "http/1.1" | "h2c"));
    }
    let mut filters = vec![listener_filter("original_dst", "original_dst.v3.OriginalDst", json!(null))];
    if wants.values().any(|want| want.0) {
        let looks_everywhere = wants.get(&0).is_some_and(|want| want.0);
        let ports: Vec<u32> = wants.iter().filter(|(port, want)| **port != 0 && want.0 != looks_everywhere).map(|(port, _)| *port).collect();
        let filter_disabled = match on_ports(&ports) {
            Some(only) if !looks_everywhere => Some(PortMatch { not_match: Some(Box::new(only)), ..PortMatch::default() }),
            except => except,
        };
        filters.push(ListenerFilter { filter_disabled, ..tls_inspector() });
    }
    if wants.values().any(|want| want.1) {
        let without_http: Vec<u32> = wants.iter().filter(|(_, want)| !want.1).map(|(port, _)| *port).collect();
        filters.push(ListenerFilter { filter_disabled: on_ports(&without_http), ..http_inspector() });
    }
    filters
}

/// The ports of a list, or none where it is empty.
pub(super) fn on_ports(ports: &[u32]) -> Option<PortMatch> {
    let one = |port: &u32| {
        let start = i32::try_from(*port).unwrap_or_default();
        PortMatch { destination_port_range: Some(Int32Range { start, end: start.saturating_add(1) }), ..PortMatch::default() }
    };
    match ports {
        [] => None,
        [port] => Some(one(port)),
        ports => Some(PortMatch { or_match: Some(PortMatchSet { rules: ports.iter().map(one).collect() }), ..PortMatch::default() }),
    }
}
