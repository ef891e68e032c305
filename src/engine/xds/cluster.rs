//! CDS and EDS: clusters and their endpoints.

use std::sync::Arc;

use super::{Address, ConfigSource, ExtensionConfig, Filter, InternalAddress, Metadata, Origin, Percent, SocketAddress, TypedConfig, Word, WordMap};
use crate::engine::duration::Duration;

message! {
    /// `cluster.v3.Cluster`.
    Cluster {
        name: String,
        alt_stat_name: String,
        /// `STATIC` (empty), `STRICT_DNS`, `LOGICAL_DNS`, `EDS` or `ORIGINAL_DST`.
        r#type: Word,
        cluster_type: Option<serde_json::Value>,
        eds_cluster_config: Option<EdsClusterConfig>,
        connect_timeout: Option<Duration>,
        /// `ROUND_ROBIN` (empty), `LEAST_REQUEST`, `RING_HASH`, `RANDOM`, `MAGLEV` or `CLUSTER_PROVIDED`.
        lb_policy: Word,
        load_assignment: Option<ClusterLoadAssignment>,
        circuit_breakers: Option<CircuitBreakers>,
        outlier_detection: Option<OutlierDetection>,
        typed_extension_protocol_options: WordMap<TypedConfig>,
        transport_socket: Option<ExtensionConfig>,
        transport_socket_matches: Vec<TransportSocketMatch>,
        metadata: Option<Metadata>,
        filters: Vec<Filter>,
        common_lb_config: Option<CommonLbConfig>,
        ring_hash_lb_config: Option<serde_json::Value>,
        maglev_lb_config: Option<serde_json::Value>,
        least_request_lb_config: Option<serde_json::Value>,
        round_robin_lb_config: Option<serde_json::Value>,
        original_dst_lb_config: Option<serde_json::Value>,
        max_requests_per_connection: Option<u32>,
        upstream_connection_options: Option<serde_json::Value>,
        upstream_bind_config: Option<UpstreamBindConfig>,
        dns_lookup_family: Word,
        dns_refresh_rate: Option<Duration>,
        dns_jitter: Option<Duration>,
        respect_dns_ttl: bool,
        typed_dns_resolver_config: Option<ExtensionConfig>,
        cleanup_interval: Option<Duration>,
        connection_pool_per_downstream_connection: bool,
        #[serde(skip)]
        origin: Option<Origin>,
    }
    /// `cluster.v3.Cluster.EdsClusterConfig`.
    EdsClusterConfig { eds_config: Option<ConfigSource>, service_name: String }
    /// `cluster.v3.CircuitBreakers`.
    CircuitBreakers { thresholds: Vec<Thresholds> }
    /// `cluster.v3.CircuitBreakers.Thresholds`.
    Thresholds { max_connections: Option<u32>, max_pending_requests: Option<u32>, max_requests: Option<u32>, max_retries: Option<u32>, track_remaining: bool }
    /// `cluster.v3.OutlierDetection`.
    OutlierDetection {
        consecutive_5xx: Option<u32>,
        interval: Option<Duration>,
        base_ejection_time: Option<Duration>,
        max_ejection_percent: Option<u32>,
        enforcing_consecutive_5xx: Option<u32>,
        enforcing_success_rate: Option<u32>,
        consecutive_gateway_failure: Option<u32>,
        enforcing_consecutive_gateway_failure: Option<u32>,
        split_external_local_origin_errors: bool,
        consecutive_local_origin_failure: Option<u32>,
        enforcing_consecutive_local_origin_failure: Option<u32>,
        enforcing_local_origin_success_rate: Option<u32>,
    }
    /// `cluster.v3.Cluster.TransportSocketMatch`.
    TransportSocketMatch { name: Word, r#match: Option<Arc<serde_json::Value>>, transport_socket: Option<ExtensionConfig> }
    /// `cluster.v3.Cluster.CommonLbConfig`.
    CommonLbConfig { healthy_panic_threshold: Option<Percent>, locality_weighted_lb_config: Option<serde_json::Value>, override_host_status: Option<serde_json::Value> }
    /// `core.v3.BindConfig`.
    UpstreamBindConfig { source_address: Option<BindAddress> }
    /// `core.v3.SocketAddress`, whose port 0 Istio writes out.
    BindAddress { address: String, port_value: Option<u32> }
    /// `endpoint.v3.ClusterLoadAssignment`.
    ClusterLoadAssignment {
        cluster_name: String,
        endpoints: Vec<LocalityLbEndpoints>,
        /// What puts them in order, or keeps some of them back.
        #[serde(skip)]
        origin: Option<Origin>,
    }
    /// `endpoint.v3.LocalityLbEndpoints`.
    LocalityLbEndpoints { locality: Option<Locality>, lb_endpoints: Vec<LbEndpoint>, load_balancing_weight: Option<u32>, priority: u32 }
    /// `core.v3.Locality`.
    Locality { region: String, zone: String, sub_zone: String }
    /// `endpoint.v3.LbEndpoint`.
    LbEndpoint { endpoint: Option<Endpoint>, health_status: Word, metadata: Option<Metadata>, load_balancing_weight: Option<u32> }
    /// `endpoint.v3.Endpoint`.
    Endpoint { address: Option<Address>, hostname: String }
}

impl LbEndpoint {
    /// The IP address and port, where it has one.
    pub fn socket_address(&self) -> Option<&SocketAddress> {
        self.endpoint.as_ref()?.address.as_ref()?.socket_address.as_ref()
    }

    /// Where it leads: `address:port`, the path of a socket, or what lies at the other end of a tunnel.
    pub fn destination(&self) -> Option<String> {
        if let Some(socket) = self.socket_address() {
            return Some(format!("{}:{}", socket.address, socket.port_value));
        }
        let address = self.endpoint.as_ref()?.address.as_ref()?;
        let internal = || Some(self.internal_address()?.endpoint_id.clone()).filter(|id| !id.is_empty());
        address.pipe.as_ref().map(|pipe| pipe.path.clone()).or_else(internal)
    }

    /// The listener of the same Envoy that takes the connections to it, where one does.
    pub fn internal_address(&self) -> Option<&InternalAddress> {
        self.endpoint.as_ref()?.address.as_ref()?.envoy_internal_address.as_ref()
    }
}
