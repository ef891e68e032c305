//! LDS: listeners, filter chains and how a connection picks one.

use super::{AccessLog, Address, ExtensionConfig, Metadata, Origin, TypedConfig, Word};
use crate::engine::duration::Duration;

message! {
    /// `listener.v3.Listener`.
    Listener {
        name: String,
        address: Option<Address>,
        additional_addresses: Vec<serde_json::Value>,
        filter_chains: Vec<FilterChain>,
        /// `xds.type.matcher.v3.Matcher`, which names the chain in place of what the chains match.
        filter_chain_matcher: Option<serde_json::Value>,
        default_filter_chain: Option<FilterChain>,
        use_original_dst: Option<bool>,
        bind_to_port: Option<bool>,
        listener_filters: Vec<ListenerFilter>,
        listener_filters_timeout: Option<Duration>,
        continue_on_listener_filters_timeout: bool,
        /// `INBOUND`, `OUTBOUND` or empty.
        traffic_direction: String,
        max_connections_to_accept_per_socket_event: Option<u32>,
        access_log: Vec<AccessLog>,
        transparent: Option<bool>,
        connection_balance_config: Option<serde_json::Value>,
        enable_reuse_port: Option<bool>,
        tcp_backlog_size: Option<u32>,
        /// There where nothing but this Envoy itself connects to it.
        internal_listener: Option<serde_json::Value>,
    }
    /// `listener.v3.ListenerFilter`.
    ListenerFilter { name: String, typed_config: Option<TypedConfig>, filter_disabled: Option<PortMatch> }
    /// `listener.v3.ListenerFilterChainMatchPredicate`.
    PortMatch { or_match: Option<PortMatchSet>, destination_port_range: Option<Int32Range>, any_match: bool, not_match: Option<Box<PortMatch>> }
    /// `listener.v3.ListenerFilterChainMatchPredicate.MatchSet`.
    PortMatchSet { rules: Vec<PortMatch> }
    /// `type.v3.Int32Range`: from `start` up to, not including, `end`.
    Int32Range { start: i32, end: i32 }
    /// `listener.v3.FilterChain`.
    FilterChain {
        filter_chain_match: Option<FilterChainMatch>,
        filters: Vec<Filter>,
        transport_socket: Option<ExtensionConfig>,
        transport_socket_connect_timeout: Option<Duration>,
        metadata: Option<Metadata>,
        name: String,
        #[serde(skip)]
        origin: Option<Origin>,
    }
    /// `listener.v3.FilterChainMatch`; a field that is absent matches all, but less well.
    FilterChainMatch {
        destination_port: Option<u32>,
        prefix_ranges: Vec<CidrRange>,
        source_prefix_ranges: Vec<CidrRange>,
        server_names: Vec<String>,
        /// `tls`, `raw_buffer` or empty.
        transport_protocol: String,
        application_protocols: Vec<String>,
    }
    /// `core.v3.CidrRange`.
    CidrRange { address_prefix: String, prefix_len: Option<u32> }
    /// `listener.v3.Filter`, a network filter.
    Filter { name: Word, typed_config: Option<TypedConfig>, config_discovery: Option<serde_json::Value> }
}

impl Filter {
    /// Where it is written what became of what passes it.
    pub fn access_log(&self) -> &[AccessLog] {
        match &self.typed_config {
            Some(TypedConfig::HttpConnectionManager(manager)) => &manager.access_log,
            Some(TypedConfig::TcpProxy(proxy)) => &proxy.access_log,
            _ => &[],
        }
    }
}

impl FilterChain {
    /// Where the chain leads, in a few words.
    pub fn destination(&self) -> String {
        let of_filter = |filter: &Filter| match filter.typed_config.as_ref()? {
            TypedConfig::HttpConnectionManager(manager) => Some(match (&manager.rds, &manager.route_config) {
                (Some(rds), _) => format!("routes {}", rds.route_config_name),
                (None, Some(config)) => format!("routes {} (inline)", config.name),
                (None, None) => "HTTP".into(),
            }),
            TypedConfig::TcpProxy(proxy) => Some(proxy.targets().iter().map(|target| target.name.as_str()).collect::<Vec<_>>().join(", ")),
            _ => None,
        };
        self.filters.iter().filter_map(of_filter).collect::<Vec<_>>().join(", ")
    }
}
