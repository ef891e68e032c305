//! The two listeners by which connections come in: where tunnels end, and where it is found out what they are for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    MAIN_INTERNAL, Realm,
    chains::{http_chain, tcp_chain},
    matching::{by_address, by_port, by_protocol, of_range, to_chain},
};
use crate::engine::{
    cluster::{Port, Protocol, Service, WorkloadMode},
    duration::Duration,
    istiod::{
        Scope,
        clusters::vip_cluster_name,
        hbone::{HBONE_PORT, tunnel_tls},
        hcm::{filter, http_filter, typed_struct},
        inbound::downstream_tls,
        inspection::on_ports,
        outbound::{http_inspector, listener_filter, socket, tls_inspector},
    },
    xds::{
        ExtensionConfig, FilterChain, HttpConnectionManager, HttpFilter, Listener, ListenerFilter, Route, RouteAction, RouteConfiguration, RouteMatch,
        TypedConfig, VirtualHost,
    },
};

const CONNECT_TERMINATE: &str = "connect_terminate";

/// Ends tunnels, and notes for what follows where they were going and who the peer is.
pub(in crate::engine::istiod) fn connect_terminate(scope: &Scope) -> Listener {
    let tunnel = json!({"upgradeType": "CONNECT", "connectConfig": {}});
    let route = Route {
        r#match: RouteMatch { connect_matcher: Some(json!({})), ..RouteMatch::default() },
        route: Some(Box::new(RouteAction { cluster: Some(MAIN_INTERNAL.into()), upgrade_configs: vec![tunnel], ..RouteAction::default() })),
        ..Route::default()
    };
    let host = VirtualHost { name: "default".into(), domains: vec!["*".into()], routes: vec![route], ..VirtualHost::default() };
    let manager = HttpConnectionManager {
        stat_prefix: CONNECT_TERMINATE.into(),
        route_config: Some(RouteConfiguration { name: "default".into(), virtual_hosts: vec![host], ..RouteConfiguration::default() }),
        http_filters: vec![downstream_metadata(), connect_authority(), filter("envoy.filters.http.router", TypedConfig::Router {})],
        forward_client_cert_details: "APPEND_FORWARD".into(),
        set_current_client_cert_details: Some(json!({"subject": true, "dns": true, "uri": true})),
        server_name: "istio-envoy".into(),
        use_remote_address: Some(false),
        stream_idle_timeout: Some(Duration::ZERO),
        upgrade_configs: vec![json!({"upgradeType": "CONNECT"})],
        http2_protocol_options: Some(json!({
            "allowConnect": true,
            "maxConcurrentStreams": 100,
            "connectionKeepalive": {"interval": "10s", "timeout": "20s"},
        })),
        access_log: scope.access_logs.tunnel_in(WorkloadMode::Server),
        ..HttpConnectionManager::default()
    };
    let context = downstream_tls(json!({"commonTlsContext": tunnel_tls(scope, &[]), "requireClientCertificate": true}));
    Listener {
        name: CONNECT_TERMINATE.into(),
        address: Some(socket("0.0.0.0", HBONE_PORT)),
        filter_chains: vec![FilterChain {
            name: "default".into(),
            filters: vec![http_filter(manager)],
            transport_socket: Some(ExtensionConfig { name: "tls".into(), ..context }),
            ..FilterChain::default()
        }],
        connection_balance_config: Some(json!({"exactBalance": {}})),
        access_log: scope.access_logs.listener(WorkloadMode::Server),
        ..Listener::default()
    }
}

fn downstream_metadata() -> HttpFilter {
    let config = json!({"downstream_discovery": [{"workload_discovery": {}}], "shared_with_upstream": true});
    filter("waypoint_downstream_peer_metadata", typed_struct("io.istio.http.peer_metadata.Config", &config))
}

fn connect_authority() -> HttpFilter {
    let note = |key: &str, value: &str, is_text: bool| {
        let mut note = json!({
            "objectKey": key,
            "formatString": {"textFormatSource": {"inlineString": value}},
            "sharedWithUpstream": "ONCE",
        });
        if is_text {
            note["factoryKey"] = "envoy.string".into();
        }
        note
    };
    let notes = json!({"onRequestHeaders": [
        note("envoy.filters.listener.original_dst.local_ip", "%REQ(:AUTHORITY)%", false),
        note("io.istio.connect_authority", "%REQ(:AUTHORITY)%", true),
        note("envoy.filters.listener.original_dst.remote_ip", "%DOWNSTREAM_REMOTE_ADDRESS%", false),
        note("io.istio.peer_principal", "%DOWNSTREAM_PEER_URI_SAN%", true),
        note("io.istio.local_principal", "%DOWNSTREAM_LOCAL_URI_SAN%", true),
    ]});
    filter("connect_authority", TypedConfig::other("envoy.extensions.filters.http.set_filter_state.v3.Config", notes))
}

/// Chooses by the address and port that the client wanted, and where it is not declared by what is spoken.
pub(super) fn main_internal(realm: &Realm) -> Listener {
    let mut chains = Vec::new();
    let mut ranges = Vec::new();
    let mut spoken: BTreeMap<u32, Spoken> = BTreeMap::new();
    for &service in &realm.services {
        let mut ports: BTreeMap<String, Value> = BTreeMap::new();
        for port in service.ports.iter().filter(|port| port.protocol != Protocol::Udp) {
            ports.insert(port.number.to_string(), of_port(realm, service, port, &mut chains));
            spoken.entry(port.number).and_modify(|known| known.meet(port.protocol)).or_insert_with(|| Spoken::of(port.protocol));
        }
        if !ports.is_empty() {
            ranges.push(of_range(&realm.addresses(service), by_port(ports)));
        }
    }
    let unknown = Port { name: "unknown".into(), number: 0, protocol: Protocol::Tcp };
    chains.push(tcp_chain(realm, None, &unknown, "encap", "direct-tcp"));
    chains.push(http_chain(realm, None, &unknown, "encap", "direct-http"));
    let workloads: Vec<&str> =
        realm.workloads.iter().map(|workload| workload.address.as_str()).filter(|address| address.parse::<std::net::IpAddr>().is_ok()).collect();
    if !workloads.is_empty() {
        ranges.push(of_range(&workloads, by_protocol("direct-tcp", "direct-http")));
    }
    let mut listener_filters = vec![listener_filter("original_dst", "original_dst.v3.OriginalDst", json!(null)), inspector(realm, &spoken)];
    listener_filters.extend(tls_ports(realm));
    Listener {
        name: MAIN_INTERNAL.into(),
        internal_listener: Some(json!({})),
        listener_filters,
        traffic_direction: "INBOUND".into(),
        filter_chains: chains,
        filter_chain_matcher: Some(by_address(ranges)),
        access_log: realm.scope.access_logs.listener(WorkloadMode::Server),
        ..Listener::default()
    }
}

fn of_port(realm: &Realm, service: &Service, port: &Port, chains: &mut Vec<FilterChain>) -> Value {
    let [tcp, http] = ["tcp", "http"].map(|kind| vip_cluster_name(&service.hostname, port.number, kind));
    if port.protocol == Protocol::Auto {
        chains.push(tcp_chain(realm, Some(service), port, &tcp, &tcp));
        chains.push(http_chain(realm, Some(service), port, &http, &http));
        return json!({"matcher": by_protocol(&tcp, &http)});
    }
    let (name, chain) = if port.protocol.is_http() {
        let chain = http_chain(realm, Some(service), port, &http, &http);
        (http, chain)
    } else {
        let chain = tcp_chain(realm, Some(service), port, &tcp, &tcp);
        (tcp, chain)
    };
    chains.push(chain);
    to_chain(&name)
}

/// What is spoken on a port, over all services.
#[derive(Clone, Copy, PartialEq)]
enum Spoken {
    Http,
    Bytes,
    /// Both, or nobody knows.
    Unclear,
}

impl Spoken {
    fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Auto => Self::Unclear,
            _ if protocol.is_http() => Self::Http,
            _ => Self::Bytes,
        }
    }

    fn meet(&mut self, protocol: Protocol) {
        if *self != Self::of(protocol) {
            *self = Self::Unclear;
        }
    }
}

/// Looks at the first bytes, but not on ports where all is declared; any port is taken where workloads are called.
fn inspector(realm: &Realm, spoken: &BTreeMap<u32, Spoken>) -> ListenerFilter {
    let declared: Vec<u32> = spoken.iter().filter(|(_, spoken)| realm.workloads.is_empty() && **spoken != Spoken::Unclear).map(|(port, _)| *port).collect();
    ListenerFilter { filter_disabled: on_ports(&declared), ..http_inspector() }
}

/// Looks at TLS hellos, where some port is not TLS.
fn tls_ports(realm: &Realm) -> Option<ListenerFilter> {
    let of = |is_tls: bool| -> BTreeSet<u32> {
        realm.services.iter().flat_map(|service| &service.ports).filter(|port| port.protocol.is_tls() == is_tls).map(|port| port.number).collect()
    };
    let (tls, others) = (of(true), of(false));
    let others: Vec<u32> = others.difference(&tls).copied().collect();
    (!others.is_empty()).then(|| ListenerFilter { filter_disabled: on_ports(&others), ..tls_inspector() })
}
