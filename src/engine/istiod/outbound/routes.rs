//! RDS of a sidecar: the virtual hosts of a port, and of a port of one service.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

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
    let mut of_ports: BTreeMap<u32, PortHosts> = BTreeMap::new();
    let mut built = Vec::with_capacity(names.len());
    // Those of one service copy a host out of all those of its port, which the others may keep.
    let (of_services, of_all): (Vec<_>, Vec<_>) = names.iter().partition(|name| host_and_port(name).0.is_some());
    for name in of_services {
        let (host, port) = host_and_port(name);
        let found = of_ports.entry(port).or_insert_with(|| PortHosts::new(scope, scope.egress_for_routes(port, name), port));
        // The listener is this service's alone, so whatever host is asked for is meant for it.
        let own = host.and_then(|host| found.of_domain(host)).map(|host| VirtualHost { domains: vec!["*".into()], ..host.clone() });
        built.push(configuration(name, own.into_iter().collect()));
    }
    for name in of_all {
        let (_, port) = host_and_port(name);
        let egress = scope.egress_for_routes(port, name);
        let found = of_ports.remove(&port).filter(|_| port != 0).unwrap_or_else(|| PortHosts::new(scope, egress, port));
        let mut hosts = found.hosts;
        hosts.push(catch_all(scope, egress));
        built.push(configuration(name, hosts));
    }
    built.sort_by(|a, b| a.name.cmp(&b.name));
    built
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
struct PortHosts {
    hosts: Vec<VirtualHost>,
    by_domain: OnceCell<Index<String, usize>>,
}

impl PortHosts {
    fn new(scope: &Scope, egress: Option<&Egress>, port: u32) -> Self {
        let mut hosts = egress.map(|egress| virtual_hosts(scope, egress, port)).unwrap_or_default();
        hosts.sort_by(|a, b| a.name.cmp(&b.name));
        Self { hosts, by_domain: OnceCell::new() }
    }

    fn of_domain(&self, domain: &str) -> Option<&VirtualHost> {
        let index = || self.hosts.iter().enumerate().rev().flat_map(|(at, host)| host.domains.iter().map(move |domain| (domain.clone(), at))).collect();
        self.by_domain.get_or_init(index).get(domain).map(|&at| &self.hosts[at])
    }
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
    let group = |(port, services)| Group { port, services, hosts: hosts.clone(), routes: routes.clone(), from: Some(service) };
    by_port.into_iter().map(group).collect()
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
            let (mut domains, short_names) = match service {
                Some(service) => service_domains(service, &scope.proxy.namespace, with_ports.then_some(group.port)),
                None => (vec![host.to_owned()], Vec::new()),
            };
            // A short form that is another service's full name is that service's.
            let is_anothers = |domain: &String| short_names.contains(domain) && known.contains(domain.as_str());
            domains.retain(|domain| !is_anothers(domain) && domains_taken.insert(domain.to_lowercase()));
            if !domains.is_empty() {
                let origin = group.from.map(|from| from.field("spec.hosts")).or_else(|| service.map(|service| service.origin.clone()));
                named.push(VirtualHost { name, domains, include_request_attempt_count: true, origin, ..VirtualHost::default() });
            }
        }
        // All have the group's routes, the last of them the very ones.
        if let Some((last, others)) = named.split_last_mut() {
            for host in others {
                host.routes.clone_from(&group.routes);
            }
            last.routes = group.routes;
        }
        out.append(&mut named);
    }
    out
}

/// Every name under which a service can be asked for, and which of them are short forms.
fn service_domains(service: &Service, namespace: &str, port: Option<u32>) -> (Vec<String>, Vec<String>) {
    let (mut domains, mut short) = (Vec::new(), Vec::new());
    let with_port = |name: String| port.map(|port| format!("{name}:{port}")).into_iter().chain([name.clone()]).rev().collect::<Vec<_>>();
    for host in std::iter::once(&service.hostname).chain(&service.aliases) {
        domains.extend(with_port(host.clone()));
        let forms: Vec<String> = short_forms(host, namespace).into_iter().flat_map(with_port).collect();
        domains.extend(forms.iter().cloned());
        short.extend(forms);
    }
    if service.is_headless() {
        // Its pods have names below it.
        domains.extend(domains.iter().map(|domain| format!("*.{domain}")).collect::<Vec<_>>());
    }
    domains.extend(service.addresses.iter().filter(|address| !address.is_empty() && *address != NO_ADDRESS).flat_map(|address| with_port(bracketed(address))));
    (domains, short)
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
