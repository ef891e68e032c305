//! Listeners on loopback: one takes the connections, the others are handed them by their original destination.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{GATEWAY_ENTRY, ReplayError, Surroundings, TUNNEL_END, VIRTUAL_INBOUND, filter, tls, written};
use crate::{
    engine::xds::{AccessLog, FilterChain, Listener, ListenerFilter, ProxyConfig, RouteConfiguration, TypedConfig},
    replay::journal::{CONNECTION, INSIDE, TUNNEL},
};

/// Writes listeners and remembers what had to be left out.
pub(super) struct Writer<'a> {
    pub(super) config: &'a ProxyConfig,
    pub(super) routes: &'a BTreeMap<&'a str, &'a RouteConfiguration>,
    pub(super) around: &'a Surroundings<'a>,
    pub(super) notes: &'a mut BTreeSet<String>,
}

impl Writer<'_> {
    /// The listener; none for one that is at no IP address.
    pub(super) fn listener(&mut self, listener: &Listener, is_entry: bool) -> Result<Option<Value>, ReplayError> {
        let socket = listener.address.as_ref().and_then(|address| address.socket_address.as_ref());
        let is_inside = listener.internal_listener.is_some();
        if socket.is_none() && !is_inside {
            return Ok(None);
        }
        let mut filters: Vec<Value> = if is_entry { vec![restored_destination()] } else { Vec::new() };
        for filter in &listener.listener_filters {
            filters.extend(self.inspector(filter, is_inside)?);
        }
        let mut chains = Vec::new();
        for chain in &listener.filter_chains {
            chains.push(self.chain(&listener.name, chain)?);
        }
        let mut out = json!({
            "name": listener.name,
            "filterChains": chains,
            "listenerFilters": filters,
            "continueOnListenerFiltersTimeout": listener.continue_on_listener_filters_timeout,
            "accessLog": [self.journal(&listener.name, if is_inside { INSIDE } else { CONNECTION }, &json!({"failure": "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%"}))],
        });
        if is_inside {
            out["internalListener"] = json!({});
        } else if is_entry {
            out["address"] = loopback();
            // What goes out is handed to the listener of its destination, as in a sidecar; what comes in stays.
            out["useOriginalDst"] = (!matches!(listener.name.as_str(), VIRTUAL_INBOUND | TUNNEL_END)).into();
        } else if let Some(socket) = socket {
            out["address"] = json!({"socketAddress": {"address": socket.address, "portValue": socket.port_value}});
            out["bindToPort"] = false.into();
        }
        if let Some(default) = &listener.default_filter_chain {
            out["defaultFilterChain"] = self.chain(&listener.name, default)?;
        }
        if let Some(tree) = &listener.filter_chain_matcher {
            out["filterChainMatcher"] = tree.clone();
        }
        if let Some(timeout) = &listener.listener_filters_timeout {
            out["listenerFiltersTimeout"] = written(timeout)?;
        }
        if !listener.traffic_direction.is_empty() {
            out["trafficDirection"] = listener.traffic_direction.clone().into();
        }
        Ok(Some(out))
    }

    /// Takes connections to a gateway; keeps those for which it has no listener, and closes them.
    pub(super) fn gateway_entry(&self) -> Value {
        let nowhere =
            json!({"@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy", "statPrefix": "nowhere", "cluster": "nowhere"});
        json!({
            "name": GATEWAY_ENTRY,
            "address": loopback(),
            "useOriginalDst": true,
            "listenerFilters": [restored_destination()],
            "filterChains": [{"filters": [{"name": "envoy.filters.network.tcp_proxy", "typedConfig": nowhere}]}],
            "accessLog": [self.journal(GATEWAY_ENTRY, CONNECTION, &json!({}))],
        })
    }

    fn inspector(&mut self, filter: &ListenerFilter, is_inside: bool) -> Result<Option<Value>, ReplayError> {
        let kind = filter.typed_config.as_ref().and_then(TypedConfig::other_type).unwrap_or_default();
        match kind {
            "TlsInspector" | "HttpInspector" => Ok(Some(written(filter)?)),
            // What the end of a tunnel has noted.
            "OriginalDst" if is_inside => Ok(Some(written(filter)?)),
            // The PROXY protocol does its work here.
            "OriginalDst" | "OriginalSrc" => Ok(None),
            _ if filter.name == "envoy.filters.listener.original_dst" => Ok(None),
            _ => {
                self.notes.insert(format!("what the listener filter {} does", filter.name));
                Ok(None)
            }
        }
    }

    fn chain(&mut self, listener: &str, chain: &FilterChain) -> Result<Value, ReplayError> {
        let mut filters = Vec::new();
        for candidate in &chain.filters {
            filters.extend(filter::network(self, listener, candidate)?);
        }
        let mut out = json!({"name": chain.name, "filters": filters});
        if let Some(matching) = &chain.filter_chain_match {
            out["filterChainMatch"] = written(matching)?;
        }
        if let Some(socket) = &chain.transport_socket {
            match tls::server(socket, self.config.secrets.as_ref(), self.around.certificates, self.around.folder)? {
                Some(socket) => out["transportSocket"] = socket,
                None => drop(self.notes.insert(format!("what the transport socket {} does", socket.name))),
            }
        }
        Ok(out)
    }

    /// An access log that writes one JSON object a line into the replay's folder. `kind` and names are written as they are.
    ///
    /// It stands in for those that are pushed: they decide nothing, and would write over the program's own output or tell somebody else.
    pub(super) fn journal(&self, listener: &str, kind: &str, more: &Value) -> AccessLog {
        let is_inside = self.config.listeners.iter().any(|known| known.name == listener && known.internal_listener.is_some());
        // The end of a tunnel that this Envoy opens to itself tells who is at its beginning by the address that it has restored.
        let peer = if is_inside { "%DOWNSTREAM_REMOTE_ADDRESS%" } else { "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%" };
        let mut format = json!({
            "kind": if kind == "http" && listener == TUNNEL_END { TUNNEL } else { kind },
            "listener": literal(listener),
            "peer": peer,
            "chain": "%FILTER_CHAIN_NAME%",
            "flags": "%RESPONSE_FLAGS%",
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            format[name] = value.clone();
        }
        let fields = json!({"path": self.around.folder.journal(), "logFormat": {"jsonFormat": format}});
        let file = TypedConfig::other("envoy.extensions.access_loggers.file.v3.FileAccessLog", fields);
        AccessLog { name: "journal".into(), typed_config: Some(file), ..AccessLog::default() }
    }
}

/// Text that a log format does not take for an operator.
pub(super) fn literal(text: &str) -> String {
    text.replace('%', "%%")
}

fn loopback() -> Value {
    json!({"socketAddress": {"address": "127.0.0.1", "portValue": 0}})
}

/// Gives a connection the source and destination that the PROXY protocol names, as `original_dst` does after iptables.
fn restored_destination() -> Value {
    json!({"name": "proxy_protocol", "typedConfig": {"@type": "type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol"}})
}
