//! `istioctl proxy-config listener` (`configdump/listener.go`).

use super::{Filter, Row};
use crate::engine::xds::{
    Filter as NetworkFilter, FilterChain, FilterChainMatch, Listener, Origin, ProxyConfig, RouteConfiguration, RouteMatch, TypedConfig, VirtualHost,
};

const BLACK_HOLE: &str = "BlackHoleCluster";

/// Protocol lists of TLS handshakes that istioctl has a word for.
const PROTOCOLS: [(&str, &[&str]); 4] = [
    ("App: HTTP TLS", &["http/1.0", "http/1.1", "h2c", "istio-http/1.0", "istio-http/1.1", "istio-h2"]),
    ("App: Istio HTTP Plain", &["istio", "istio-http/1.0", "istio-http/1.1", "istio-h2"]),
    ("App: TCP TLS", &["istio-peer-exchange", "istio"]),
    ("App: HTTP", &["http/1.0", "http/1.1", "h2c"]),
];

/// A row for each filter chain; listeners by port, address and type, the chains of one by destination from the end of the alphabet.
pub(super) fn rows(config: &ProxyConfig, filter: &Filter) -> Vec<Row> {
    let mut listeners: Vec<&Listener> = filter.listeners(&config.listeners).collect();
    let key = |listener: &Listener| (port(listener), addresses(listener).into_iter().next().unwrap_or_default(), kind(listener));
    listeners.sort_by_cached_key(|listener| key(listener));
    listeners.into_iter().flat_map(of_listener).collect()
}

fn of_listener(listener: &Listener) -> Vec<Row> {
    let mut chains: Vec<(String, &FilterChain)> = chains(listener).map(|chain| (destination(&chain.filters), chain)).collect();
    chains.sort_by(|(a, _), (b, _)| b.cmp(a));
    let row = |(destination, chain): (String, &FilterChain)| {
        let matching = chain.filter_chain_match.as_ref().map_or_else(|| "ALL".to_owned(), matching);
        let cells = vec![addresses(listener).join(","), port(listener).to_string(), matching, destination];
        Row { resource: listener.name.clone(), cells, origins: origins(listener, chain) }
    };
    chains.into_iter().map(row).collect()
}

/// The field behind a chain, then those behind its access logs.
fn origins(listener: &Listener, chain: &FilterChain) -> Vec<Origin> {
    let logs = chain.filters.iter().flat_map(NetworkFilter::access_log).chain(&listener.access_log);
    let mut origins: Vec<Origin> = Vec::new();
    for origin in chain.origin.iter().chain(logs.filter_map(|log| log.origin.as_ref())) {
        if !origins.contains(origin) {
            origins.push(origin.clone());
        }
    }
    origins
}

fn chains(listener: &Listener) -> impl Iterator<Item = &FilterChain> {
    listener.filter_chains.iter().chain(&listener.default_filter_chain)
}

/// Its address, then the additional ones.
pub(super) fn addresses(listener: &Listener) -> Vec<String> {
    let first = listener.address.as_ref().map(|address| match (&address.socket_address, &address.pipe) {
        (Some(socket), _) => socket.address.clone(),
        (None, Some(pipe)) => pipe.path.clone(),
        (None, None) => String::new(),
    });
    let more = listener.additional_addresses.iter().filter_map(|more| Some(more.pointer("/address/socketAddress/address")?.as_str()?.to_owned()));
    [first.unwrap_or_default()].into_iter().chain(more).collect()
}

pub(super) fn port(listener: &Listener) -> u32 {
    listener.address.as_ref().and_then(|address| address.socket_address.as_ref()).map_or(0, |socket| socket.port_value)
}

/// `HTTP`, `TCP`, `HTTP+TCP` or `UNKNOWN`.
pub(super) fn kind(listener: &Listener) -> &'static str {
    let filters = || chains(listener).flat_map(|chain| &chain.filters);
    let has_http = filters().any(|filter| matches!(filter.typed_config, Some(TypedConfig::HttpConnectionManager(_))));
    let has_tcp = filters().any(leads_by_tcp);
    match (has_http, has_tcp) {
        (true, true) => "HTTP+TCP",
        (true, false) => "HTTP",
        (false, true) => "TCP",
        (false, false) => "UNKNOWN",
    }
}

/// A TCP proxy counts unless it is the black hole.
fn leads_by_tcp(filter: &NetworkFilter) -> bool {
    let Some(TypedConfig::TcpProxy(proxy)) = &filter.typed_config else { return false };
    !proxy.stat_prefix.contains(BLACK_HOLE) && !proxy.targets().iter().any(|target| target.name.contains(BLACK_HOLE))
}

fn matching(matching: &FilterChainMatch) -> String {
    let mut words = Vec::new();
    if !matching.server_names.is_empty() {
        words.push(format!("SNI: {}", matching.server_names.join(",")));
    }
    if !matching.transport_protocol.is_empty() {
        words.push(format!("Trans: {}", matching.transport_protocol));
    }
    let offered = &matching.application_protocols;
    if !offered.is_empty() {
        let known = PROTOCOLS.iter().find(|(_, protocols)| offered == protocols);
        words.push(known.map_or_else(|| format!("App: {}", offered.join(",")), |(word, _)| (*word).to_owned()));
    }
    let port = matching.destination_port.map(|port| format!(":{port}")).unwrap_or_default();
    if !matching.prefix_ranges.is_empty() {
        let ranges = matching.prefix_ranges.iter().map(|range| format!("{}/{}", range.address_prefix, range.prefix_len.unwrap_or_default()));
        words.push(format!("Addr: {}{port}", ranges.collect::<Vec<_>>().join(",")));
    } else if !port.is_empty() {
        words.push(format!("Addr: *{port}"));
    }
    if words.is_empty() { "ALL".to_owned() } else { words.join("; ") }
}

/// The first filter that leads somewhere says where.
fn destination(filters: &[NetworkFilter]) -> String {
    let leads = |filter: &NetworkFilter| match &filter.typed_config {
        Some(TypedConfig::HttpConnectionManager(manager)) => Some(match (&manager.route_config, &manager.rds) {
            (Some(routes), _) => inline(routes),
            (None, Some(rds)) if !rds.route_config_name.is_empty() => format!("Route: {}", rds.route_config_name),
            _ => "HTTP".to_owned(),
        }),
        // Of weighted clusters istioctl says nothing.
        Some(TypedConfig::TcpProxy(proxy)) if leads_by_tcp(filter) => Some(cluster(proxy.cluster.as_deref().unwrap_or_default())),
        _ => None,
    };
    filters.iter().find_map(leads).unwrap_or_else(|| "Non-HTTP/Non-TCP".to_owned())
}

/// `PassthroughCluster` and the like speak for themselves.
fn cluster(name: &str) -> String {
    if name.contains("Cluster") { name.to_owned() } else { format!("Cluster: {name}") }
}

/// Routes within the listener: only the cluster, where everything goes to one.
fn inline(routes: &RouteConfiguration) -> String {
    if let [VirtualHost { domains, routes, .. }] = routes.virtual_hosts.as_slice()
        && let ([domain], [route]) = (domains.as_slice(), routes.as_slice())
        && domain == "*"
        && route.r#match.prefix.as_deref() == Some("/")
        && let Some(name) = route.route.as_ref().and_then(|action| action.cluster.as_deref())
    {
        return cluster(name);
    }
    let host = |host: &VirtualHost| {
        let routes: Vec<String> = host.routes.iter().map(|route| path(&route.r#match)).collect();
        let domains = if host.domains == ["*"] { String::new() } else { format!("{} ", host.domains.join("/")) };
        format!("{domains}{}", routes.join(", "))
    };
    format!("Inline Route: {}", routes.virtual_hosts.iter().map(host).collect::<Vec<_>>().join("; "))
}

/// The path that a route asks for. Headers are left out, as istioctl does.
pub(super) fn path(matching: &RouteMatch) -> String {
    let prefix = matching.prefix.iter().filter(|prefix| !prefix.is_empty()).map(|prefix| format!("{prefix}*"));
    let separated = matching.path_separated_prefix.iter().filter(|prefix| !prefix.is_empty()).map(|prefix| format!("PathPrefix:{prefix}"));
    let exact = matching.path.iter().filter(|path| !path.is_empty()).cloned();
    let regex = matching.safe_regex.iter().map(|regex| format!("regex {}", regex.regex));
    prefix.chain(separated).chain(exact).chain(regex).collect::<Vec<_>>().join(" ")
}
