//! Network and HTTP filters, and the other extensions that come as a typed `Any`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    AccessLog, ClusterWeight, FractionalPercent, JwtAuthentication, RbacFilter, Rds, RouteConfiguration, RuntimeFractionalPercent, StringMatcher,
    UpstreamTlsContext, WeightedCluster, Word,
};
use crate::engine::duration::Duration;

/// A `google.protobuf.Any`: the messages that decide where a request goes are typed, the rest passes through as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "@type")]
pub enum TypedConfig {
    /// The filter that speaks HTTP and holds the HTTP filters.
    #[serde(rename = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager")]
    HttpConnectionManager(Box<HttpConnectionManager>),
    /// The filter that passes bytes on.
    #[serde(rename = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy")]
    TcpProxy(Box<TcpProxy>),
    /// Delays and aborts; empty in the filter chain, filled per route.
    #[serde(rename = "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault")]
    HttpFault(Box<HttpFault>),
    /// Cross-origin rules of a route.
    #[serde(rename = "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy")]
    CorsPolicy(Box<CorsPolicy>),
    /// Who may send a request.
    #[serde(rename = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC")]
    HttpRbac(Box<RbacFilter>),
    /// Who may connect.
    #[serde(rename = "type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC")]
    NetworkRbac(Box<RbacFilter>),
    /// Which tokens are good.
    #[serde(rename = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication")]
    JwtAuthentication(Box<JwtAuthentication>),
    /// TLS towards upstreams, of which there is one for every cluster.
    #[serde(rename = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext")]
    UpstreamTlsContext(UpstreamTlsContext),
    /// The last HTTP filter.
    #[serde(rename = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router")]
    Router {},
    /// Any other message, `@type` included; most are the same all over a mesh and stand once in memory.
    #[serde(untagged)]
    Other(Arc<serde_json::Value>),
}

impl TypedConfig {
    /// Packs fields, a JSON object or null, under a type URL without its host part.
    pub fn other(type_name: &str, fields: serde_json::Value) -> Self {
        let mut object = serde_json::Map::new();
        object.insert("@type".into(), format!("type.googleapis.com/{type_name}").into());
        if let serde_json::Value::Object(fields) = fields {
            object.extend(fields);
        }
        Self::Other(Arc::new(object.into()))
    }

    /// The message name behind the last dot of an untyped message's type URL, for example `RBAC`.
    pub fn other_type(&self) -> Option<&str> {
        match self {
            Self::Other(value) => value.get("@type")?.as_str()?.rsplit('.').next(),
            _ => None,
        }
    }
}

message! {
    /// `http_connection_manager.v3.HttpConnectionManager`.
    HttpConnectionManager {
        stat_prefix: String,
        rds: Option<Rds>,
        route_config: Option<RouteConfiguration>,
        http_filters: Vec<HttpFilter>,
        tracing: Option<serde_json::Value>,
        common_http_protocol_options: Option<serde_json::Value>,
        http_protocol_options: Option<serde_json::Value>,
        http2_protocol_options: Option<serde_json::Value>,
        server_name: String,
        stream_idle_timeout: Option<Duration>,
        access_log: Vec<AccessLog>,
        use_remote_address: Option<bool>,
        xff_num_trusted_hops: u32,
        /// `SANITIZE` (empty), `FORWARD_ONLY`, `APPEND_FORWARD`, `SANITIZE_SET`, `ALWAYS_FORWARD_ONLY`.
        forward_client_cert_details: String,
        set_current_client_cert_details: Option<serde_json::Value>,
        #[serde(rename = "proxy100Continue")]
        proxy_100_continue: bool,
        upgrade_configs: Vec<serde_json::Value>,
        normalize_path: Option<bool>,
        merge_slashes: bool,
        path_with_escaped_slashes_action: String,
        request_id_extension: Option<serde_json::Value>,
        preserve_external_request_id: bool,
        delayed_close_timeout: Option<Duration>,
    }
    /// `http_connection_manager.v3.HttpFilter`.
    HttpFilter { name: Word, typed_config: Option<TypedConfig>, config_discovery: Option<serde_json::Value>, disabled: bool }
    /// `tcp_proxy.v3.TcpProxy`.
    TcpProxy {
        stat_prefix: String,
        cluster: Option<String>,
        weighted_clusters: Option<WeightedCluster>,
        idle_timeout: Option<Duration>,
        access_log: Vec<AccessLog>,
        hash_policy: Vec<serde_json::Value>,
        tunneling_config: Option<serde_json::Value>,
        max_downstream_connection_duration: Option<Duration>,
    }
    /// `http.fault.v3.HTTPFault`.
    HttpFault { delay: Option<FaultDelay>, abort: Option<FaultAbort> }
    /// `common.fault.v3.FaultDelay`.
    FaultDelay { fixed_delay: Option<Duration>, percentage: Option<FractionalPercent> }
    /// `http.fault.v3.FaultAbort`.
    FaultAbort { http_status: Option<u32>, grpc_status: Option<u32>, percentage: Option<FractionalPercent> }
    /// `http.cors.v3.CorsPolicy`.
    CorsPolicy {
        allow_origin_string_match: Vec<StringMatcher>,
        allow_methods: String,
        allow_headers: String,
        expose_headers: String,
        max_age: String,
        allow_credentials: Option<bool>,
        filter_enabled: Option<RuntimeFractionalPercent>,
        forward_not_matching_preflights: Option<bool>,
    }
}

impl TcpProxy {
    /// The clusters that connections go to, with their weights; one cluster counts as one of weight 1.
    pub fn targets(&self) -> Vec<ClusterWeight> {
        match (&self.cluster, &self.weighted_clusters) {
            (Some(name), _) => vec![ClusterWeight { name: name.clone(), weight: Some(1), ..ClusterWeight::default() }],
            (None, Some(weighted)) => weighted.clusters.clone(),
            (None, None) => Vec::new(),
        }
    }
}
