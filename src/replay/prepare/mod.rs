//! Makes of one proxy's xDS a static bootstrap that a stock Envoy runs on loopback.
//!
//! What decides where a request goes stays as istiod would push it: listeners, filter chains, routes, weights, priorities. Left
//! out, and named in the notes, is what a stock Envoy lacks or loopback cannot have. A listener that Envoy refuses stays out as well:
//! pushed, it would be refused alone; in a bootstrap, nothing would start.

mod cluster;
mod filter;
mod listener;
mod tls;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use serde_json::{Value, json};

use super::{Bounds, ReplayError, certificates::Certificates, folder::Folder, tokens::Tokens};
use crate::engine::{
    envoy::{Call, Mode, refusal},
    xds::{Cluster, FilterChain, Listener, ProxyConfig, Route, RouteConfiguration, TypedConfig},
};

pub(super) use cluster::{ORIGINAL_DESTINATION, endpoint_labels};
pub(super) use filter::ROUTE_MARK;

/// Where iptables hands over what a workload sends and what it gets.
const VIRTUAL_OUTBOUND: &str = "virtualOutbound";
const VIRTUAL_INBOUND: &str = "virtualInbound";
/// The listener of ours that takes connections to a gateway and hands them to the gateway's own.
pub(super) const GATEWAY_ENTRY: &str = "meshwright-replay";

/// Where a waypoint ends tunnels.
const TUNNEL_END: &str = "connect_terminate";
/// What lets connections go from one listener to another within Envoy.
const INTERNAL_LISTENERS: &str = "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener";

/// The listener that takes a call's connection.
pub(super) fn entry(mode: Mode) -> &'static str {
    match mode {
        Mode::Outbound => VIRTUAL_OUTBOUND,
        Mode::Inbound => VIRTUAL_INBOUND,
        Mode::Gateway => GATEWAY_ENTRY,
        Mode::Tunnel => TUNNEL_END,
    }
}

/// What an Envoy has around it on loopback.
pub(super) struct Surroundings<'a> {
    /// Where each endpoint is stood in for.
    pub(super) stubs: &'a BTreeMap<String, SocketAddr>,
    /// Where the authorizer listens.
    pub(super) authorizer: SocketAddr,
    pub(super) certificates: &'a Certificates,
    pub(super) tokens: &'a Tokens,
    pub(super) folder: &'a Folder,
}

/// The part of a proxy's configuration that some calls can come to.
pub(super) struct Plan<'a> {
    config: &'a ProxyConfig,
    listeners: Vec<&'a Listener>,
    refused: BTreeSet<String>,
    routes: BTreeMap<&'a str, &'a RouteConfiguration>,
    clusters: Vec<&'a Cluster>,
    modes: BTreeSet<&'static str>,
}

impl<'a> Plan<'a> {
    /// Listeners at other ports cannot take the calls, so they and what only they know stay out.
    pub(super) fn new(config: &'a ProxyConfig, calls: &[&Call]) -> Self {
        let is_near = |listener: &Listener| {
            let port = listener.address.as_ref().and_then(|address| address.socket_address.as_ref()).map(|address| address.port_value);
            calls.iter().any(|call| match call.mode {
                Mode::Inbound => listener.name == VIRTUAL_INBOUND,
                Mode::Outbound => listener.name == VIRTUAL_OUTBOUND || listener.name != VIRTUAL_INBOUND && port == Some(call.port),
                // Behind the end of tunnels; what opens others is stood in for.
                Mode::Tunnel => listener.name == TUNNEL_END || listener.internal_listener.is_some() && listener.filter_chain_matcher.is_some(),
                Mode::Gateway => {
                    !matches!(listener.name.as_str(), VIRTUAL_OUTBOUND | VIRTUAL_INBOUND) && port == Some(call.port) && listener.bind_to_port != Some(false)
                }
            })
        };
        let mut listeners: Vec<&Listener> = config.listeners.iter().filter(|listener| is_near(listener)).collect();
        let mut refused = BTreeSet::new();
        listeners.retain(|listener| {
            let found = refusal(listener);
            refused.extend(found.iter().map(|found| format!("the listener {}, which Envoy refuses: {}", listener.name, found.reason)));
            found.is_none()
        });
        let by_name: BTreeMap<&str, &RouteConfiguration> = config.routes.iter().map(|routes| (routes.name.as_str(), routes)).collect();
        let mut routes = BTreeMap::new();
        let mut names = BTreeSet::new();
        for chain in listeners.iter().flat_map(|listener| chains(listener)) {
            for filter in &chain.filters {
                match &filter.typed_config {
                    Some(TypedConfig::HttpConnectionManager(hcm)) => {
                        let found = hcm.rds.as_ref().and_then(|rds| by_name.get(rds.route_config_name.as_str()).copied());
                        routes.extend(found.map(|found| (found.name.as_str(), found)));
                        names.extend(found.or(hcm.route_config.as_ref()).into_iter().flat_map(targets));
                    }
                    Some(TypedConfig::TcpProxy(proxy)) => names.extend(proxy.targets().into_iter().map(|target| target.name)),
                    _ => {}
                }
            }
        }
        let clusters = config.clusters.iter().filter(|cluster| names.contains(&cluster.name)).collect();
        Self { config, listeners, refused, routes, clusters, modes: calls.iter().map(|call| entry(call.mode)).collect() }
    }

    /// Whether some endpoint may be thrown out.
    pub(super) fn ejects(&self) -> bool {
        self.clusters.iter().any(|cluster| cluster.outlier_detection.is_some())
    }

    /// The backends that are needed, as `address:port`.
    pub(super) fn endpoints(&self, bounds: &Bounds) -> Result<BTreeSet<String>, ReplayError> {
        let labels: BTreeSet<String> = self.clusters.iter().flat_map(|cluster| endpoint_labels(self.config, cluster)).collect();
        if labels.len() > bounds.stubs {
            return Err(ReplayError::TooLarge(format!("the calls can reach {} endpoints, and {} are stood in for at most", labels.len(), bounds.stubs)));
        }
        Ok(labels)
    }

    /// The bootstrap, and what it leaves out.
    pub(super) fn bootstrap(&self, around: &Surroundings<'_>) -> Result<(Value, BTreeSet<String>), ReplayError> {
        let mut notes = self.refused.clone();
        let mut writer = listener::Writer { config: self.config, routes: &self.routes, around, notes: &mut notes };
        let mut listeners = Vec::new();
        for listener in &self.listeners {
            listeners.extend(writer.listener(listener, self.modes.contains(listener.name.as_str()))?);
        }
        if self.modes.contains(GATEWAY_ENTRY) {
            listeners.push(writer.gateway_entry());
        }
        if self.clusters.iter().any(|cluster| cluster.transport_socket.is_some() || !cluster.transport_socket_matches.is_empty()) {
            notes.insert("how the proxy secures its connection to the endpoint: stubs speak plain text".into());
        }
        let mut clusters = self.clusters.iter().map(|cluster| cluster::write(self.config, cluster, around.stubs)).collect::<Result<Vec<_>, _>>()?;
        clusters.extend(cluster::authorizer(around.authorizer));
        let mut bootstrap = json!({
            // Envoy wants a name where a certificate may come later; nobody is told it.
            "node": {"id": "meshwright-replay", "cluster": "meshwright-replay"},
            "admin": {"address": {"pipe": {"path": around.folder.admin(), "mode": 0o600}}},
            // What Istio's own bootstrap says about how requests are read.
            "layeredRuntime": {"layers": [{"name": "istio", "staticLayer": {
                "re2.max_program_size.error_level": 32768,
                "envoy.reloadable_features.http_reject_path_with_fragment": false,
            }}]},
            "staticResources": {"listeners": listeners, "clusters": clusters},
        });
        if self.modes.contains(TUNNEL_END) {
            bootstrap["bootstrapExtensions"] = json!([{"name": "envoy.bootstrap.internal_listener", "typedConfig": {"@type": INTERNAL_LISTENERS}}]);
        }
        Ok((bootstrap, notes))
    }
}

fn chains(listener: &Listener) -> impl Iterator<Item = &FilterChain> {
    listener.filter_chains.iter().chain(&listener.default_filter_chain)
}

/// The clusters that some routes send to, mirrors included.
fn targets(routes: &RouteConfiguration) -> Vec<String> {
    let of_route = |route: &Route| -> Vec<String> {
        let Some(action) = &route.route else { return Vec::new() };
        let weighted = action.weighted_clusters.iter().flat_map(|weighted| weighted.clusters.iter().map(|cluster| cluster.name.clone()));
        let mirrors = action.request_mirror_policies.iter().map(|mirror| mirror.cluster.clone());
        action.cluster.clone().into_iter().chain(weighted).chain(mirrors).collect()
    };
    routes.virtual_hosts.iter().flat_map(|host| &host.routes).flat_map(of_route).collect()
}

/// A message as JSON. The types of the xDS are plain data, which is always written.
fn written(message: &impl serde::Serialize) -> Result<Value, ReplayError> {
    serde_json::to_value(message).map_err(|error| ReplayError::Unsafe(error.to_string()))
}
