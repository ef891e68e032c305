//! LDS of a sidecar's way out: one listener for all HTTP services of a port, one for each address of the others.

use std::collections::BTreeMap;

use super::super::{
    Scope,
    chains::{Chain, ChainKind},
    egress::Egress,
    hcm::{Routes, Side, connection_manager, http_filter},
    tcp::{HANDSHAKE_TIMEOUT, fallthrough, to_cluster},
};
use super::tcp_chains::tcp_chains;
use crate::engine::{
    cluster::{ListenerProtocol, NO_ADDRESS, Port, Protocol, Registry, Resolution, Service, WorkloadMode},
    duration::Duration,
    xds::{Address, FilterChain, FilterChainMatch, Listener, ListenerFilter, Pipe, SocketAddress, TypedConfig},
};

/// A listener in the making.
struct Entry {
    protocol: Protocol,
    chains: Vec<Chain>,
    /// Whether it listens for itself instead of taking what is captured.
    binds_to_port: bool,
    /// Whether an egress listener before has it for itself.
    locked: bool,
}

/// What is built already, by port and address.
type Entries = BTreeMap<(u32, String), Entry>;

/// What a bind to a socket of the file system starts with.
const UNIX: &str = "unix://";
const LOCALHOST: &str = "127.0.0.1";

/// The port on which captured traffic arrives.
const CAPTURE_PORT: u32 = 15001;

/// All outbound listeners, the one for what nobody registered last.
pub(in crate::engine::istiod) fn outbound_listeners(scope: &Scope) -> Vec<Listener> {
    let mut entries = Entries::new();
    for egress in &scope.egress {
        let way = Way::new(egress);
        let services = || egress.services.iter().filter(|service| service.resolution != Resolution::Alias);
        if let Some(port) = egress.spec.and_then(|spec| spec.port.as_ref()) {
            let port = Port { name: port.name.clone(), number: port.number, protocol: Protocol::parse(&port.protocol) };
            for service in services().filter(|_| !way.is_taken(&port)) {
                add(scope, &way, service, &port, way.bind, &mut entries);
            }
            continue;
        }
        // Ports that listeners before this one are for are theirs alone.
        for entry in entries.values_mut() {
            entry.locked = true;
        }
        for service in services() {
            for port in service.ports.iter().filter(|port| !way.is_taken(port)) {
                add_port(scope, &way, service, port, &mut entries);
            }
        }
    }
    let mut listeners: Vec<Listener> = entries.into_iter().map(|((port, address), entry)| finish(scope, &address, port, entry)).collect();
    listeners.push(virtual_outbound(scope));
    listeners
}

/// An egress listener and where it listens.
struct Way<'a, 'b> {
    egress: &'b Egress<'a>,
    /// The address that it is bound to, whatever the services' addresses are.
    bind: Option<&'b str>,
    binds_to_port: bool,
}

impl<'a, 'b> Way<'a, 'b> {
    fn new(egress: &'b Egress<'a>) -> Self {
        let Some(spec) = egress.spec else { return Self { egress, bind: None, binds_to_port: false } };
        let binds_to_port = spec.capture_mode.as_deref() == Some("NONE") || spec.bind.starts_with(UNIX);
        let bind = if spec.bind.is_empty() { binds_to_port.then_some(LOCALHOST) } else { Some(spec.bind.as_str()) };
        Self { egress, bind, binds_to_port }
    }

    /// Whether the proxy's own listeners are in the way.
    fn is_taken(&self, port: &Port) -> bool {
        is_reserved(port.number) && self.bind.map_or_else(|| port.protocol.is_http(), |bind| bind == NO_ADDRESS)
    }
}

fn add_port(scope: &Scope, way: &Way, service: &Service, port: &Port, entries: &mut Entries) {
    let is_per_instance = way.bind.is_none()
        && service.resolution == Resolution::Passthrough
        && service.address() == NO_ADDRESS
        && (port.protocol.is_tcp() || port.protocol == Protocol::Auto);
    if !is_per_instance {
        return add(scope, way, service, port, way.bind, entries);
    }
    // Without a virtual address of its own, a service is told apart by the addresses of its endpoints, whether they are ready or not.
    let endpoints = scope.cluster.endpoints(service).iter().filter(|endpoint| endpoint.service_port == port.name);
    let addresses: Vec<&str> = endpoints.map(|endpoint| endpoint.address.as_str()).collect();
    if addresses.is_empty() && service.registry == Registry::ServiceEntry && service.selector.is_empty() {
        return add(scope, way, service, port, None, entries);
    }
    for address in addresses.into_iter().filter(|address| address.parse::<std::net::IpAddr>().is_ok() && *address != scope.proxy.ip) {
        add(scope, way, service, port, Some(address), entries);
    }
}

fn add(scope: &Scope, way: &Way, service: &Service, port: &Port, bind: Option<&str>, entries: &mut Entries) {
    let rules = &way.egress.connection_rules;
    let kind = port.protocol.listener();
    let (address, cidrs) = match (bind, kind) {
        (Some(address), _) => (address, Vec::new()),
        (None, ListenerProtocol::Http) => (NO_ADDRESS, Vec::new()),
        (None, _) if service.address().contains('/') => (NO_ADDRESS, service.addresses.clone()),
        (None, _) => (service.address(), Vec::new()),
    };
    let key = (port.number, address.to_owned());
    let existing = entries.get_mut(&key);
    if existing.as_ref().is_some_and(|entry| entry.locked) {
        return;
    }
    let mut protocol = port.protocol;
    let http_chain = |kind| http_chain(way.egress, address, service, port, kind);
    let incoming = match kind {
        ListenerProtocol::None => return,
        // A proxy's listener is that of the service that comes last, for all of them are behind its one chain.
        ListenerProtocol::Http if port.protocol == Protocol::HttpProxy => {
            let chains = vec![http_chain(kind)];
            entries.insert(key, Entry { protocol, chains, binds_to_port: way.binds_to_port, locked: false });
            return;
        }
        ListenerProtocol::Http => {
            if existing.as_ref().is_some_and(|entry| !entry.protocol.is_tcp()) {
                return;
            }
            let mut chain = http_chain(kind);
            if address == NO_ADDRESS {
                chain.only_plain_http();
                // With a way through for what is no HTTP, it is a listener that looks.
                protocol = Protocol::Auto;
            }
            vec![chain]
        }
        ListenerProtocol::Tcp => tcp_chains(scope, rules, service, port, address, &cidrs),
        ListenerProtocol::Auto => {
            if existing.as_ref().is_some_and(|entry| entry.protocol == Protocol::Auto) {
                return;
            }
            let mut chains = tcp_chains(scope, rules, service, port, address, &cidrs);
            let mut chain = http_chain(kind);
            chain.only_plain_http();
            chains.push(chain);
            chains
        }
    };
    let Some(entry) = existing else {
        entries.insert(key, Entry { protocol, chains: incoming, binds_to_port: way.binds_to_port, locked: false });
        return;
    };
    // Looking at the first bytes would break servers that speak first.
    let server_first = |protocol| matches!(protocol, Protocol::Mongo | Protocol::MySql);
    if (server_first(port.protocol) || server_first(entry.protocol)) && port.protocol != entry.protocol {
        return;
    }
    if kind == ListenerProtocol::Auto && entry.protocol.is_http() {
        *entry = Entry { protocol, chains: incoming, binds_to_port: way.binds_to_port, locked: false };
        return;
    }
    if kind != ListenerProtocol::Tcp || entry.protocol.is_http() {
        entry.protocol = Protocol::Auto;
    }
    for chain in incoming {
        if !entry.chains.iter().any(|have| have.has_same_match(&chain)) {
            entry.chains.push(chain);
        }
    }
}

fn http_chain(egress: &Egress, address: &str, service: &Service, port: &Port, kind: ListenerProtocol) -> Chain {
    let routes = match kind {
        _ if port.number == 0 => address.to_owned(),
        ListenerProtocol::Auto if address != NO_ADDRESS => format!("{}:{}", service.hostname, port.number),
        _ => port.number.to_string(),
    };
    Chain { kind: ChainKind::Http { routes }, origin: egress.port().and(egress.origin.clone()), ..Chain::default() }
}

fn finish(scope: &Scope, address: &str, port: u32, entry: Entry) -> Listener {
    let name = format!("{address}_{port}");
    let mut listener = Listener {
        name: name.clone(),
        address: Some(match address.strip_prefix(UNIX) {
            Some(path) if port == 0 => Address { pipe: Some(Pipe { path: path.to_owned() }), ..Address::default() },
            _ => socket(address, port),
        }),
        listener_filters_timeout: Some(Duration::ZERO),
        continue_on_listener_filters_timeout: true,
        traffic_direction: "OUTBOUND".into(),
        bind_to_port: (!entry.binds_to_port).then_some(false),
        ..Listener::default()
    };
    if entry.chains.iter().any(|chain| !chain.sni_hosts.is_empty()) {
        listener.listener_filters.push(tls_inspector());
    }
    if entry.chains.iter().any(|chain| !chain.application_protocols.is_empty()) {
        listener.listener_filters.push(http_inspector());
    }
    for chain in entry.chains {
        let matching = chain.filter_chain_match();
        let filters = match chain.kind {
            ChainKind::Tcp(filters) => filters,
            ChainKind::Http { routes } => {
                vec![http_filter(connection_manager(scope, Side::Outbound, &format!("outbound_{name}"), Routes::Rds(routes)))]
            }
        };
        let built = FilterChain {
            filters,
            transport_socket_connect_timeout: Some(HANDSHAKE_TIMEOUT),
            metadata: chain.metadata,
            origin: chain.origin,
            ..FilterChain::default()
        };
        match matching {
            None => listener.default_filter_chain = Some(built),
            Some(matching) => listener.filter_chains.push(FilterChain { filter_chain_match: Some(matching), ..built }),
        }
    }
    match listener.default_filter_chain.take() {
        Some(only) if listener.filter_chains.is_empty() => listener.filter_chains.push(only),
        Some(default) => listener.default_filter_chain = Some(default),
        None => {
            listener.default_filter_chain = Some(FilterChain {
                filter_chain_match: Some(FilterChainMatch::default()),
                name: "PassthroughFilterChain".into(),
                filters: vec![fallthrough(scope)],
                origin: scope.unknown_origin(None),
                ..FilterChain::default()
            });
        }
    }
    listener
}

fn virtual_outbound(scope: &Scope) -> Listener {
    let to_the_port_itself = FilterChain {
        filter_chain_match: Some(FilterChainMatch { destination_port: Some(CAPTURE_PORT), ..FilterChainMatch::default() }),
        name: "virtualOutbound-blackhole".into(),
        filters: vec![to_cluster("BlackHoleCluster")],
        ..FilterChain::default()
    };
    let rest = FilterChain {
        name: "virtualOutbound-catchall-tcp".into(),
        filters: vec![fallthrough(scope)],
        origin: scope.unknown_origin(None),
        ..FilterChain::default()
    };
    Listener {
        name: "virtualOutbound".into(),
        address: Some(socket(NO_ADDRESS, CAPTURE_PORT)),
        filter_chains: vec![to_the_port_itself, rest],
        use_original_dst: Some(true),
        traffic_direction: "OUTBOUND".into(),
        max_connections_to_accept_per_socket_event: Some(1),
        access_log: scope.access_logs.listener(WorkloadMode::Client),
        ..Listener::default()
    }
}

/// Whether a proxy listens on a port for itself: metrics, readiness, captured traffic.
pub(in crate::engine::istiod) fn is_reserved(port: u32) -> bool {
    matches!(port, 15001 | 15006 | 15021 | 15090)
}

/// An IP address and port.
pub(in crate::engine::istiod) fn socket(address: &str, port: u32) -> Address {
    Address { socket_address: Some(SocketAddress { address: address.to_owned(), port_value: port }), ..Address::default() }
}

/// Reads the server name and protocols of a TLS hello.
pub(in crate::engine::istiod) fn tls_inspector() -> ListenerFilter {
    listener_filter("tls_inspector", "tls_inspector.v3.TlsInspector", serde_json::json!({"initialReadBufferSize": 512}))
}

/// Finds out whether plain bytes are HTTP.
pub(in crate::engine::istiod) fn http_inspector() -> ListenerFilter {
    listener_filter("http_inspector", "http_inspector.v3.HttpInspector", serde_json::json!(null))
}

/// A listener filter of Envoy's own.
pub(in crate::engine::istiod) fn listener_filter(name: &str, type_name: &str, fields: serde_json::Value) -> ListenerFilter {
    ListenerFilter {
        name: format!("envoy.filters.listener.{name}"),
        typed_config: Some(TypedConfig::other(&format!("envoy.extensions.filters.listener.{type_name}"), fields)),
        filter_disabled: None,
    }
}
