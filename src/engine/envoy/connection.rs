//! What a proxy knows of a connection before it has chosen a filter chain.

use std::net::IpAddr;

use super::{Call, Mode, Protocol, Tls};
use crate::engine::xds::{Listener, ListenerFilter, PortMatch, TypedConfig};

/// Where a connection goes when the call does not say; an address that nothing has.
pub const SOME_ADDRESS: &str = "1.3.3.7";
/// How deep a port predicate is followed.
const MAX_PREDICATE_DEPTH: usize = 8;

/// A connection as its sender makes it.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    /// Original destination.
    pub(super) address: String,
    /// Original destination port.
    pub(super) port: u32,
    /// Where it comes from, if the call says.
    pub(super) source: Option<IpAddr>,
    /// Server name in the TLS hello.
    pub(super) sni: String,
    /// Protocols offered in the TLS hello, in order.
    pub(super) alpn: Vec<String>,
    /// Who the peer is by the certificate that the filter chain asked it for, as `spiffe://…`.
    pub(super) peer: Option<String>,
    /// The same, of the tunnel that it came through.
    pub(super) tunnel_peer: Option<String>,
    tls: Tls,
    protocol: Protocol,
}

/// What the listener filters found out; it decides the filter chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inspected {
    /// `tls` or `raw_buffer`.
    pub(super) transport: &'static str,
    /// Server name, lower case.
    pub(super) sni: String,
    /// ALPN, or what the HTTP inspector saw.
    pub(super) application_protocols: Vec<String>,
}

impl Connection {
    /// The original destination, if the call names one.
    pub(super) fn named_address(&self) -> Option<&str> {
        (self.address != SOME_ADDRESS).then_some(self.address.as_str())
    }

    pub(super) fn new(call: &Call) -> Self {
        let address = if call.address.is_empty() { SOME_ADDRESS.to_owned() } else { call.address.clone() };
        Self {
            address,
            port: call.port,
            source: call.source_ip.as_deref().and_then(|ip| ip.parse().ok()),
            sni: call.sni.clone(),
            alpn: offered_protocols(call),
            peer: None,
            tunnel_peer: None,
            tls: call.tls,
            protocol: call.protocol,
        }
    }

    /// What a listener's filters see of it.
    pub(super) fn inspect(&self, listener: &Listener) -> Inspected {
        let runs =
            |kind: &str| listener.listener_filters.iter().any(|filter| is_kind(filter, kind) && !is_disabled(filter.filter_disabled.as_ref(), self.port, 0));
        let mut seen = Inspected { transport: "raw_buffer", sni: String::new(), application_protocols: Vec::new() };
        if self.tls != Tls::Plaintext {
            if runs("TlsInspector") {
                seen = Inspected { transport: "tls", sni: self.sni.to_ascii_lowercase(), application_protocols: self.alpn.clone() };
            }
        } else if runs("HttpInspector") {
            match self.protocol {
                Protocol::Http => seen.application_protocols.push("http/1.1".into()),
                Protocol::Http2 => seen.application_protocols.push("h2c".into()),
                Protocol::Tcp => {}
            }
        }
        seen
    }
}

/// The ALPN list: as the call says, or as an Istio client sidecar's for mutual TLS.
pub fn offered_protocols(call: &Call) -> Vec<String> {
    if !call.alpn.is_empty() {
        return call.alpn.split(',').map(|protocol| protocol.trim().to_owned()).filter(|protocol| !protocol.is_empty()).collect();
    }
    let list: &[&str] = match (call.tls, call.mode, call.protocol) {
        (Tls::Mtls, _, Protocol::Http) => &["istio-http/1.1", "istio", "http/1.1"],
        (Tls::Mtls, _, Protocol::Http2) => &["istio-h2", "istio", "h2"],
        (Tls::Mtls, _, Protocol::Tcp) => &["istio-peer-exchange", "istio"],
        (Tls::Tls, Mode::Outbound | Mode::Inbound | Mode::Gateway | Mode::Tunnel, Protocol::Http2) => &["h2"],
        _ => &[],
    };
    list.iter().map(|&protocol| protocol.to_owned()).collect()
}

/// A filter's kind is its message; the name is free text.
fn is_kind(filter: &ListenerFilter, kind: &str) -> bool {
    match filter.typed_config.as_ref().and_then(TypedConfig::other_type) {
        Some(found) => found == kind,
        None => filter.name.ends_with(if kind == "TlsInspector" { "tls_inspector" } else { "http_inspector" }),
    }
}

fn is_disabled(predicate: Option<&PortMatch>, port: u32, depth: usize) -> bool {
    let Some(predicate) = predicate.filter(|_| depth < MAX_PREDICATE_DEPTH) else { return false };
    if predicate.any_match {
        return true;
    }
    if let Some(not) = &predicate.not_match {
        return !is_disabled(Some(not), port, depth + 1);
    }
    if let Some(range) = &predicate.destination_port_range {
        return i32::try_from(port).is_ok_and(|port| (range.start..range.end).contains(&port));
    }
    predicate.or_match.as_ref().is_some_and(|set| set.rules.iter().any(|rule| is_disabled(Some(rule), port, depth + 1)))
}
