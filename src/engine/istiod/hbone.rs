//! Tunnels of HTTP/2 CONNECT over mutual TLS, as an Envoy opens them: the listener and the cluster that do it, and the endpoints
//! that lie behind.
//!
//! Retells `buildConnectOriginate` (`cluster_waypoint.go`), `buildConnectOriginateListener` (`listener_waypoint.go`),
//! `internal_upstream.go` and `buildEnvoyLbEndpoint` (`pilot/pkg/xds/endpoints/endpoint_builder.go`) of istio/istio at 1.26.4.

use serde_json::{Value, json};

use super::{
    ProxyType, Scope,
    clusters::{agent_secret, thresholds},
    endpoints::{ForCluster, SOCKET_MATCH, by_locality, group, lb_endpoint, told},
    outbound::listener_filter,
    tcp::tcp_filter,
};
use crate::engine::{
    cluster::{Ambient, Endpoint, NO_ADDRESS, Port, Service, is_waypoint_proxy, takes_tunnels},
    duration::Duration,
    xds::{
        self, CircuitBreakers, Cluster, ExtensionConfig, FilterChain, InternalAddress, LbEndpoint, Listener, LocalityLbEndpoints, Note, TcpProxy, TypedConfig,
        WordMap,
    },
};

/// The name of everything that opens tunnels.
pub(super) const CONNECT_ORIGINATE: &str = "connect_originate";
/// The port on which tunnels end.
pub(super) const HBONE_PORT: u32 = 15008;
/// What lies at the other end, for Envoy's own listener of tunnels.
const TUNNEL_METADATA: &str = "envoy.filters.listener.original_dst";
const HTTP_OPTIONS: &str = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/// The listener that puts connections of this Envoy into tunnels.
pub(super) fn connect_originate_listener(scope: &Scope) -> Listener {
    let proxy = TcpProxy {
        stat_prefix: CONNECT_ORIGINATE.into(),
        cluster: Some(CONNECT_ORIGINATE.into()),
        tunneling_config: Some(json!({"hostname": "%DOWNSTREAM_LOCAL_ADDRESS%"})),
        access_log: scope.access_logs.tunnel_out(scope.tunnel_mode()),
        ..TcpProxy::default()
    };
    Listener {
        name: CONNECT_ORIGINATE.into(),
        use_original_dst: Some(false),
        internal_listener: Some(json!({})),
        listener_filters: vec![listener_filter("original_dst", "original_dst.v3.OriginalDst", json!(null))],
        filter_chains: vec![FilterChain { filters: vec![tcp_filter(proxy)], ..FilterChain::default() }],
        access_log: scope.access_logs.listener(scope.tunnel_mode()),
        ..Listener::default()
    }
}

/// The cluster of the tunnels themselves: wherever a connection is going, port 15008. `peers`: what else names a server that is trusted.
pub(super) fn connect_originate_cluster(scope: &Scope, peers: &[String]) -> Cluster {
    let options = json!({"explicitHttpConfig": {"http2ProtocolOptions": {"allowConnect": true}}});
    let context = json!({"commonTlsContext": tunnel_tls(scope, peers)});
    Cluster {
        name: CONNECT_ORIGINATE.into(),
        alt_stat_name: format!("{CONNECT_ORIGINATE};"),
        r#type: "ORIGINAL_DST".into(),
        lb_policy: "CLUSTER_PROVIDED".into(),
        connect_timeout: Some(scope.mesh().connect_timeout()),
        cleanup_interval: Some(Duration::from_secs(60)),
        circuit_breakers: Some(CircuitBreakers { thresholds: vec![thresholds()] }),
        typed_extension_protocol_options: [(HTTP_OPTIONS, TypedConfig::other(HTTP_OPTIONS, options))].into_iter().collect(),
        original_dst_lb_config: Some(json!({
            "upstreamPortOverride": HBONE_PORT,
            "metadataKey": {"key": TUNNEL_METADATA, "path": [{"key": "waypoint"}]},
        })),
        transport_socket: Some(ExtensionConfig {
            name: "tls".into(),
            typed_config: Some(TypedConfig::other("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", context)),
        }),
        ..Cluster::default()
    }
}

/// `commonTlsContext` of a tunnel, on either side.
pub(super) fn tunnel_tls(scope: &Scope, peers: &[String]) -> Value {
    let mut prefixes: Vec<String> = Vec::new();
    for prefix in scope.mesh().trust_domains().map(|domain| format!("spiffe://{domain}/")).chain(peers.iter().cloned()) {
        if !prefixes.contains(&prefix) {
            prefixes.push(prefix);
        }
    }
    let trusted: Vec<Value> = prefixes.iter().map(|prefix| json!({"sanType": "URI", "matcher": {"prefix": prefix}})).collect();
    json!({
        "tlsParams": {"tlsMinimumProtocolVersion": "TLSv1_3", "tlsMaximumProtocolVersion": "TLSv1_3"},
        "tlsCertificateSdsSecretConfigs": [agent_secret("default")],
        "combinedValidationContext": {
            "defaultValidationContext": {"matchTypedSubjectAltNames": trusted},
            "validationContextSdsSecretConfig": agent_secret("ROOTCA"),
        },
        "alpnProtocols": ["h2"],
    })
}

/// The socket to another listener of this Envoy. `passed`: metadata that go along, each with what they are of.
pub(super) fn internal_socket(name: &'static str, inner: ExtensionConfig, passed: &[(&str, &str)]) -> ExtensionConfig {
    let mut fields = serde_json::Map::new();
    if !passed.is_empty() {
        let sources: Vec<Value> = passed.iter().map(|(kind, name)| json!({"kind": {*kind: {}}, "name": name})).collect();
        fields.insert("passthroughMetadata".into(), sources.into());
    }
    fields.insert("transportSocket".into(), json!(inner));
    ExtensionConfig {
        name: name.into(),
        typed_config: Some(TypedConfig::other("envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport", fields.into())),
    }
}

/// The socket by which sidecars and gateways send into tunnels.
pub(super) fn sending_socket(inner: ExtensionConfig) -> ExtensionConfig {
    internal_socket("envoy.transport_sockets.internal_upstream", inner, &[("host", TUNNEL_METADATA), ("cluster", "istio"), ("host", "istio")])
}

/// The socket by which a waypoint does.
pub(super) fn waypoint_socket(inner: ExtensionConfig) -> ExtensionConfig {
    internal_socket("internal_upstream", inner, &[("host", TUNNEL_METADATA)])
}

/// Whether the proxy is a sidecar at which tunnels end (`EnableHBONEListen` in `pilot/pkg/model/context.go`).
pub(super) fn ends_tunnels(scope: &Scope) -> bool {
    scope.proxy.r#type == ProxyType::Sidecar && scope.cluster.ambient.is_on() && takes_tunnels(&scope.proxy.labels)
}

/// Whether an endpoint is reached through a tunnel where nothing else is possible or wanted.
fn takes_tunnel(scope: &Scope, endpoint: &Endpoint) -> bool {
    let ambient = &scope.cluster.ambient;
    let is_taken_in = || scope.cluster.workloads.at_address(&endpoint.address).is_some_and(|workload| ambient.ends_tunnels(workload));
    ambient.is_on() && (takes_tunnels(&endpoint.labels) || is_waypoint_proxy(&endpoint.labels) || is_taken_in())
}

/// Whether nobody of a port's endpoints is reached in another way.
pub(super) fn are_all_tunnelled(scope: &Scope, service: &Service, port: &Port) -> bool {
    let mut endpoints = scope.cluster.endpoints(service).iter().filter(|endpoint| endpoint.service_port == port.name).peekable();
    endpoints.peek().is_some() && endpoints.all(|endpoint| !is_waypoint_proxy(&endpoint.labels) && takes_tunnel(scope, endpoint))
}

/// The endpoint behind its tunnel, where it takes one. Sidecars are reached by their own mutual TLS, but not from waypoints.
pub(super) fn tunnelled(scope: &Scope, of: &ForCluster, endpoint: &Endpoint, built: LbEndpoint) -> LbEndpoint {
    if !takes_tunnel(scope, endpoint) || endpoint.has_mtls && !of.is_inbound_vip {
        return built;
    }
    let target = joined(&endpoint.address, endpoint.port);
    behind_tunnel(built, &target, [("local", target.clone().into())].into_iter().collect(), !of.is_inbound_vip)
}

/// The endpoints of a gateway's cluster whose service wants even gateways to go through its waypoint: those of the waypoint.
pub(super) fn ingress_waypoint(scope: &Scope, of: &ForCluster) -> Option<Vec<LocalityLbEndpoints>> {
    let ambient = &scope.cluster.ambient;
    if scope.proxy.r#type != ProxyType::Gateway || !Ambient::is_for_ingress(of.service) {
        return None;
    }
    let address = Some(of.service.address()).filter(|address| *address != NO_ADDRESS);
    let address = address.or_else(|| ambient.auto_address(&of.service.namespace, &of.service.hostname))?;
    let waypoint = ambient.waypoint_of_service(of.service).bound()?;
    let service = scope.cluster.services_of_host(&waypoint.hostname).find(|service| service.namespace == waypoint.namespace)?;
    let mesh = service.ports.iter().find(|port| port.number == HBONE_PORT)?;
    // Which of them are told is asked of the service that is called, and their places put none of them first.
    let is_told = told(scope, of.service);
    let endpoints = scope.cluster.endpoints(service).iter().filter(|endpoint| endpoint.service_port == mesh.name && is_told(endpoint));
    let build = |endpoint: &Endpoint| {
        let waypoint = joined(&endpoint.address, endpoint.port);
        let tunnel = [("local", joined(address, of.port.number).into()), ("waypoint", waypoint.clone().into())].into_iter().collect();
        behind_tunnel(lb_endpoint(endpoint, false), &waypoint, tunnel, true)
    };
    Some(by_locality(endpoints).iter().map(|(place, endpoints)| group(place, endpoints, build)).collect())
}

fn joined(address: &str, port: u32) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

/// `is_told_apart`: whether the cluster has endpoints of other kinds, so that metadata choose the socket.
fn behind_tunnel(mut endpoint: LbEndpoint, id: &str, tunnel: WordMap<Note>, is_told_apart: bool) -> LbEndpoint {
    let address = InternalAddress { server_listener_name: CONNECT_ORIGINATE.into(), endpoint_id: id.to_owned() };
    endpoint.endpoint =
        Some(xds::Endpoint { address: Some(xds::Address { envoy_internal_address: Some(address), ..xds::Address::default() }), hostname: String::new() });
    let notes = &mut endpoint.metadata.get_or_insert_default().filter_metadata;
    notes.insert(TUNNEL_METADATA, tunnel);
    if is_told_apart {
        notes.insert(SOCKET_MATCH, [("tunnel", "http".into())].into_iter().collect());
    }
    endpoint
}
