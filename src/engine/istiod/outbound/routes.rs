//! RDS of a sidecar: the virtual hosts of a port, and of a port of one service.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{
    Scope,
    egress::Egress,
    route::{Place, build_routes, configuration, default_route, hash_policy},
    tcp::unknown_cluster,
};
use crate::engine::{
    cluster::{MESH, NO_ADDRESS, Resolution, Service, VirtualService, cluster_name, host::is_wildcard, host::overlap},
    duration::Duration,
    index::{Index, Set},
    xds::{DirectResponseAction, Route, RouteAction, RouteConfiguration, RouteMatch, VirtualHost},
};

/// The route configurations that listeners ask for: `PORT`, `host:PORT` for a listener that belongs to one service, or a socket.
pub(in crate::engine::istiod) fn outbound_routes(scope: &Scope, names: &BTreeSet<String>) -> Vec<RouteConfiguration> {
    let mut of_ports: BTreeMap<u32, OfPort> = BTreeMap::new();
    for name in names {
        let (host, port) = host_and_port(name);
        let of_port = of_ports.entry(port).or_default();
        match host {
            Some(host) => of_port.of_services.push((host, name)),
            None => of_port.of_all.push(name),
        }
    }
    let mut built = Vec::with_capacity(names.len());
    for (port, OfPort { of_services, of_all }) in of_ports {
        let hosts_for = |name: &str| port_hosts(scope, scope.egress_for_routes(port, name), port);
        let mut hosts = of_services.first().map(|(_, name)| hosts_for(name));
        built.extend(of_one_service_each(hosts.as_deref().unwrap_or_default(), &of_services));
        for name in of_all {
            // Listeners that clients use as a proxy, at port 0, have each their own.
            let mut hosts = hosts.take().filter(|_| port != 0).unwrap_or_else(|| hosts_for(name));
            hosts.push(catch_all(scope, scope.egress_for_routes(port, name)));
            built.push(configuration(name, hosts));
        }
    }
    built.sort_by(|a, b| a.name.cmp(&b.name));
    built
}

/// The names that listeners ask for at one port.
#[derive(Default)]
struct OfPort<'a> {
    /// With the host that each is for.
    of_services: Vec<(&'a str, &'a str)>,
    of_all: Vec<&'a str>,
}

/// The route configurations of listeners that belong to one service, each a copy out of the hosts of its port.
fn of_one_service_each(hosts: &[VirtualHost], names: &[(&str, &str)]) -> Vec<RouteConfiguration> {
    if names.is_empty() {
        return Vec::new();
    }
    // Of two with one domain, the first.
    let by_domain: Index<&str, &VirtualHost> = hosts.iter().rev().flat_map(|host| host.domains.iter().map(move |domain| (domain.as_str(), host))).collect();
    let of_name = |(host, name): &(&str, &str)| {
        // The listener is this service's alone, so whatever host is asked for is meant for it.
        let own = by_domain.get(host).map(|host| VirtualHost { domains: vec!["*".into()], ..(*host).clone() });
        configuration(name, own.into_iter().collect())
    };
    names.iter().map(of_name).collect()
}

fn host_and_port(name: &str) -> (Option<&str>, u32) {
    let (host, port) = match name.rsplit_once(':') {
        _ if name.starts_with("unix://") => (None, ""),
        Some((host, port)) => (Some(host), port),
        None => (None, name),
    };
    (host, port.parse().unwrap_or_default())
}

/// The virtual hosts of a port, by name.
fn port_hosts(scope: &Scope, egress: Option<&Egress>, port: u32) -> Vec<VirtualHost> {
    let mut hosts = egress.map(|egress| virtual_hosts(scope, egress, port)).unwrap_or_default();
    hosts.sort_by(|a, b| a.name.cmp(&b.name));
    hosts
}

/// Services and hosts outside the registry that share their routes.
struct Group<'a> {
    port: u32,
    services: Vec<&'a Service>,
    hosts: Vec<String>,
    routes: Vec<Route>,
    from: Option<&'a VirtualService>,
}

/// The virtual hosts of a port; of port 0 or of a listener that clients use as a proxy, those of all ports.
fn virtual_hosts(scope: &Scope, egress: &Egress, port: u32) -> Vec<VirtualHost> {
    let port = if egress.is_http_proxy() { 0 } else { port };
    let is_on_port = |service: &&Service| port == 0 || service.port(port).is_some();
    // Of several with one host name, the last stands for it.
    let known: BTreeMap<&str, &Service> =
        egress.services.iter().map(AsRef::as_ref).filter(is_on_port).map(|service| (service.hostname.as_str(), service)).collect();
    let mut groups: Vec<Group> = Vec::new();
    let place = Place { scope, known: Some(&known), port, is_tls: false, gateways: &[MESH], own_hosts: None };
    let wildcard_services: Vec<&str> = known.keys().copied().filter(|host| is_wildcard(host)).collect();
    for service in &egress.virtual_services {
        // Port 80 also serves hosts that no service is known under.
        if port == 80 || speaks_of_any(service, &known, &wildcard_services) {
            groups.extend(groups_of(service, egress, &known, &place));
        }
    }
    let taken: Set<&str> = groups.iter().flat_map(|group| group.services.iter().map(|service| service.hostname.as_str())).collect();
    for service in known.values().filter(|service| service.resolution != Resolution::Alias && !taken.contains(service.hostname.as_str())) {
        for own in service.ports.iter().filter(|own| (port == 0 || own.number == port) && own.protocol.is_http_or_auto()) {
            let number = own.number;
            let mut route = default_route(scope, &cluster_name(&service.hostname, number, ""), [&service.hostname, ":", &number.to_string(), "/*"].concat());
            if let (Some(action), Some(policy)) = (&mut route.route, service_hash(scope, service, number)) {
                action.hash_policy = vec![policy];
            }
            groups.push(Group { port: number, services: vec![service], hosts: Vec::new(), routes: vec![route], from: None });
        }
    }
    let mut hosts = name_hosts(scope, port == 0, groups);
    if port == 0 {
        // Clients name the port in the host, except for 80.
        for host in hosts.iter_mut().filter(|host| !host.name.ends_with(":80")) {
            host.domains.retain(|domain| domain.contains(':'));
        }
        hosts.retain(|host| !host.domains.is_empty());
    }
    hosts
}

fn speaks_of_any(service: &VirtualService, known: &BTreeMap<&str, &Service>, wildcard_services: &[&str]) -> bool {
    service.hosts.iter().any(|host| {
        known.contains_key(host.as_str())
            || if is_wildcard(host) { known.keys().any(|known| overlap(host, known)) } else { wildcard_services.iter().any(|known| overlap(host, known)) }
    })
}

/// A group for each port on which hosts of a VirtualService are known.
fn groups_of<'a>(service: &'a VirtualService, egress: &Egress, known: &BTreeMap<&str, &'a Service>, place: &Place) -> Vec<Group<'a>> {
    let routes = build_routes(service, place);
    if routes.is_empty() {
        return Vec::new();
    }
    let (mut services, mut hosts) = (Vec::new(), Vec::new());
    for host in service.hosts.iter().filter(|host| !is_wildcard(host)) {
        match known.get(host.as_str()) {
            Some(known) => services.push(*known),
            None => hosts.push(host.clone()),
        }
    }
    for host in service.hosts.iter().filter(|host| is_wildcard(host)) {
        if service.is_gateway_api() {
            hosts.push(host.clone());
            continue;
        }
        let mut covered = known.iter().filter(|(known, _)| overlap(known, host)).peekable();
        if covered.peek().is_none() {
            hosts.push(host.clone());
        }
        services.extend(covered.filter(|(known, _)| egress.is_nearest(known, service)).map(|(_, known)| *known));
    }
    // A route of the Gateway API is for its own namespace's services or clients.
    let is_own = |known: &&Service| known.namespace == service.namespace || place.scope.proxy.namespace == service.namespace;
    if service.is_gateway_api() && !services.iter().any(is_own) {
        return Vec::new();
    }
    let mut by_port: BTreeMap<u32, Vec<&Service>> = BTreeMap::new();
    for service in services {
        for port in service.ports.iter().filter(|port| (place.port == 0 || port.number == place.port) && port.protocol.is_http_or_auto()) {
            by_port.entry(port.number).or_default().push(service);
        }
    }
    if by_port.is_empty() && place.port == 80 {
        by_port.insert(80, Vec::new());
    }
    // The last of them takes what the others copy.
    let shared = std::iter::repeat_n((hosts, routes), by_port.len());
    let group = |((port, services), (hosts, routes))| Group { port, services, hosts, routes, from: Some(service) };
    by_port.into_iter().zip(shared).map(group).collect()
}

/// Gives every host of every group its domains; a domain that is taken stays with its first owner.
/// `with_ports`: every domain also with its port.
fn name_hosts(scope: &Scope, with_ports: bool, groups: Vec<Group>) -> Vec<VirtualHost> {
    let mut names = Set::default();
    let mut domains_taken: Set<String> = Set::default();
    let known: Set<&str> = groups.iter().flat_map(|group| group.services.iter().map(|service| service.hostname.as_str())).collect();
    let mut out = Vec::new();
    for group in groups {
        let outsiders = group.hosts.iter().map(|host| (host.as_str(), None));
        let mut named = Vec::new();
        for (host, service) in outsiders.chain(group.services.iter().map(|service| (service.hostname.as_str(), Some(*service)))) {
            let name = [host, ":", &group.port.to_string()].concat();
            if !names.insert(name.clone()) {
                continue;
            }
            let candidates = match service {
                Some(service) => service_domains(service, &scope.proxy.namespace, with_ports.then_some(group.port)),
                None => vec![Domain { text: host.to_owned(), is_short: false }],
            };
            // A short form that is another service's full name is that service's.
            let is_own = |domain: &Domain| !(domain.is_short && known.contains(domain.text.as_str())) && domains_taken.insert(domain.text.to_lowercase());
            let domains: Vec<String> = candidates.into_iter().filter(is_own).map(|domain| domain.text).collect();
            if !domains.is_empty() {
                let origin = group.from.map(|from| from.field("spec.hosts")).or_else(|| service.map(|service| service.origin.clone()));
                named.push(VirtualHost { name, domains, include_request_attempt_count: true, origin, ..VirtualHost::default() });
            }
        }
        let shared = std::iter::repeat_n(group.routes, named.len());
        named.iter_mut().zip(shared).for_each(|(host, routes)| host.routes = routes);
        out.append(&mut named);
    }
    out
}

/// A name under which a service can be asked for.
struct Domain {
    text: String,
    /// Whether the host's end is left out.
    is_short: bool,
}

/// Every name under which a service can be asked for; with a port, each also with that.
fn service_domains(service: &Service, namespace: &str, port: Option<u32>) -> Vec<Domain> {
    let mut domains = Vec::with_capacity(8);
    let add = |domains: &mut Vec<Domain>, text: String, is_short| {
        let with_port = port.map(|port| Domain { text: format!("{text}:{port}"), is_short });
        domains.push(Domain { text, is_short });
        domains.extend(with_port);
    };
    for host in std::iter::once(&service.hostname).chain(&service.aliases) {
        add(&mut domains, host.clone(), false);
        for form in short_forms(host, namespace) {
            add(&mut domains, form, true);
        }
    }
    if service.is_headless() {
        // Its pods have names below it.
        let below: Vec<Domain> = domains.iter().map(|domain| Domain { text: ["*.", &domain.text].concat(), is_short: false }).collect();
        domains.extend(below);
    }
    for address in service.addresses.iter().filter(|address| !address.is_empty() && *address != NO_ADDRESS) {
        add(&mut domains, bracketed(address), false);
    }
    domains
}

fn bracketed(address: &str) -> String {
    if address.contains(':') && !address.contains('[') { format!("[{address}]") } else { address.to_owned() }
}

/// `reviews`, `reviews.default.svc` and `reviews.default` from `reviews.default.svc.cluster.local`; the first only at home.
fn short_forms(host: &str, namespace: &str) -> Vec<String> {
    let Some(base) = host.strip_suffix(".svc.cluster.local") else { return Vec::new() };
    match base.split_once('.') {
        Some((name, at)) if at == namespace => vec![name.to_owned(), [base, ".svc"].concat(), base.to_owned()],
        Some(_) => vec![base.to_owned(), [base, ".svc"].concat()],
        None => Vec::new(),
    }
}

fn service_hash(scope: &Scope, service: &Service, port: u32) -> Option<crate::engine::xds::HashPolicy> {
    let policy = scope.destination_rule(service)?.traffic_policy.as_ref()?;
    let of_port = policy.port_level_settings.iter().find(|setting| setting.port.as_ref().is_some_and(|p| p.number == port));
    let hash = of_port.and_then(|setting| setting.load_balancer.as_ref()).and_then(|lb| lb.consistent_hash.as_ref());
    hash_policy(hash.or_else(|| policy.load_balancer.as_ref()?.consistent_hash.as_ref())?)
}

/// What becomes of hosts that nobody registered.
fn catch_all(scope: &Scope, egress: Option<&Egress>) -> VirtualHost {
    let (name, route) = match unknown_cluster(scope) {
        None => ("block_all", Route { direct_response: Some(DirectResponseAction { status: 502, body: None }), ..Route::default() }),
        Some(cluster) => {
            let action =
                RouteAction { cluster: Some(cluster), timeout: Some(Duration::ZERO), max_grpc_timeout: Some(Duration::ZERO), ..RouteAction::default() };
            ("allow_any", Route { route: Some(Box::new(action)), ..Route::default() })
        }
    };
    let origin = scope.unknown_origin(egress);
    let r#match = RouteMatch { prefix: Some("/".into()), ..RouteMatch::default() };
    let route = Route { name: name.into(), r#match, origin: origin.clone(), ..route };
    VirtualHost { name: name.into(), domains: vec!["*".into()], routes: vec![route], include_request_attempt_count: true, origin, ..VirtualHost::default() }
}
