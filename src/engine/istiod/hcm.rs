//! The HTTP connection manager: the filter that speaks HTTP, the same all over the mesh but for the side it is on.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Scope, security::Security};
use crate::engine::{
    cluster::WorkloadMode,
    duration::Duration,
    xds::{ConfigSource, Filter, HttpConnectionManager, HttpFilter, Rds, RouteConfiguration, TypedConfig},
};

/// Which side of a proxy a listener is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Outbound,
    Inbound,
    Gateway,
    /// Where tunnels have ended.
    Waypoint,
}

impl Side {
    fn mode(self) -> WorkloadMode {
        match self {
            Self::Outbound | Self::Gateway => WorkloadMode::Client,
            Self::Inbound | Self::Waypoint => WorkloadMode::Server,
        }
    }
}

/// Where a connection manager has its routes from.
pub(super) enum Routes {
    /// By this name over RDS.
    Rds(String),
    /// At hand.
    Inline(RouteConfiguration),
}

/// The filter, ready for a chain.
pub(super) fn http_filter(manager: HttpConnectionManager) -> Filter {
    Filter {
        name: "envoy.filters.network.http_connection_manager".into(),
        typed_config: Some(TypedConfig::HttpConnectionManager(Box::new(manager))),
        config_discovery: None,
    }
}

/// A connection manager; `stat_prefix` without its delimiter.
pub(super) fn connection_manager(scope: &Scope, side: Side, stat_prefix: &str, routes: Routes) -> HttpConnectionManager {
    let mut manager = HttpConnectionManager {
        stat_prefix: format!("{stat_prefix};"),
        http_filters: http_filters(scope, side),
        access_log: scope.access_logs.http(side.mode()),
        tracing: Some(tracing(scope)),
        stream_idle_timeout: Some(Duration::ZERO),
        use_remote_address: Some(side == Side::Gateway),
        proxy_100_continue: true,
        upgrade_configs: vec![json!({"upgradeType": "websocket"})],
        path_with_escaped_slashes_action: "KEEP_UNCHANGED".into(),
        request_id_extension: Some(json!({"typedConfig": {
            "@type": "type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig",
            "useRequestIdForTraceSampling": true,
        }})),
        ..HttpConnectionManager::default()
    };
    match routes {
        Routes::Rds(name) => manager.rds = Some(Rds { config_source: Some(ads()), route_config_name: name }),
        Routes::Inline(config) => manager.route_config = Some(config),
    }
    normalize_paths(scope, &mut manager);
    match side {
        Side::Outbound => {}
        Side::Waypoint => manager.server_name = "istio-envoy".into(),
        Side::Inbound => {
            manager.server_name = "istio-envoy".into();
            manager.forward_client_cert_details = "APPEND_FORWARD".into();
            manager.set_current_client_cert_details = Some(json!({"subject": true, "dns": true, "uri": true}));
        }
        Side::Gateway => {
            let topology = &scope.mesh().default_config.gateway_topology;
            manager.server_name = "istio-envoy".into();
            manager.forward_client_cert_details = match topology.forward_client_cert_details.as_str() {
                "" | "UNDEFINED" => "SANITIZE_SET".into(),
                "SANITIZE" => String::new(),
                details => details.into(),
            };
            if matches!(manager.forward_client_cert_details.as_str(), "APPEND_FORWARD" | "SANITIZE_SET") {
                manager.set_current_client_cert_details = Some(json!({"subject": true, "cert": true, "dns": true, "uri": true}));
            }
            manager.xff_num_trusted_hops = topology.num_trusted_proxies;
            manager.http_protocol_options = Some(json!({}));
        }
    }
    manager
}

/// Configuration over the one stream that everything comes by.
pub(super) fn ads() -> ConfigSource {
    ConfigSource {
        ads: Some(std::collections::BTreeMap::new()),
        api_config_source: None,
        initial_fetch_timeout: Some(Duration::ZERO),
        resource_api_version: "V3".into(),
    }
}

fn normalize_paths(scope: &Scope, manager: &mut HttpConnectionManager) {
    let normalization = scope.mesh().path_normalization.normalization.as_str();
    manager.normalize_path = Some(normalization != "NONE");
    manager.merge_slashes = matches!(normalization, "MERGE_SLASHES" | "DECODE_AND_MERGE_SLASHES");
    if normalization == "DECODE_AND_MERGE_SLASHES" {
        manager.path_with_escaped_slashes_action = "UNESCAPE_AND_FORWARD".into();
    }
}

fn http_filters(scope: &Scope, side: Side) -> Vec<HttpFilter> {
    if side == Side::Inbound {
        return inbound_filters(&scope.security, false);
    }
    let mut filters = vec![peer_metadata("upstream")];
    // Policies bind what a workload is sent, not what it sends.
    if side != Side::Outbound {
        filters.extend(scope.security.http.clone());
    }
    let overrides = json!({"alpnOverride": [
        {"alpnOverride": ["istio-http/1.0", "istio", "http/1.0"]},
        {"upstreamProtocol": "HTTP11", "alpnOverride": ["istio-http/1.1", "istio", "http/1.1"]},
        {"upstreamProtocol": "HTTP2", "alpnOverride": ["istio-h2", "istio", "h2"]},
    ]});
    let alpn = TypedConfig::other("istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig", overrides);
    filters.extend([grpc_stats(), filter("istio.alpn", alpn)]);
    filters.extend(last_filters());
    filters
}

/// The filters of a sidecar's way in. Out of a tunnel peers are known without telling each other.
pub(super) fn inbound_filters(security: &Security, is_tunnel: bool) -> Vec<HttpFilter> {
    let mut filters = if is_tunnel { Vec::new() } else { vec![peer_metadata("downstream")] };
    filters.extend(security.http.clone());
    filters.push(grpc_stats());
    filters.extend(last_filters());
    filters
}

fn last_filters() -> [HttpFilter; 3] {
    [
        filter("envoy.filters.http.fault", TypedConfig::HttpFault(Box::default())),
        filter("envoy.filters.http.cors", TypedConfig::other("envoy.extensions.filters.http.cors.v3.Cors", json!(null))),
        filter("envoy.filters.http.router", TypedConfig::Router {}),
    ]
}

/// Asks the peer who it is and says who one is oneself.
fn peer_metadata(peer: &str) -> HttpFilter {
    let config = json!({
        format!("{peer}_discovery"): [{"istio_headers": {}}, {"workload_discovery": {}}],
        format!("{peer}_propagation"): [{"istio_headers": {}}],
    });
    filter("istio.metadata_exchange", typed_struct("io.istio.http.peer_metadata.Config", &config))
}

/// The filters of a waypoint: the service's policies first, and who answers last before the router.
pub(super) fn waypoint_filters(security: &[HttpFilter]) -> Vec<HttpFilter> {
    let peer_metadata = json!({"upstream_discovery": [{"workload_discovery": {}}]});
    let mut filters = security.to_vec();
    filters.extend([
        grpc_stats(),
        filter("envoy.filters.http.fault", TypedConfig::HttpFault(Box::default())),
        filter("envoy.filters.http.cors", TypedConfig::other("envoy.extensions.filters.http.cors.v3.Cors", json!(null))),
        filter("waypoint_upstream_peer_metadata", typed_struct("io.istio.http.peer_metadata.Config", &peer_metadata)),
        filter("envoy.filters.http.router", TypedConfig::Router {}),
    ]);
    filters
}

/// A filter, ready for a connection manager.
pub(super) fn filter(name: &'static str, typed_config: TypedConfig) -> HttpFilter {
    HttpFilter { name: name.into(), typed_config: Some(typed_config), config_discovery: None, disabled: false }
}

fn grpc_stats() -> HttpFilter {
    let config = json!({"emitFilterState": true, "statsForAllMethods": false});
    filter("envoy.filters.http.grpc_stats", TypedConfig::other("envoy.extensions.filters.http.grpc_stats.v3.FilterConfig", config))
}

/// A message of an extension that has no type of its own here.
pub(super) fn typed_struct(type_name: &str, value: &Value) -> TypedConfig {
    TypedConfig::other("udpa.type.v1.TypedStruct", json!({"typeUrl": format!("type.googleapis.com/{type_name}"), "value": value}))
}

/// The TCP filter by which peers tell each other who they are.
pub(super) fn metadata_exchange() -> Filter {
    static CONFIG: LazyLock<TypedConfig> = LazyLock::new(|| {
        let value = json!({"enable_discovery": true, "protocol": "istio-peer-exchange"});
        typed_struct("envoy.tcp.metadataexchange.config.MetadataExchange", &value)
    });
    Filter { name: "istio.metadata_exchange".into(), typed_config: Some(CONFIG.clone()), config_discovery: None }
}

fn tracing(scope: &Scope) -> Value {
    let dry_run = |tag: &str, key: &str| {
        json!({"tag": format!("istio.authorization.dry_run.{tag}"), "metadata": {
            "kind": {"request": {}},
            "metadataKey": {"key": "envoy.filters.http.rbac", "path": [{"key": format!("istio_dry_run_{key}")}]},
        }})
    };
    let literal = |tag: &str, value: &str| json!({"tag": tag, "literal": {"value": value}});
    let label = |key: &str| scope.label(key);
    json!({
        "clientSampling": {"value": 100},
        "randomSampling": {"value": 1},
        "overallSampling": {"value": 100},
        "customTags": [
            dry_run("allow_policy.name", "allow_shadow_effective_policy_id"),
            dry_run("allow_policy.result", "allow_shadow_engine_result"),
            dry_run("deny_policy.name", "deny_shadow_effective_policy_id"),
            dry_run("deny_policy.result", "deny_shadow_engine_result"),
            literal("istio.canonical_revision", label("service.istio.io/canonical-revision").unwrap_or("latest")),
            literal("istio.canonical_service", label("service.istio.io/canonical-name").unwrap_or("unknown")),
            literal("istio.cluster_id", "Kubernetes"),
            literal("istio.mesh_id", "unknown"),
            literal("istio.namespace", &scope.proxy.namespace),
        ],
    })
}
