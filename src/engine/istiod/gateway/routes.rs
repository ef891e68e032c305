//! RDS of a gateway: the hosts that both a server and a VirtualService bound to it name.

use std::collections::{BTreeMap, HashMap};

use super::merge::{Merged, Server};
use crate::engine::{
    cluster::{VirtualService, host::by_specificity, host::is_subset},
    istiod::{
        Scope,
        route::{Place, build_routes, configuration, takes_all},
    },
    xds::{Origin, Route, RouteConfiguration, VirtualHost},
};

/// A host in the making: the sets of routes that it has, in order.
struct Host {
    name: String,
    domains: Vec<String>,
    /// Positions in the list of route sets.
    sets: Vec<usize>,
    redirects: bool,
    origin: Origin,
}

/// The route configuration of a name that one of the gateway's listeners asks for.
pub(in crate::engine::istiod) fn gateway_routes(scope: &Scope, merged: &Merged, name: &str) -> RouteConfiguration {
    let servers: Vec<&Server> = merged.by_route.get(name).into_iter().flatten().map(|&at| &merged.servers[at]).collect();
    let mut sets: Vec<Vec<Route>> = Vec::new();
    let hosts = collapse(hosts(scope, &servers, &mut sets));
    let mut virtual_hosts: Vec<VirtualHost> = hosts.into_iter().map(|host| finish(host, &sets)).collect();
    virtual_hosts.sort_by(|a, b| a.name.cmp(&b.name));
    if let (true, Some(first)) = (virtual_hosts.is_empty(), servers.first()) {
        virtual_hosts.push(VirtualHost {
            name: format!("blackhole:{}", first.number()),
            domains: vec!["*".into()],
            origin: Some(first.origin.clone()),
            ..VirtualHost::default()
        });
    }
    configuration(name, virtual_hosts)
}

fn hosts(scope: &Scope, servers: &[&Server], sets: &mut Vec<Vec<Route>>) -> BTreeMap<String, Host> {
    let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
    // Routes are built once for a Gateway and a VirtualService, with the port of the server that comes first.
    let mut built: HashMap<(String, String, String), usize> = HashMap::new();
    for server in servers {
        for service in scope.cluster.virtual_services.of_gateway(&server.gateway, &scope.proxy.namespace) {
            let common = common_hosts(server, service);
            if common.is_empty() {
                continue;
            }
            let key = (server.gateway.clone(), service.namespace.clone(), service.name.clone());
            let set = if let Some(set) = built.get(&key) {
                *set
            } else {
                let gateways = [server.gateway.as_str()];
                let routes = build_routes(
                    service,
                    &Place { scope, known: None, port: server.number(), is_tls: server.spec.tls.is_some(), gateways: &gateways, own_hosts: None },
                );
                if routes.is_empty() {
                    continue;
                }
                sets.push(routes);
                built.insert(key, sets.len() - 1);
                sets.len() - 1
            };
            for host in common {
                let entry = hosts.entry(host.to_lowercase()).or_insert_with_key(|host| Host {
                    name: format!("{host}:{}", server.number()),
                    domains: vec![host.clone()],
                    sets: Vec::new(),
                    redirects: false,
                    origin: service.field("spec.hosts"),
                });
                entry.sets.push(set);
                entry.redirects |= server.redirects_to_https();
            }
        }
        if server.redirects_to_https() {
            for host in &server.hosts {
                let entry = hosts.entry(host.to_lowercase()).or_insert_with_key(|host| Host {
                    name: format!("{host}:{}", server.number()),
                    domains: vec![host.clone()],
                    sets: Vec::new(),
                    redirects: true,
                    origin: server.origin.field(format!("{}.tls.httpsRedirect", server.origin.path)),
                });
                entry.redirects = true;
            }
        }
    }
    hosts
}

/// The narrower name wherever a server's host and a VirtualService's have names in common.
fn common_hosts<'a>(server: &'a Server, service: &'a VirtualService) -> Vec<&'a str> {
    let mut common: Vec<&str> = Vec::new();
    for own in &server.hosts {
        let own = match own.split_once('/') {
            Some((namespace, _)) if namespace != service.namespace && namespace != "*" => continue,
            Some((_, name)) => name,
            None => own,
        };
        for host in &service.hosts {
            let narrower = if is_subset(own, host) {
                own
            } else if is_subset(host, own) {
                host
            } else {
                continue;
            };
            if !common.contains(&narrower) {
                common.push(narrower);
            }
        }
    }
    common
}

/// Hosts with the very same routes become one, under the name of the most specific.
fn collapse(hosts: BTreeMap<String, Host>) -> Vec<Host> {
    let mut sorted: Vec<(String, Host)> = hosts.into_iter().collect();
    sorted.sort_by(|(a, _), (b, _)| by_specificity(a, b));
    let mut out: Vec<Host> = Vec::new();
    // The last host with a list of route sets is the one that others join.
    let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
    for (_, host) in sorted {
        if let Some(have) = known.get(&host.sets).map(|&at| &mut out[at]).filter(|have| have.redirects == host.redirects) {
            have.domains.extend(host.domains);
        } else {
            known.insert(host.sets.clone(), out.len());
            out.push(host);
        }
    }
    out
}

/// Routes of several VirtualServices follow each other, those that take everything last.
fn finish(host: Host, sets: &[Vec<Route>]) -> VirtualHost {
    let (last, first): (Vec<Route>, Vec<Route>) = host.sets.iter().flat_map(|&set| sets[set].iter().cloned()).partition(|route| takes_all(&route.r#match));
    VirtualHost {
        name: host.name,
        domains: host.domains,
        routes: first.into_iter().chain(last).collect(),
        require_tls: if host.redirects { "ALL".into() } else { String::new() },
        include_request_attempt_count: true,
        origin: Some(host.origin),
        ..VirtualHost::default()
    }
}
