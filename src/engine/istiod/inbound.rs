//! LDS of a sidecar's way in: one listener that takes all captured connections, with chains for each port of the workload.
//!
//! Which chains a port has hangs on its protocol and on what PeerAuthentications say of it.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::{
    Scope,
    hbone::ends_tunnels,
    hcm::{Routes, Side, connection_manager, http_filter, inbound_filters, metadata_exchange},
    ingress::Ingress,
    inspection::listener_filters,
    metadata::config_metadata,
    outbound::{is_reserved, socket},
    security::{SecuredChain, Security, chains, own_mtls, peer_socket},
    tcp::{stack, to_cluster},
    waypoint::{MAIN_INTERNAL, connect_terminate},
};
use crate::engine::{
    cluster::{MergedMtls, MtlsMode, NO_ADDRESS, Port, Protocol, Service, WorkloadMode},
    duration::Duration,
    xds::{
        CidrRange, Decorator, ExtensionConfig, Filter, FilterChain, FilterChainMatch, Listener, MaxStreamDuration, Origin, RetryPolicy, Route, RouteAction,
        RouteConfiguration, RouteMatch, TcpProxy, TypedConfig, VirtualHost,
    },
};

/// The port on which captured traffic arrives.
const CAPTURE_PORT: u32 = 15006;

/// A port of the workload and the services that lead to it, oldest first.
#[allow(clippy::struct_field_names, reason = "Kubernetes calls the port so")]
pub(super) struct Target<'a> {
    pub target_port: u32,
    pub services: Vec<(&'a Service, &'a Port)>,
    /// The Sidecar's listener for it.
    pub ingress: Option<&'a Ingress<'a>>,
}

impl<'a> Target<'a> {
    /// The service whose protocol counts.
    pub fn service(&self) -> &'a Service {
        self.services[0].0
    }

    /// Its port.
    pub fn port(&self) -> &'a Port {
        self.services[0].1
    }

    /// `address_port`.
    fn name(&self) -> String {
        format!("{}_{}", self.ingress.map_or(NO_ADDRESS, |ingress| &ingress.bind), self.target_port)
    }

    fn is_blocked(&self) -> bool {
        self.ingress.map_or_else(|| is_reserved(self.target_port), Ingress::is_blocked)
    }

    fn binds_to_port(&self) -> bool {
        self.ingress.is_some_and(|ingress| ingress.binds_to_port)
    }

    /// `inbound|port||`.
    pub fn cluster_name(&self) -> String {
        format!("inbound|{}||", self.target_port)
    }
}

/// A port of a service and the port of the workload that it leads to.
pub(super) struct ServiceTarget<'a> {
    pub service: &'a Service,
    pub port: &'a Port,
    pub target_port: u32,
}

/// Every service port that leads to the proxy's workload, oldest service first.
pub(super) fn service_targets<'a>(scope: &Scope<'a>) -> Vec<ServiceTarget<'a>> {
    let mut services: Vec<&Service> = scope.cluster.services.iter().collect();
    services.sort_by(|a, b| (&a.created, &a.hostname).cmp(&(&b.created, &b.hostname)));
    let mut targets = Vec::new();
    for service in services {
        for endpoint in scope.cluster.endpoints(service).iter().filter(|endpoint| endpoint.address == scope.proxy.ip) {
            if let Some(port) = service.ports.iter().find(|port| port.name == endpoint.service_port) {
                targets.push(ServiceTarget { service, port, target_port: endpoint.port });
            }
        }
    }
    targets
}

/// The ports of the proxy's workload that a Sidecar lists, else those that services lead to, in order.
pub(super) fn targets<'a>(scope: &'a Scope<'a>) -> Vec<Target<'a>> {
    if !scope.ingress.is_empty() {
        let target =
            |ingress: &'a Ingress<'a>| Target { target_port: ingress.port.number, services: vec![(&ingress.service, &ingress.port)], ingress: Some(ingress) };
        return scope.ingress.iter().map(target).collect();
    }
    let mut targets: std::collections::BTreeMap<u32, Target> = std::collections::BTreeMap::new();
    for ServiceTarget { service, port, target_port } in service_targets(scope) {
        let target = targets.entry(target_port).or_insert_with(|| Target { target_port, services: Vec::new(), ingress: None });
        if !target.services.iter().any(|(have, at)| have.hostname == service.hostname && at.number == port.number) {
            target.services.push((service, port));
        }
    }
    targets.into_values().collect()
}

/// Everything that listens on the way in.
pub(super) fn inbound_listeners(scope: &Scope, targets: &[Target]) -> Vec<Listener> {
    let mut listeners = vec![virtual_inbound(scope, targets)];
    listeners.extend(bound_listeners(scope, targets));
    if ends_tunnels(scope) {
        listeners.extend([connect_terminate(scope), tunnelled(scope, targets)]);
    }
    listeners
}

/// The inbound listener.
fn virtual_inbound(scope: &Scope, targets: &[Target]) -> Listener {
    let mut chains = vec![FilterChain {
        filter_chain_match: Some(FilterChainMatch { destination_port: Some(CAPTURE_PORT), ..FilterChainMatch::default() }),
        filters: vec![metadata_exchange(), to_cluster("BlackHoleCluster")],
        name: "virtualInbound-blackhole".into(),
        ..FilterChain::default()
    }];
    let mtls = own_mtls(scope);
    let of = |port| chains_of(scope, &Way::Captured(&mtls), port);
    chains.extend(of(For::Rest));
    let apart = mtls.ports.keys().filter(|port| !targets.iter().any(|target| target.target_port == **port));
    chains.extend(apart.flat_map(|port| of(For::Port(*port))));
    chains.extend(targets.iter().filter(|target| !target.is_blocked() && !target.binds_to_port()).flat_map(|target| of(For::Target(target))));
    Listener {
        name: "virtualInbound".into(),
        address: Some(socket(NO_ADDRESS, CAPTURE_PORT)),
        listener_filters: listener_filters(&chains),
        filter_chains: chains,
        listener_filters_timeout: Some(Duration::ZERO),
        continue_on_listener_filters_timeout: true,
        traffic_direction: "INBOUND".into(),
        max_connections_to_accept_per_socket_event: Some(1),
        access_log: scope.access_logs.listener(WorkloadMode::Server),
        ..Listener::default()
    }
}

/// What comes out of tunnels: as what is captured, but its mutual TLS has ended (`buildInboundHBONEListeners`, `listener_inbound.go`).
fn tunnelled(scope: &Scope, targets: &[Target]) -> Listener {
    let security = Security::in_tunnel(scope);
    let of = |port| chains_of(scope, &Way::Tunnel(&security), port);
    let mut chains: Vec<FilterChain> = targets.iter().filter(|target| !target.is_blocked()).flat_map(|target| of(For::Target(target))).collect();
    chains.extend(of(For::Rest));
    Listener {
        name: MAIN_INTERNAL.into(),
        internal_listener: Some(json!({})),
        listener_filters: listener_filters(&chains),
        filter_chains: chains,
        continue_on_listener_filters_timeout: true,
        traffic_direction: "INBOUND".into(),
        access_log: scope.access_logs.listener(WorkloadMode::Server),
        ..Listener::default()
    }
}

/// The listeners of a Sidecar that listen for themselves.
fn bound_listeners(scope: &Scope, targets: &[Target]) -> Vec<Listener> {
    let mtls = own_mtls(scope);
    let listener = |target: &Target| {
        let chains = chains_of(scope, &Way::Captured(&mtls), For::Target(target));
        let mut filters = listener_filters(&chains);
        // What is not captured has its own destination.
        filters.remove(0);
        Listener {
            name: target.name(),
            address: Some(socket(target.ingress.map_or(NO_ADDRESS, |ingress| &ingress.bind), target.target_port)),
            listener_filters: filters,
            filter_chains: chains,
            listener_filters_timeout: Some(Duration::ZERO),
            continue_on_listener_filters_timeout: true,
            traffic_direction: "INBOUND".into(),
            max_connections_to_accept_per_socket_event: Some(1),
            access_log: scope.access_logs.listener(WorkloadMode::Server),
            ..Listener::default()
        }
    };
    targets.iter().filter(|target| !target.is_blocked() && target.binds_to_port()).map(listener).collect()
}

/// Which port a set of chains is for.
#[derive(Clone, Copy)]
enum For<'a> {
    /// A port that services lead to.
    Target(&'a Target<'a>),
    /// Another port, for which mTLS is set by itself.
    Port(u32),
    /// All others.
    Rest,
}

impl<'a> For<'a> {
    fn target(self) -> Option<&'a Target<'a>> {
        match self {
            Self::Target(target) => Some(target),
            Self::Port(_) | Self::Rest => None,
        }
    }

    fn port(self) -> Option<u32> {
        match self {
            Self::Target(target) => Some(target.target_port),
            Self::Port(port) => Some(port),
            Self::Rest => None,
        }
    }
}

/// How a connection has come.
#[derive(Clone, Copy)]
enum Way<'a> {
    /// As it is, with what the port takes of mutual TLS.
    Captured(&'a MergedMtls),
    /// Out of a tunnel, with the policies that go by who opened it.
    Tunnel(&'a Security),
}

impl<'a> Way<'a> {
    fn mode(self, port: u32) -> MtlsMode {
        match self {
            Self::Captured(mtls) => mtls.of_port(port),
            Self::Tunnel(_) => MtlsMode::Disable,
        }
    }

    fn origin(self, port: u32) -> Option<&'a Origin> {
        match self {
            Self::Captured(mtls) => mtls.origin_of_port(port),
            Self::Tunnel(_) => None,
        }
    }

    fn security(self, scope: &'a Scope) -> &'a Security {
        match self {
            Self::Captured(_) => &scope.security,
            Self::Tunnel(security) => security,
        }
    }

    fn is_tunnel(self) -> bool {
        matches!(self, Self::Tunnel(_))
    }
}

/// The chains of a port, or those for all ports that no service leads to.
fn chains_of(scope: &Scope, way: &Way, of: For) -> Vec<FilterChain> {
    let target = of.target();
    let protocol = target.map_or(Protocol::Auto, |target| target.port().protocol);
    let listener = target.map(Target::name);
    let port = of.port().unwrap_or_default();
    let origin = way.origin(port).or_else(|| target.map(|target| &target.service().origin));
    let chain = |SecuredChain { protocols, transport, ends_mtls, is_http }: &SecuredChain| FilterChain {
        filter_chain_match: Some(FilterChainMatch {
            destination_port: of.port(),
            application_protocols: protocols.iter().map(|&protocol| protocol.to_owned()).collect(),
            transport_protocol: if way.is_tunnel() { String::new() } else { (*transport).to_owned() },
            // Nothing is taken out of a tunnel that is for somebody else.
            prefix_ranges: if way.is_tunnel() { cidr(&scope.proxy.ip).into_iter().collect() } else { Vec::new() },
            ..FilterChainMatch::default()
        }),
        filters: if *is_http { http_filters(scope, *way, target, protocol) } else { tcp_filters(scope, *way, target, protocol) },
        transport_socket: ends_mtls.then(|| peer_socket(scope, *is_http)),
        name: listener.clone().unwrap_or_else(|| if *is_http { "virtualInbound-catchall-http".into() } else { "virtualInbound".into() }),
        metadata: target
            .filter(|target| target.ingress.is_some())
            .map(|target| config_metadata("sidecar", &target.service().namespace, &target.service().name)),
        origin: origin.cloned(),
        ..FilterChain::default()
    };
    chains(protocol.listener(), way.mode(port)).iter().map(chain).collect()
}

/// The range of one address.
fn cidr(address: &str) -> Option<CidrRange> {
    let prefix_len = if address.parse::<IpAddr>().ok()?.is_ipv4() { 32 } else { 128 };
    Some(CidrRange { address_prefix: address.to_owned(), prefix_len: Some(prefix_len) })
}

fn cluster_of(target: Option<&Target>) -> String {
    target.map_or_else(|| "InboundPassthroughCluster".into(), Target::cluster_name)
}

fn tcp_filters(scope: &Scope, way: Way, target: Option<&Target>, protocol: Protocol) -> Vec<Filter> {
    let cluster = cluster_of(target);
    let mut filters = vec![metadata_exchange()];
    filters.extend(way.security(scope).network.clone());
    let access_log = scope.access_logs.tcp(WorkloadMode::Server);
    filters.extend(stack(protocol, TcpProxy { stat_prefix: cluster.clone(), cluster: Some(cluster), access_log, ..TcpProxy::default() }));
    filters
}

fn http_filters(scope: &Scope, way: Way, target: Option<&Target>, protocol: Protocol) -> Vec<Filter> {
    let cluster = cluster_of(target);
    let (host, port) = target.map_or(("", 0), |target| (target.service().hostname.as_str(), target.port().number));
    let routes = inbound_routes(&cluster, host, port, protocol);
    let stat_prefix = target.map_or(cluster, |target| format!("inbound_{}", target.name()));
    let mut manager = connection_manager(scope, Side::Inbound, &stat_prefix, Routes::Inline(routes));
    if protocol.is_http2() {
        manager.http2_protocol_options = Some(json!({}));
    }
    if way.is_tunnel() {
        manager.http_filters = inbound_filters(way.security(scope), true);
        return vec![http_filter(manager)];
    }
    vec![metadata_exchange(), http_filter(manager)]
}

/// Everything to one cluster, on the way in to a port of a service.
pub(super) fn inbound_routes(cluster: &str, host: &str, port: u32, protocol: Protocol) -> RouteConfiguration {
    let action = RouteAction {
        cluster: Some(cluster.to_owned()),
        timeout: Some(Duration::ZERO),
        retry_policy: (!protocol.is_grpc()).then(|| RetryPolicy { retry_on: "reset-before-request".into(), num_retries: Some(2), ..RetryPolicy::default() }),
        max_stream_duration: Some(MaxStreamDuration {
            max_stream_duration: Some(Duration::ZERO),
            grpc_timeout_header_max: Some(Duration::ZERO),
            grpc_timeout_header_offset: None,
        }),
        ..RouteAction::default()
    };
    let route = Route {
        name: "default".into(),
        r#match: RouteMatch { prefix: Some("/".into()), ..RouteMatch::default() },
        route: Some(Box::new(action)),
        decorator: Some(Decorator { operation: format!("{host}:{port}/*") }),
        ..Route::default()
    };
    one_host(cluster, port, vec![route])
}

/// Routes on the way in, whatever host is asked for.
pub(super) fn one_host(name: &str, port: u32, routes: Vec<Route>) -> RouteConfiguration {
    let virtual_host = VirtualHost { name: format!("inbound|http|{port}"), domains: vec!["*".into()], routes, ..VirtualHost::default() };
    RouteConfiguration { name: name.to_owned(), virtual_hosts: vec![virtual_host], validate_clusters: Some(false), ..RouteConfiguration::default() }
}

/// The strongest ciphers first, and nothing but strong ones.
pub(super) const CIPHERS: [&str; 6] = [
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
];

/// Packs the server's side of TLS.
pub(super) fn downstream_tls(context: Value) -> ExtensionConfig {
    ExtensionConfig {
        name: "envoy.transport_sockets.tls".into(),
        typed_config: Some(TypedConfig::other("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext", context)),
    }
}
