//! The servers of several Gateways on one proxy: which of them share a listener, and which lose.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::super::{
    Scope,
    inbound::{ServiceTarget, service_targets},
};
use crate::engine::{
    cluster::{Gateway, GatewayProxies, Protocol, endpoint::selects},
    resource::{self, ServerTlsSettings},
    xds::Origin,
};

/// A server and the Gateway that it is part of.
pub(in crate::engine::istiod) struct Server<'a> {
    /// What it says.
    pub spec: &'a resource::Server,
    /// Its hosts as `host` or `namespace/host`.
    pub hosts: Vec<String>,
    /// The Gateway, as `namespace/name`.
    pub gateway: String,
    /// The name of its routes; empty where it does not speak HTTP.
    pub route_name: String,
    /// Where it is written.
    pub origin: Origin,
}

impl Server<'_> {
    /// The port number that the Gateway gives.
    pub fn number(&self) -> u32 {
        self.spec.port.as_ref().map(|port| port.number).unwrap_or_default()
    }

    /// What is spoken.
    pub fn protocol(&self) -> Protocol {
        self.spec.port.as_ref().map_or(Protocol::Auto, |port| Protocol::parse(&port.protocol))
    }

    /// TLS that ends elsewhere.
    pub fn passes_tls_through(&self) -> bool {
        self.spec.tls.as_ref().is_some_and(|tls| matches!(tls_mode(tls), "PASSTHROUGH" | "AUTO_PASSTHROUGH"))
    }

    /// HTTPS that ends here.
    pub fn ends_https(&self) -> bool {
        self.spec.tls.is_some() && self.protocol() == Protocol::Https && !self.passes_tls_through()
    }

    /// HTTP, or HTTPS that ends here.
    pub fn speaks_http(&self) -> bool {
        self.protocol().is_http() || self.ends_https()
    }

    /// TLS of any kind, on a port that is not HTTP.
    fn is_tls(&self) -> bool {
        self.spec.tls.is_some() && !self.protocol().is_http()
    }

    /// Whether plain HTTP is answered with a redirect.
    pub fn redirects_to_https(&self) -> bool {
        self.spec.tls.as_ref().is_some_and(|tls| tls.https_redirect)
    }

    /// The server names of its filter chain.
    pub fn sni_hosts(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.hosts.iter().map(|host| host.split_once('/').map_or(host.as_str(), |(_, name)| name)).collect();
        if self.spec.tls.is_none() { Vec::new() } else { names.into_iter().map(str::to_owned).collect() }
    }
}

/// A mode that is not set is the first of the list.
pub(super) fn tls_mode(tls: &ServerTlsSettings) -> &str {
    tls.mode.as_deref().unwrap_or("PASSTHROUGH")
}

/// One listener in the making.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ServerPort {
    pub number: u32,
    /// As the Gateway writes it, for two spellings are two ports.
    pub protocol: String,
    pub bind: String,
}

/// Servers that share a port.
#[derive(Default)]
pub(super) struct PortServers {
    /// Positions in [`Merged::servers`].
    pub servers: Vec<usize>,
    pub route_name: String,
}

/// All servers of a proxy.
#[derive(Default)]
pub(in crate::engine::istiod) struct Merged<'a> {
    pub(super) servers: Vec<Server<'a>>,
    /// In the order in which they came up.
    pub(super) ports: Vec<(ServerPort, PortServers)>,
    /// Servers by the name of their routes.
    pub(super) by_route: BTreeMap<String, Vec<usize>>,
}

impl<'a> Merged<'a> {
    /// Merges the Gateways that select the proxy, oldest first.
    pub fn new(scope: &Scope<'a>) -> Self {
        let targets = service_targets(scope);
        let mut merger = Merger::default();
        for gateway in &scope.cluster.gateways {
            for (spec, origin) in &gateway.servers {
                let Some(port) = &spec.port else { continue };
                for number in ports_of_proxy(scope, gateway, port.number, &targets) {
                    merger.add(gateway, spec, origin, number);
                }
            }
        }
        merger.merged
    }
}

/// The ports of the proxy that a Gateway's port stands for: none where the Gateway is not for the proxy.
fn ports_of_proxy(scope: &Scope, gateway: &Gateway, number: u32, targets: &[ServiceTarget]) -> Vec<u32> {
    let on_port = targets.iter().filter(|target| target.port.number == number);
    match &gateway.proxies {
        GatewayProxies::Labelled(selector) if selects(selector, &scope.proxy.labels) => {
            // A port of the Service in front of the proxy stands for the port that the proxy really has.
            let mut translated = on_port.filter(|target| !target.service.labels.contains_key(NO_TRANSLATION));
            vec![translated.next().map_or(number, |target| target.target_port)]
        }
        GatewayProxies::Labelled(_) => Vec::new(),
        // Here the port is the Service's, so what the Service does not have is nowhere.
        GatewayProxies::Behind(services) => {
            let behind = on_port.filter(|target| services.contains(&target.service.hostname) && target.service.namespace == gateway.namespace);
            behind.map(|target| target.target_port).collect::<BTreeSet<_>>().into_iter().collect()
        }
    }
}

/// A Service with this label does not lend its ports to Gateways.
const NO_TRANSLATION: &str = "experimental.istio.io/disable-gateway-port-translation";

#[derive(Default)]
struct Merger<'a> {
    merged: Merged<'a>,
    plain_text: HashMap<u32, ServerPort>,
    ports: HashSet<u32>,
    /// Addresses on which a port is TLS or TCP.
    binds: HashMap<u32, HashSet<String>>,
    /// Hosts with TLS, by port and host; the value is the address.
    tls_hosts: HashMap<(u32, String), String>,
}

impl<'a> Merger<'a> {
    fn add(&mut self, gateway: &Gateway, spec: &'a resource::Server, origin: &Origin, number: u32) {
        let namespace = &gateway.namespace;
        let mut server = Server {
            spec,
            hosts: in_namespace(&spec.hosts, namespace),
            gateway: format!("{namespace}/{}", gateway.name),
            route_name: String::new(),
            origin: origin.clone(),
        };
        server.route_name = route_name(&server, number, &gateway.name, namespace);
        // Envoy tells chains apart by server name, so of two servers with one name only the first can be.
        if spec.tls.is_some() && !self.take_hosts(number, &server.hosts, &spec.bind) {
            return;
        }
        let port = ServerPort { number, protocol: spec.port.as_ref().map(|port| port.protocol.clone()).unwrap_or_default(), bind: spec.bind.clone() };
        if self.ports.insert(number) {
            if !server.is_tls() {
                self.plain_text.insert(number, port.clone());
            }
            let id = self.keep(server);
            let server = &self.merged.servers[id];
            let route_name = server.route_name.clone();
            if server.speaks_http() {
                self.merged.by_route.insert(route_name.clone(), vec![id]);
            }
            self.merged.ports.push((port, PortServers { servers: vec![id], route_name }));
        } else if let Some(current) = self.plain_text.get(&number).cloned() {
            self.join_plain_text(server, port, &current);
        } else {
            self.join_tls(server, port);
        }
    }

    fn keep(&mut self, server: Server<'a>) -> usize {
        self.merged.servers.push(server);
        self.merged.servers.len() - 1
    }

    fn take_hosts(&mut self, number: u32, hosts: &[String], bind: &str) -> bool {
        take_hosts(&mut self.tls_hosts, number, hosts, bind)
    }

    fn on_port(&mut self, port: &ServerPort) -> &mut PortServers {
        let at = if let Some(at) = self.merged.ports.iter().position(|(have, _)| have == port) {
            at
        } else {
            self.merged.ports.push((port.clone(), PortServers::default()));
            self.merged.ports.len() - 1
        };
        &mut self.merged.ports[at].1
    }

    /// On a port that speaks plain text already, only HTTP can join HTTP.
    fn join_plain_text(&mut self, server: Server<'a>, port: ServerPort, current: &ServerPort) {
        let same_bind = current.bind == port.bind;
        let both_http = Protocol::parse(&port.protocol).is_http() && Protocol::parse(&current.protocol).is_http();
        if same_bind && (!both_http || server.route_name.is_empty()) {
            return;
        }
        let route_name = server.route_name.clone();
        let id = self.keep(server);
        if same_bind {
            self.on_port(current).servers.push(id);
        } else {
            let servers = self.on_port(&port);
            servers.route_name.clone_from(&route_name);
            servers.servers.push(id);
        }
        self.merged.by_route.entry(route_name).or_default().push(id);
    }

    /// On a port that speaks TLS, servers are told apart by server name.
    fn join_tls(&mut self, server: Server<'a>, port: ServerPort) {
        let (is_http, route_name) = (server.speaks_http(), server.route_name.clone());
        if is_http && (route_name.is_empty() || self.merged.by_route.contains_key(&route_name)) {
            return;
        }
        let is_new_bind = self.binds.entry(port.number).or_default().insert(port.bind.clone());
        let has_tls = server.spec.tls.is_some();
        let id = self.keep(server);
        if is_http {
            self.merged.by_route.insert(route_name, vec![id]);
        }
        if has_tls || is_new_bind {
            self.on_port(&port).servers.push(id);
        }
    }
}

/// Takes hosts on a port for an address; none of them where one is taken.
pub(super) fn take_hosts(taken: &mut HashMap<(u32, String), String>, number: u32, hosts: &[String], bind: &str) -> bool {
    if hosts.iter().any(|host| taken.get(&(number, host.clone())).is_some_and(|have| have == bind)) {
        return false;
    }
    taken.extend(hosts.iter().map(|host| ((number, host.clone()), bind.to_owned())));
    true
}

/// `./host` is of the Gateway's own namespace, `*/host` of any.
fn in_namespace(hosts: &[String], namespace: &str) -> Vec<String> {
    let one = |host: &String| match host.split_once('/') {
        Some((".", name)) => format!("{namespace}/{name}"),
        Some(("*", name)) => name.to_owned(),
        _ => host.clone(),
    };
    if hosts.iter().any(|host| host == "*/*") { vec!["*".into()] } else { hosts.iter().map(one).collect() }
}

fn route_name(server: &Server, number: u32, name: &str, namespace: &str) -> String {
    let bind = if server.spec.bind.is_empty() { String::new() } else { format!(".{}", server.spec.bind) };
    if server.protocol().is_http() {
        return format!("http.{number}{bind}");
    }
    match &server.spec.port {
        Some(port) if server.protocol() == Protocol::Https && !server.passes_tls_through() => {
            format!("https.{}.{}.{name}.{namespace}{bind}", port.number, port.name)
        }
        _ => String::new(),
    }
}
