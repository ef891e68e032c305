//! RDS of a sidecar: the virtual hosts of a port, and of a port of one service.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::{
    Scope,
    route::{Place, build_routes, default_route, hash_policy},
};
use crate::engine::{
    cluster::{MESH, NO_ADDRESS, Resolution, Service, VirtualService, cluster_name, host::is_wildcard, host::overlap},
    duration::Duration,
    xds::{DirectResponseAction, Route, RouteAction, RouteConfiguration, RouteMatch, VirtualHost},
};

/// The virtual hosts of every port that was asked for.
#[derive(Default)]
pub(in crate::engine::istiod) struct OutboundRoutes {
    by_port: HashMap<u32, PortHosts>,
}

struct PortHosts {
    hosts: Vec<VirtualHost>,
    by_domain: HashMap<String, usize>,
}

impl OutboundRoutes {
    /// The route configuration of a listener: `PORT`, or `host:PORT` for a listener that belongs to one service.
    pub fn configuration(&mut self, scope: &Scope, name: &str) -> RouteConfiguration {
        let (host, port) = match name.rsplit_once(':') {
            Some((host, port)) => (Some(host), port),
            None => (None, name),
        };
        let port = port.parse().unwrap_or_default();
        let found = self.by_port.entry(port).or_insert_with(|| {
            let mut hosts = virtual_hosts(scope, port);
            hosts.sort_by(|a, b| a.name.cmp(&b.name));
            let by_domain = hosts.iter().enumerate().rev().flat_map(|(at, host)| host.domains.iter().map(move |domain| (domain.clone(), at))).collect();
            PortHosts { hosts, by_domain }
        });
        let virtual_hosts = match host {
            // The listener is this service's alone, so whatever host is asked for is meant for it.
            Some(host) => found.by_domain.get(host).map(|&at| VirtualHost { domains: vec!["*".into()], ..found.hosts[at].clone() }).into_iter().collect(),
            None => found.hosts.iter().cloned().chain([catch_all(scope)]).collect(),
        };
        RouteConfiguration {
            name: name.to_owned(),
            virtual_hosts,
            validate_clusters: Some(false),
            max_direct_response_body_size_bytes: Some(1024 * 1024),
            ignore_port_in_host_matching: true,
            ..RouteConfiguration::default()
        }
    }
}

/// Services and hosts outside the registry that share their routes.
struct Group<'a> {
    services: Vec<&'a Service>,
    hosts: Vec<String>,
    routes: Vec<Route>,
    from: Option<&'a VirtualService>,
}

fn virtual_hosts(scope: &Scope, port: u32) -> Vec<VirtualHost> {
    // Of several with one host name, the last stands for it.
    let on_port: BTreeMap<&str, &Service> =
        scope.imported.iter().filter(|service| service.port(port).is_some()).map(|&service| (service.hostname.as_str(), service)).collect();
    let mut groups: Vec<Group> = Vec::new();
    let place = Place { scope, port, is_tls: false, gateways: &[MESH] };
    let wildcard_services: Vec<&str> = on_port.keys().copied().filter(|host| is_wildcard(host)).collect();
    for service in &scope.virtual_services {
        // Port 80 also serves hosts that no service is known under.
        if port == 80 || speaks_of_any(service, &on_port, &wildcard_services) {
            groups.extend(group_of(service, &on_port, &place));
        }
    }
    let taken: HashSet<&str> = groups.iter().flat_map(|group| group.services.iter().map(|service| service.hostname.as_str())).collect();
    for service in on_port.values().filter(|service| service.resolution != Resolution::Alias && !taken.contains(service.hostname.as_str())) {
        if service.port(port).is_some_and(|port| port.protocol.is_http_or_auto()) {
            let mut route = default_route(scope, &cluster_name(&service.hostname, port, ""), format!("{}:{port}/*", service.hostname));
            if let (Some(action), Some(policy)) = (&mut route.route, service_hash(scope, service, port)) {
                action.hash_policy = vec![policy];
            }
            groups.push(Group { services: vec![service], hosts: Vec::new(), routes: vec![route], from: None });
        }
    }
    name_hosts(scope, port, groups)
}

fn speaks_of_any(service: &VirtualService, on_port: &BTreeMap<&str, &Service>, wildcard_services: &[&str]) -> bool {
    service.hosts.iter().any(|host| {
        on_port.contains_key(host.as_str())
            || if is_wildcard(host) { on_port.keys().any(|known| overlap(host, known)) } else { wildcard_services.iter().any(|known| overlap(host, known)) }
    })
}

fn group_of<'a>(service: &'a VirtualService, on_port: &BTreeMap<&str, &'a Service>, place: &Place) -> Option<Group<'a>> {
    let routes = build_routes(service, place);
    if routes.is_empty() {
        return None;
    }
    let (mut services, mut hosts) = (Vec::new(), Vec::new());
    for host in service.hosts.iter().filter(|host| !is_wildcard(host)) {
        match on_port.get(host.as_str()) {
            Some(known) => services.push(*known),
            None => hosts.push(host.clone()),
        }
    }
    for host in service.hosts.iter().filter(|host| is_wildcard(host)) {
        let mut covered = on_port.iter().filter(|(known, _)| overlap(known, host)).peekable();
        if covered.peek().is_none() {
            hosts.push(host.clone());
        }
        services.extend(covered.filter(|(known, _)| place.scope.is_nearest(known, service)).map(|(_, known)| *known));
    }
    services.retain(|known| known.port(place.port).is_some_and(|port| port.protocol.is_http_or_auto()));
    (!services.is_empty() || place.port == 80).then_some(Group { services, hosts, routes, from: Some(service) })
}

/// Gives every host of every group its domains; a domain that is taken stays with its first owner.
fn name_hosts(scope: &Scope, port: u32, groups: Vec<Group>) -> Vec<VirtualHost> {
    let mut names = HashSet::new();
    let mut domains_taken: HashSet<String> = HashSet::new();
    let known: HashSet<&str> = groups.iter().flat_map(|group| group.services.iter().map(|service| service.hostname.as_str())).collect();
    let mut out = Vec::new();
    for group in &groups {
        let outsiders = group.hosts.iter().map(|host| (host.as_str(), None));
        for (host, service) in outsiders.chain(group.services.iter().map(|service| (service.hostname.as_str(), Some(*service)))) {
            let name = format!("{host}:{port}");
            if !names.insert(name.clone()) {
                continue;
            }
            let (mut domains, short_names) = match service {
                Some(service) => service_domains(service, &scope.proxy.namespace),
                None => (vec![host.to_owned()], Vec::new()),
            };
            // A short form that is another service's full name is that service's.
            let is_anothers = |domain: &String| short_names.contains(domain) && known.contains(domain.as_str());
            domains.retain(|domain| !domains_taken.contains(&domain.to_lowercase()) && !is_anothers(domain));
            let mut own = HashSet::new();
            domains.retain(|domain| own.insert(domain.to_lowercase()));
            domains_taken.extend(own);
            if !domains.is_empty() {
                let origin = group.from.map(|from| from.field("spec.hosts")).or_else(|| service.map(|service| service.origin.clone()));
                out.push(VirtualHost { name, domains, routes: group.routes.clone(), include_request_attempt_count: true, origin, ..VirtualHost::default() });
            }
        }
    }
    out
}

/// Every name under which a service can be asked for, and which of them are short forms.
fn service_domains(service: &Service, namespace: &str) -> (Vec<String>, Vec<String>) {
    let (mut domains, mut short) = (Vec::new(), Vec::new());
    for host in std::iter::once(&service.hostname).chain(&service.aliases) {
        domains.push(host.clone());
        let forms = short_forms(host, namespace);
        domains.extend(forms.iter().cloned());
        short.extend(forms);
    }
    if service.is_headless() {
        // Its pods have names below it.
        domains.extend(domains.iter().map(|domain| format!("*.{domain}")).collect::<Vec<_>>());
    }
    domains.extend(service.addresses.iter().filter(|address| !address.is_empty() && *address != NO_ADDRESS).map(|address| bracketed(address)));
    (domains, short)
}

fn bracketed(address: &str) -> String {
    if address.contains(':') && !address.contains('[') { format!("[{address}]") } else { address.to_owned() }
}

/// `reviews`, `reviews.default.svc` and `reviews.default` from `reviews.default.svc.cluster.local`; the first only at home.
fn short_forms(host: &str, namespace: &str) -> Vec<String> {
    let Some(base) = host.strip_suffix(".svc.cluster.local") else { return Vec::new() };
    match base.split_once('.') {
        Some((name, at)) if at == namespace => vec![name.to_owned(), format!("{base}.svc"), base.to_owned()],
        Some(_) => vec![base.to_owned(), format!("{base}.svc")],
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
fn catch_all(scope: &Scope) -> VirtualHost {
    let (name, route) = if scope.mesh().is_registry_only() {
        ("block_all", Route { direct_response: Some(DirectResponseAction { status: 502, body: None }), ..Route::default() })
    } else {
        let action = RouteAction {
            cluster: Some("PassthroughCluster".into()),
            timeout: Some(Duration::ZERO),
            max_grpc_timeout: Some(Duration::ZERO),
            ..RouteAction::default()
        };
        ("allow_any", Route { route: Some(action), ..Route::default() })
    };
    let route = Route { name: name.into(), r#match: RouteMatch { prefix: Some("/".into()), ..RouteMatch::default() }, ..route };
    VirtualHost { name: name.into(), domains: vec!["*".into()], routes: vec![route], include_request_attempt_count: true, ..VirtualHost::default() }
}
