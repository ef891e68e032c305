//! Connection pools: circuit breakers, time-outs, and which HTTP is spoken.

use serde_json::{Map, Value, json};

use crate::engine::{
    cluster::{MeshConfig, Port, Protocol},
    duration::Duration,
    resource::{ConnectionPoolSettings, TcpSettings},
    xds::{CircuitBreakers, Cluster, Thresholds, TypedConfig},
};

/// Limits that are none.
pub(in crate::engine::istiod) fn thresholds() -> Thresholds {
    Thresholds {
        max_connections: Some(u32::MAX),
        max_pending_requests: Some(u32::MAX),
        max_requests: Some(u32::MAX),
        max_retries: Some(u32::MAX),
        track_remaining: true,
    }
}

/// Which HTTP is spoken to the upstream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Version {
    #[default]
    Default,
    Http2,
    /// Whatever the client speaks.
    Downstream,
}

/// `HttpProtocolOptions` in the making.
#[derive(Debug, Clone, Default)]
pub(in crate::engine::istiod) struct HttpOptions {
    version: Version,
    common: Map<String, Value>,
    upstream: Map<String, Value>,
    http2: Map<String, Value>,
}

const TYPE: &str = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

impl HttpOptions {
    /// Those of a port, on a proxy that can tell what its clients speak or not.
    pub fn of_port(port: &Port, is_sidecar: bool) -> Self {
        let mut options = Self::default();
        if port.protocol.is_http2() {
            options.version = Version::Http2;
        } else if is_sidecar && port.protocol == Protocol::Auto {
            options.version = Version::Downstream;
        }
        options
    }

    /// What was said of streams before is not kept, as in istiod.
    fn use_http2(&mut self) {
        self.version = Version::Http2;
        self.http2.clear();
    }

    pub fn use_downstream_protocol(&mut self) {
        self.version = Version::Downstream;
    }

    pub fn is_http2(&self) -> bool {
        self.version == Version::Http2
    }

    pub fn set_common(&mut self, key: &str, value: Value) {
        self.common.insert(key.to_owned(), value);
    }

    pub fn set_upstream(&mut self, key: &str, value: Value) {
        self.upstream.insert(key.to_owned(), value);
    }

    /// Writes them, where there is anything to say.
    pub fn write(self, cluster: &mut Cluster) {
        if self.version == Version::Default && self.common.is_empty() && self.upstream.is_empty() {
            return;
        }
        let mut fields = Map::new();
        if !self.common.is_empty() {
            fields.insert("commonHttpProtocolOptions".into(), self.common.into());
        }
        if !self.upstream.is_empty() {
            fields.insert("upstreamHttpProtocolOptions".into(), self.upstream.into());
        }
        let (key, value) = match self.version {
            Version::Default => ("explicitHttpConfig", json!({"httpProtocolOptions": {}})),
            Version::Http2 => ("explicitHttpConfig", json!({"http2ProtocolOptions": self.http2})),
            Version::Downstream => ("useDownstreamProtocolConfig", json!({"httpProtocolOptions": {}, "http2ProtocolOptions": {}})),
        };
        fields.insert(key.into(), value);
        cluster.typed_extension_protocol_options.insert(TYPE, TypedConfig::other(TYPE, fields.into()));
    }
}

/// Puts a pool's settings into a cluster. Zeroes mean that nothing is said.
pub(super) fn apply_pool(mesh: &MeshConfig, settings: Option<&ConnectionPoolSettings>, cluster: &mut Cluster, options: &mut HttpOptions) {
    let mut limits = thresholds();
    let positive = |value: i32| u32::try_from(value).ok().filter(|value| *value > 0);
    let http = settings.and_then(|settings| settings.http.as_ref());
    let tcp = settings.and_then(|settings| settings.tcp.as_ref());
    let mut idle_timeout = None;
    if let Some(http) = http {
        limits.max_requests = positive(http.http2_max_requests).or(limits.max_requests);
        limits.max_pending_requests = positive(http.http1_max_pending_requests).or(limits.max_pending_requests);
        limits.max_retries = positive(http.max_retries).or(limits.max_retries);
        idle_timeout = http.idle_timeout;
        if let Some(most) = positive(http.max_requests_per_connection) {
            options.set_common("maxRequestsPerConnection", most.into());
        }
        if let Some(most) = positive(http.max_concurrent_streams).filter(|_| options.is_http2()) {
            options.http2.insert("maxConcurrentStreams".into(), most.into());
        }
    }
    cluster.connect_timeout = Some(mesh.connect_timeout());
    cluster.upstream_connection_options = keepalive(mesh, tcp);
    if let Some(tcp) = tcp {
        cluster.connect_timeout = tcp.connect_timeout.or(cluster.connect_timeout);
        limits.max_connections = positive(tcp.max_connections).or(limits.max_connections);
        idle_timeout = idle_timeout.or(tcp.idle_timeout);
        if let Some(longest) = tcp.max_connection_duration {
            options.set_common("maxConnectionDuration", json!(longest));
        }
    }
    if let Some(idle) = idle_timeout {
        options.set_common("idleTimeout", json!(idle));
    }
    cluster.circuit_breakers = Some(CircuitBreakers { thresholds: vec![limits] });
    if http.is_some_and(|http| http.use_client_protocol) {
        options.use_downstream_protocol();
    }
}

/// Whether an idle connection is asked if the other side is still there: by the mesh's settings, field by field by a rule's.
fn keepalive(mesh: &MeshConfig, tcp: Option<&TcpSettings>) -> Option<Value> {
    let mut settings = mesh.tcp_keepalive.iter().chain(tcp.and_then(|tcp| tcp.tcp_keepalive.as_ref())).peekable();
    settings.peek()?;
    let seconds = |time: Option<Duration>| time.map(|time| u32::try_from(time.as_nanos() / 1_000_000_000).unwrap_or_default());
    let mut fields = Map::new();
    for keepalive in settings {
        for (key, value) in [
            ("keepaliveProbes", Some(keepalive.probes).filter(|probes| *probes > 0)),
            ("keepaliveTime", seconds(keepalive.time)),
            ("keepaliveInterval", seconds(keepalive.interval)),
        ] {
            if let Some(value) = value {
                fields.insert(key.into(), value.into());
            }
        }
    }
    Some(json!({"tcpKeepalive": fields}))
}

/// Whether a client speaks HTTP/2 although the port does not ask for it: what a rule says of it goes before the mesh's settings, which
/// are for ports of HTTP alone. Servers are not meant (`shouldH2Upgrade` in `cluster_traffic_policy.go`).
pub(super) fn apply_h2_upgrade(mesh: &MeshConfig, port: &Port, settings: Option<&ConnectionPoolSettings>, options: &mut HttpOptions) {
    let http = settings.and_then(|settings| settings.http.as_ref());
    if http.is_some_and(|http| http.use_client_protocol) {
        return;
    }
    let is_upgraded = match http.and_then(|http| http.h2_upgrade_policy.as_deref()) {
        Some("UPGRADE") => true,
        Some("DO_NOT_UPGRADE") => false,
        _ => port.protocol.is_http() && mesh.h2_upgrade_policy == "UPGRADE",
    };
    if is_upgraded {
        options.use_http2();
    }
}
