//! LDS of a gateway.

use std::collections::HashMap;

use super::{
    merge::{Merged, Server, take_hosts, tls_mode},
    tls::server_socket,
};
use crate::engine::{
    cluster::{NO_ADDRESS, Protocol, VirtualService, WorkloadMode, host::overlap},
    istiod::{
        Scope,
        chains::{Chain, ChainKind},
        hcm::{Routes, Side, connection_manager, http_filter, metadata_exchange},
        outbound::{socket, tls_inspector},
        route::Place,
        tcp::{HANDSHAKE_TIMEOUT, to_destinations},
    },
    xds::{ExtensionConfig, Filter, FilterChain, Listener},
};

/// A chain with what only gateways' chains have.
struct GatewayChain {
    chain: Chain,
    socket: Option<ExtensionConfig>,
    /// The server's own name for statistics; empty for the listener's.
    stat_prefix: String,
}

/// Server names that a listener's passthrough chains have taken, by port.
type TakenNames = HashMap<(u32, String), String>;

/// The listeners of a gateway, by the order in which their ports came up.
pub(in crate::engine::istiod) fn gateway_listeners(scope: &Scope, merged: &Merged) -> Vec<Listener> {
    let mut listeners: Vec<((String, u32), Vec<GatewayChain>)> = Vec::new();
    let mut taken = TakenNames::new();
    for (port, on_port) in &merged.ports {
        let bind = if port.bind.is_empty() { NO_ADDRESS } else { &port.bind };
        let servers = on_port.servers.iter().map(|&at| &merged.servers[at]);
        let chains: Vec<GatewayChain> = if Protocol::parse(&port.protocol).is_http() {
            let origin = servers.map(|server| server.origin.clone()).next();
            let chain = Chain { kind: ChainKind::Http { routes: on_port.route_name.clone() }, origin, ..Chain::default() };
            vec![GatewayChain { chain, socket: None, stat_prefix: String::new() }]
        } else {
            servers.flat_map(|server| chains_of(scope, server, port.number, &mut taken)).collect()
        };
        let key = (bind.to_owned(), port.number);
        match listeners.iter_mut().find(|(have, _)| *have == key) {
            Some((_, have)) => have.extend(chains),
            None => listeners.push((key, chains)),
        }
    }
    listeners.into_iter().filter(|(_, chains)| !chains.is_empty()).map(|((bind, port), chains)| finish(scope, &bind, port, chains)).collect()
}

fn chains_of(scope: &Scope, server: &Server, number: u32, taken: &mut TakenNames) -> Vec<GatewayChain> {
    if server.ends_https() {
        let chain = Chain {
            sni_hosts: server.sni_hosts(),
            kind: ChainKind::Http { routes: server.route_name.clone() },
            origin: Some(server.origin.clone()),
            ..Chain::default()
        };
        return vec![GatewayChain { chain, socket: server_socket(server), stat_prefix: server.spec.name.clone() }];
    }
    if server.passes_tls_through() {
        return passthrough_chains(scope, server, number, taken);
    }
    let filters = tcp_route(scope, server);
    if filters.is_empty() {
        return Vec::new();
    }
    let chain = Chain { sni_hosts: server.sni_hosts(), kind: ChainKind::Tcp(filters), origin: Some(server.origin.clone()), ..Chain::default() };
    vec![GatewayChain { chain, socket: server_socket(server), stat_prefix: String::new() }]
}

/// The VirtualServices bound to a server's Gateway that share a host with the server.
fn bound<'a>(scope: &Scope<'a>, server: &Server) -> Vec<&'a VirtualService> {
    let mut services = scope.cluster.virtual_services.of_gateway(&server.gateway, &scope.proxy.namespace);
    services.retain(|service| {
        let is_covered = |host: &String| {
            server.hosts.iter().any(|own| match own.split_once('/') {
                Some((namespace, name)) => namespace == service.namespace && overlap(name, host),
                None => overlap(own, host),
            })
        };
        service.hosts.iter().any(is_covered)
    });
    services
}

fn is_bound(port: u32, gateways: &[String], server: &Server) -> bool {
    (port == 0 || port == server.number()) && (gateways.is_empty() || gateways.contains(&server.gateway))
}

/// Filters by the first TCP rule that holds for the server.
fn tcp_route(scope: &Scope, server: &Server) -> Vec<Filter> {
    let gateways = [server.gateway.as_str()];
    let place = Place { scope, known: None, port: server.number(), is_tls: server.spec.tls.is_some(), gateways: &gateways, own_hosts: None };
    for service in bound(scope, server) {
        let rule = service.tcp.iter().find(|tcp| tcp.r#match.is_empty() || tcp.r#match.iter().any(|m| is_bound(m.port, &m.gateways, server)));
        if let Some(tcp) = rule {
            let mut filters = scope.security.network.clone();
            filters.extend(to_destinations(&tcp.route, server.protocol(), &service.name, &service.namespace, &place));
            if server.spec.tls.as_ref().is_some_and(|tls| tls_mode(tls) == "ISTIO_MUTUAL") {
                filters.insert(0, metadata_exchange());
            }
            return filters;
        }
    }
    Vec::new()
}

/// A chain for each TLS match bound to the server; of two with one server name, the first.
fn passthrough_chains(scope: &Scope, server: &Server, number: u32, taken: &mut TakenNames) -> Vec<GatewayChain> {
    let gateways = [server.gateway.as_str()];
    let place = Place { scope, known: None, port: server.number(), is_tls: true, gateways: &gateways, own_hosts: None };
    let mut chains = Vec::new();
    for service in bound(scope, server) {
        for (at, tls) in service.tls.iter().enumerate() {
            for (i, condition) in tls.r#match.iter().enumerate() {
                if is_bound(condition.port, &condition.gateways, server) && take_hosts(taken, number, &condition.sni_hosts, &server.spec.bind) {
                    let mut filters = scope.security.network.clone();
                    filters.extend(to_destinations(&tls.route, server.protocol(), &service.name, &service.namespace, &place));
                    let chain = Chain {
                        sni_hosts: condition.sni_hosts.clone(),
                        kind: ChainKind::Tcp(filters),
                        origin: Some(service.field(format!("spec.tls[{at}].match[{i}]"))),
                        ..Chain::default()
                    };
                    chains.push(GatewayChain { chain, socket: None, stat_prefix: String::new() });
                }
            }
        }
    }
    chains
}

fn finish(scope: &Scope, bind: &str, port: u32, chains: Vec<GatewayChain>) -> Listener {
    let name = format!("{bind}_{port}");
    let looks_at_tls = chains.iter().any(|chain| !chain.chain.sni_hosts.is_empty() || chain.socket.is_some());
    let build = |gateway: GatewayChain| {
        let filter_chain_match = gateway.chain.filter_chain_match();
        let filters = match gateway.chain.kind {
            ChainKind::Tcp(filters) => filters,
            ChainKind::Http { routes } => {
                let mut manager = connection_manager(scope, Side::Gateway, &format!("outbound_{name}"), Routes::Rds(routes));
                if !gateway.stat_prefix.is_empty() {
                    manager.stat_prefix = gateway.stat_prefix;
                }
                vec![http_filter(manager)]
            }
        };
        FilterChain {
            filter_chain_match,
            filters,
            transport_socket: gateway.socket,
            transport_socket_connect_timeout: Some(HANDSHAKE_TIMEOUT),
            origin: gateway.chain.origin,
            ..FilterChain::default()
        }
    };
    Listener {
        address: Some(socket(bind, port)),
        filter_chains: chains.into_iter().map(build).collect(),
        listener_filters: if looks_at_tls { vec![tls_inspector()] } else { Vec::new() },
        traffic_direction: "OUTBOUND".into(),
        max_connections_to_accept_per_socket_event: Some(1),
        access_log: scope.access_logs.listener(WorkloadMode::Client),
        name,
        ..Listener::default()
    }
}
