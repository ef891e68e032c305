//! Traffic policies: how a client treats a destination.

use std::collections::BTreeMap;

use super::{PortSelector, api};
use crate::engine::duration::Duration;

api! {
    /// <https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy>
    TrafficPolicy {
        load_balancer: Option<LoadBalancerSettings>,
        connection_pool: Option<ConnectionPoolSettings>,
        outlier_detection: Option<OutlierDetection>,
        tls: Option<ClientTlsSettings>,
        port_level_settings: Vec<PortTrafficPolicy>,
        tunnel: Option<TunnelSettings>,
        proxy_protocol: Option<ProxyProtocol>,
        retry_budget: Option<serde_json::Value>,
    }
    PortTrafficPolicy { port: Option<PortSelector>, load_balancer: Option<LoadBalancerSettings>, connection_pool: Option<ConnectionPoolSettings>, outlier_detection: Option<OutlierDetection>, tls: Option<ClientTlsSettings> }
    LoadBalancerSettings { simple: Option<String>, consistent_hash: Option<ConsistentHash>, locality_lb_setting: Option<LocalityLbSetting>, warmup_duration_secs: Option<Duration>, warmup: Option<Warmup> }
    Warmup { duration: Option<Duration>, minimum_percent: Option<f64>, aggression: Option<f64> }
    ConsistentHash {
        http_header_name: Option<String>,
        http_cookie: Option<HttpCookie>,
        use_source_ip: Option<bool>,
        http_query_parameter_name: Option<String>,
        ring_hash: Option<RingHash>,
        maglev: Option<Maglev>,
        minimum_ring_size: u64,
    }
    HttpCookie { name: String, path: String, ttl: Option<Duration> }
    RingHash { minimum_ring_size: u64 }
    Maglev { table_size: u64 }
    LocalityLbSetting { distribute: Vec<Distribute>, failover: Vec<Failover>, failover_priority: Vec<String>, enabled: Option<bool> }
    Distribute { from: String, to: BTreeMap<String, u32> }
    Failover { from: String, to: String }
    ConnectionPoolSettings { tcp: Option<TcpSettings>, http: Option<HttpSettings> }
    TcpSettings { max_connections: i32, connect_timeout: Option<Duration>, tcp_keepalive: Option<TcpKeepalive>, max_connection_duration: Option<Duration>, idle_timeout: Option<Duration> }
    TcpKeepalive { probes: u32, time: Option<Duration>, interval: Option<Duration> }
    HttpSettings {
        #[serde(rename = "http1MaxPendingRequests")]
        http1_max_pending_requests: i32,
        #[serde(rename = "http2MaxRequests")]
        http2_max_requests: i32,
        max_requests_per_connection: i32,
        max_retries: i32,
        idle_timeout: Option<Duration>,
        h2_upgrade_policy: Option<String>,
        use_client_protocol: bool,
        max_concurrent_streams: i32,
    }
    OutlierDetection {
        consecutive_errors: i32,
        split_external_local_origin_errors: bool,
        consecutive_local_origin_failures: Option<u32>,
        consecutive_gateway_errors: Option<u32>,
        #[serde(rename = "consecutive5xxErrors")]
        consecutive_5xx_errors: Option<u32>,
        interval: Option<Duration>,
        base_ejection_time: Option<Duration>,
        max_ejection_percent: i32,
        min_health_percent: i32,
    }
    ClientTlsSettings {
        mode: Option<String>,
        client_certificate: String,
        private_key: String,
        ca_certificates: String,
        credential_name: String,
        subject_alt_names: Vec<String>,
        sni: String,
        insecure_skip_verify: Option<bool>,
        ca_crl: String,
    }
    TunnelSettings { protocol: String, target_host: String, target_port: u32 }
    ProxyProtocol { version: Option<String> }
}
