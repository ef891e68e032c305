//! Sending: proxy by proxy, following the endpoints that are gateways themselves.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Answer, Hop, HopRole, Journey, OUTSIDE, Request, RequestError, access_logs,
    answer::Parts,
    capture::{passed_by_on_the_way_in, passed_by_on_the_way_out},
    credential, describe,
    names::{self, Attachment, Resolved, Workload},
    pushes::{Part, Pushes},
    server::{self, Connection, Group},
    url::{self, Target},
};
use crate::engine::{
    cluster::Cluster,
    diagnostic::closest,
    envoy::{self, Call, CallError, ClusterShare, Mode, Outcome, Protocol, Step, Tls},
    istiod::{Proxy, ProxyType},
    xds::ProxyConfig,
    ztunnel,
};

/// How many proxies in a row a request may pass before it counts as going in circles.
pub(super) const MAX_HOPS: usize = 8;
/// How the protocols begin that sidecars offer each other in TLS.
const MESH_ALPN: &str = "istio";
/// What public DNS is taken to answer: an address of the block that documentation may use (RFC 5737).
const PUBLIC_ADDRESS: &str = "203.0.113.10";

/// Sends a request through a cluster.
pub(super) fn send(cluster: &Cluster, pushes: &Pushes, request: &Request) -> Result<Journey, RequestError> {
    let target = url::parse(request)?;
    let mut path = Path { cluster, pushes, state: pushes.ztunnel(cluster), hops: Vec::new(), parts: Parts::default() };
    match caller(cluster, &request.from)? {
        None => path.enter_at_the_edge(&target),
        Some(workload) => path.leave_workload(workload, &target),
    }
    let answer = path.parts.into_answer();
    access_logs::settle(&mut path.hops, &answer);
    let summary = describe::summary(&target, &path.hops, &answer);
    Ok(Journey { answer, summary, hops: path.hops, not_simulated: Vec::new() })
}

/// So many gateways are asked whether they serve a host.
const MOST_EDGES: usize = 16;

/// The workload that calls; none for the outside.
fn caller<'a>(cluster: &'a Cluster, from: &str) -> Result<Option<Workload<'a>>, RequestError> {
    if from == OUTSIDE {
        return Ok(None);
    }
    let wanted = if from.contains('.') { from.to_owned() } else { format!("{from}.default") };
    let meant = names::meant(cluster, from, "default");
    let is_meant = |workload: &Workload| {
        meant.is_some_and(|meant| *meant.name == *workload.resource.metadata.name && *meant.namespace == *workload.resource.metadata.namespace)
    };
    names::workloads(cluster).find(is_meant).map(Some).ok_or_else(|| {
        let ids: Vec<String> = names::workloads(cluster).map(|workload| workload.id()).collect();
        RequestError::UnknownCaller { given: from.to_owned(), near: closest(&wanted, ids.iter().map(String::as_str)).map(str::to_owned) }
    })
}

/// A request on its way.
pub(super) struct Path<'a> {
    pub cluster: &'a Cluster,
    pub pushes: &'a Pushes,
    /// What every ztunnel knows.
    pub state: Arc<ztunnel::State>,
    pub hops: Vec<Hop>,
    pub parts: Parts,
}

impl Path<'_> {
    fn enter_at_the_edge(&mut self, target: &Target) {
        // A load balancer without that port lets nothing through to its gateway.
        let with_port = names::edges(self.cluster).filter_map(|(gateway, service)| Some((gateway, names::target_port(service, target.port, gateway.pod)?)));
        let mut calls: Vec<(Workload<'_>, Call)> =
            with_port.take(MOST_EDGES).map(|(gateway, port)| (gateway, Call { mode: Mode::Gateway, port, ..call(target) })).collect();
        if calls.len() > 1 {
            // Public DNS leads to the gateway that serves the host, the first of those that do, or the first at all.
            let missed = |gateway: Workload<'_>, call: &Call| match envoy::run(&self.pushes.get(self.cluster, &proxy(gateway), Part::Whole), call).error {
                None | Some(CallError::MtlsError | CallError::TlsRedirect) => 0,
                Some(CallError::NoRoute | CallError::TlsError) => 1,
                Some(CallError::NoVirtualHost) => 2,
                Some(_) => 3,
            };
            calls.sort_by_cached_key(|(gateway, call)| missed(*gateway, call));
        }
        match calls.first() {
            Some((gateway, call)) => self.through(*gateway, HopRole::IngressGateway, call, 1.0),
            None => self.parts.add("connection refused", None, "", 1.0),
        }
    }

    fn leave_workload(&mut self, workload: Workload<'_>, target: &Target) {
        let namespace = &workload.resource.metadata.namespace;
        let resolved = names::resolve(self.cluster, namespace, &target.host);
        let address = match resolved {
            Resolved::Service(_, service) if service.cluster_ip != "None" => service.cluster_ip.clone(),
            // A headless name gives the address of a pod.
            Resolved::Service(resource, service) => {
                names::selected(self.cluster, resource, service).first().map(|pod| pod.pod.status.pod_ip.clone()).unwrap_or_default()
            }
            Resolved::ServiceEntry(resource, entry) => {
                let host = target.host.trim_end_matches('.').to_ascii_lowercase();
                // The DNS of ztunnel answers with what istiod made up.
                let made_up = || self.cluster.ambient.auto_address(&resource.metadata.namespace, &host).filter(|_| workload.is_ambient).map(str::to_owned);
                let own = entry.addresses.first().filter(|address| !address.contains('/')).cloned();
                own.or_else(made_up).unwrap_or_else(|| PUBLIC_ADDRESS.to_owned())
            }
            Resolved::Address => target.host.trim_matches(['[', ']']).to_owned(),
            Resolved::Elsewhere => PUBLIC_ADDRESS.to_owned(),
            Resolved::Nowhere => {
                self.parts.add("no such host", None, "", 1.0);
                return;
            }
        };
        match workload.attachment() {
            Attachment::None => self.without_proxy(workload, target, resolved, Vec::new()),
            Attachment::Ztunnel => self.leave_by_ztunnel(workload, target, &address),
            Attachment::Sidecar | Attachment::GatewayProxy => {
                if let Some(step) = passed_by_on_the_way_out(workload, &address, target.port) {
                    return self.without_proxy(workload, target, resolved, vec![step]);
                }
                let call = Call { mode: Mode::Outbound, address, port: target.port, ..call(target) };
                self.through(workload, HopRole::ClientSidecar, &call, 1.0);
            }
        }
    }

    /// The caller is not in the mesh, or its connection is not, for the reason in `trace`: kube-proxy picks an endpoint, no rule of the
    /// mesh is asked.
    fn without_proxy(&mut self, workload: Workload<'_>, target: &Target, resolved: Resolved<'_>, trace: Vec<Step>) {
        let outcome = Outcome { trace, ..Outcome::default() };
        self.hops.push(Hop { role: HopRole::NoProxy, proxy: workload.id(), share: 1.0, call: Call::default(), outcome });
        match resolved {
            Resolved::Service(resource, service) => {
                let mut pods = names::selected(self.cluster, resource, service);
                if service.internal_traffic_policy == "Local" && service.cluster_ip != "None" {
                    pods.retain(|pod| pod.pod.spec.node_name == workload.pod.spec.node_name);
                }
                let Some(first) = pods.first() else {
                    self.parts.add("connection refused", None, "", 1.0);
                    return;
                };
                let Some(port) = names::target_port(service, target.port, first.pod) else {
                    self.parts.add("connection refused", None, "", 1.0);
                    return;
                };
                if first.attachment() == Attachment::GatewayProxy {
                    let call = Call { mode: Mode::Gateway, port, ..call(target) };
                    self.through(*first, HopRole::Gateway, &call, 1.0);
                    return;
                }
                let destination = describe::service_name(&resource.metadata.name, &resource.metadata.namespace, "");
                let endpoints: Vec<String> = pods.iter().map(|pod| format!("{}:{port}", pod.pod.status.pod_ip)).collect();
                for group in server::groups(self.cluster, &endpoints, &[]) {
                    let next = server::call(self.cluster, workload, &Connection::plain(), &group, None, &call(target));
                    self.serve(&group, &next, &destination, group.share, false);
                }
            }
            _ => self.parts.add_reply(200, &target.host, &[], 1.0),
        }
    }

    /// Runs one proxy and follows where it sends the request.
    pub(super) fn through(&mut self, workload: Workload<'_>, role: HopRole, call: &Call, share: f64) {
        if self.hops.len() >= MAX_HOPS {
            self.parts.add("the request goes in circles", None, "", share);
            return;
        }
        let config = self.pushes.get(self.cluster, &proxy(workload), Part::Whole);
        let outcome = envoy::run(&config, call);
        self.hops.push(Hop { role, proxy: workload.id(), share, call: call.clone(), outcome: outcome.clone() });
        if let Some(text) = refusal(outcome.error) {
            // A proxy in front turns a connection that it cannot make into a reply of its own.
            match role {
                HopRole::Gateway | HopRole::Waypoint if self.is_behind_http() => self.parts.add("503", Some(503), "", share),
                // To ztunnel a tunnel that fails is one that ends.
                HopRole::Waypoint => self.parts.add("connection closed", None, "", share),
                _ => self.parts.add(text, None, "", share),
            }
            return;
        }
        let is_tunnel = outcome.response.statuses.is_empty();
        let reached: f64 = outcome.clusters.iter().filter(|cluster| !cluster.endpoints.is_empty()).map(|cluster| cluster.share).sum();
        // Backends answer 200 here, so any other status is a proxy's own, and so is a 200 when no backend is reached.
        let passed = if is_tunnel {
            1.0
        } else if outcome.upstream.is_some() && reached > 0.0 {
            outcome.response.statuses.get(&200).copied().unwrap_or(0.0)
        } else {
            0.0
        };
        for (&status, &part) in &outcome.response.statuses {
            if status != 200 || passed == 0.0 {
                let location = outcome.response.headers.get("location").filter(|_| (300..400).contains(&status));
                let text = location.map_or_else(|| status.to_string(), |location| format!("{status} {location}"));
                self.parts.add(&text, Some(status), "", share * part);
            }
        }
        if is_tunnel && reached == 0.0 {
            self.parts.add("connection closed", None, "", share);
            return;
        }
        for cluster in outcome.clusters.iter().filter(|cluster| !cluster.endpoints.is_empty()) {
            let share = share * passed * cluster.share / reached;
            if share > 0.0 {
                self.arrive(workload, &config, cluster, &outcome, call, share);
            }
        }
    }

    /// Whether the last hop came through an Envoy that speaks HTTP; ztunnel and a TCP proxy only end a connection.
    fn is_behind_http(&self) -> bool {
        let before = self.hops.split_last().map(|(_, before)| before).unwrap_or_default();
        before.iter().rfind(|hop| hop.role.is_envoy()).is_some_and(|hop| speaks_http(&hop.outcome))
    }

    /// A connection that is refused: a sender that speaks HTTP turns it into a reply.
    pub(super) fn refuse(&mut self, call: &Call, share: f64, has_http_sender: bool) {
        if has_http_sender && call.protocol != Protocol::Tcp {
            self.parts.add("503", Some(503), "", share);
        } else {
            self.parts.add("connection closed", None, "", share);
        }
    }

    /// A request reaches a cluster's endpoints: a gateway that sends it on, the sidecar of a workload, or a workload without one.
    fn arrive(&mut self, sender: Workload<'_>, config: &ProxyConfig, cluster: &ClusterShare, outcome: &Outcome, call: &Call, share: f64) {
        let endpoint = cluster.endpoints.first().and_then(|endpoint| endpoint.rsplit_once(':'));
        let onward = outcome.upstream.as_ref();
        let passed_on = |next: Call| Call {
            host: onward.map_or_else(|| call.host.clone(), |request| request.authority.clone()),
            path: onward.map_or_else(|| call.path.clone(), |request| request.path.clone()),
            headers: onward.map_or_else(|| call.headers.clone(), |request| request.headers.clone()),
            jwt: if onward.is_some() { credential::carried(call.jwt.as_ref()) } else { next.jwt.clone() },
            // A client's certificate ends at the gateway.
            peer: next.peer.clone().filter(|_| call.mode != Mode::Gateway),
            ..next
        };
        let gateway = endpoint.and_then(|(ip, port)| {
            let workload = names::workload_at(self.cluster, ip).filter(|workload| workload.attachment() == Attachment::GatewayProxy)?;
            let port = port.parse().ok()?;
            Some((workload, port, Connection::new(config, &cluster.name, ip, port, call.protocol)))
        });
        if let Some((workload, port, connection)) = gateway {
            let first = cluster.endpoints.first().map(String::as_str).unwrap_or_default();
            if let Some((address, port)) = server::behind_waypoint(config, &cluster.name, first) {
                let next = passed_on(Call { tls: Tls::Plaintext, sni: String::new(), address, port, ..call.clone() });
                return self.enter_waypoint(sender, workload, next, share);
            }
            let Connection { tls, sni, .. } = connection;
            let next = passed_on(Call { tls, sni, mode: Mode::Gateway, address: String::new(), port, ..call.clone() });
            return self.through(workload, HopRole::Gateway, &next, share);
        }
        let destination = describe::destination(&cluster.name);
        for group in server::groups(self.cluster, &cluster.endpoints, &cluster.endpoint_shares) {
            let connection = Connection::new(config, &cluster.name, &group.address, group.port, call.protocol);
            let next = server::call(self.cluster, sender, &connection, &group, Some(outcome), call);
            self.serve(&group, &next, &destination, share * group.share, speaks_http(outcome));
        }
    }

    /// The end of the way: a workload, behind its sidecar where it has one. `has_http_sender`: whether another proxy turns a refused
    /// connection into a reply.
    pub(super) fn serve(&mut self, group: &Group<'_>, call: &Call, destination: &str, share: f64, has_http_sender: bool) {
        let workload = match group.workload {
            Some(workload) if workload.attachment() == Attachment::Sidecar => match passed_by_on_the_way_in(workload, call.mode, group.port) {
                Some(step) => return self.serve_past_the_proxy(group, call, step, destination, share, has_http_sender),
                None => workload,
            },
            Some(workload) if workload.is_ambient => return self.serve_by_ztunnel(group, workload, call, destination, share, has_http_sender),
            Some(workload) if workload.attachment() == Attachment::None && call.tls == Tls::Mtls && call.alpn.starts_with(MESH_ALPN) => {
                // Nobody there has a certificate of the mesh.
                self.refuse(call, share, has_http_sender);
                return;
            }
            _ => return self.parts.add_reply(200, destination, &group.pods, share),
        };
        let outcome = envoy::run(&self.pushes.get(self.cluster, &proxy(workload), Part::Inbound), call);
        let refused = refusal(outcome.error);
        let is_tunnel = outcome.response.statuses.is_empty();
        let passed = if refused.is_some() {
            0.0
        } else if is_tunnel {
            1.0
        } else if outcome.upstream.is_some() {
            outcome.response.statuses.get(&200).copied().unwrap_or(0.0)
        } else {
            0.0
        };
        for (&status, &part) in outcome.response.statuses.iter().filter(|(status, _)| passed == 0.0 || **status != 200) {
            self.parts.add(&status.to_string(), Some(status), "", share * part);
        }
        match refused {
            Some(_) => self.refuse(call, share, has_http_sender),
            None if passed > 0.0 => self.parts.add_reply(200, destination, &group.pods, share * passed),
            None => {}
        }
        // The proxies of one path are shown, and those that end another one.
        if passed == 0.0 || !self.hops.iter().any(|hop| hop.role == HopRole::ServerSidecar) {
            self.hops.push(Hop { role: HopRole::ServerSidecar, proxy: workload.id(), share, call: call.clone(), outcome });
        }
    }
}

/// Whether it was HTTP that a proxy handled, and no bytes alone.
fn speaks_http(outcome: &Outcome) -> bool {
    !outcome.route_config.is_empty()
}

/// What the client sees where there is no HTTP answer.
fn refusal(error: Option<CallError>) -> Option<&'static str> {
    Some(match error? {
        CallError::ConnectionClosed => "connection closed",
        CallError::NoListener | CallError::NoFilterChain | CallError::MultipleFilterChains => "connection refused",
        CallError::ProtocolError => "protocol error",
        CallError::TlsError | CallError::MtlsError => "TLS handshake failed",
        CallError::NoVirtualHost | CallError::NoRoute | CallError::TlsRedirect => return None,
    })
}

pub(super) fn call(target: &Target) -> Call {
    let call = Call {
        protocol: Protocol::Http,
        tls: if target.is_tls { Tls::Tls } else { Tls::Plaintext },
        sni: if target.is_tls { target.host.clone() } else { String::new() },
        host: target.authority.clone(),
        path: target.path.clone(),
        method: target.method.clone(),
        headers: target.headers.clone(),
        ..Call::default()
    };
    credential::show(call, target)
}

/// How a pod's proxy introduces itself to istiod.
fn proxy(workload: Workload<'_>) -> Proxy {
    let metadata = &workload.resource.metadata;
    Proxy {
        id: workload.id(),
        r#type: ProxyType::of(workload.attachment() == Attachment::GatewayProxy, &metadata.labels),
        namespace: metadata.namespace.to_string(),
        labels: metadata.labels.clone(),
        ip: workload.pod.status.pod_ip.clone(),
        service_account: match workload.pod.spec.service_account_name.as_str() {
            "" => "default".to_owned(),
            name => name.to_owned(),
        },
        locality: String::new(),
    }
}

/// What istiod pushes to the proxy of a workload, `pod.namespace`.
pub(super) fn config_of(cluster: &Cluster, pushes: &Pushes, id: &str) -> Option<Arc<ProxyConfig>> {
    let workload = names::workloads(cluster).find(|workload| workload.id() == id)?;
    Some(pushes.get(cluster, &proxy(workload), Part::Whole))
}

/// A set of headers from lines such as `name: value`.
pub fn headers_from_lines<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<BTreeMap<String, String>, RequestError> {
    let mut headers = BTreeMap::new();
    for line in lines.into_iter().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| RequestError::BadHeader { given: line.chars().take(120).collect(), reason: "write it as name: value".into() })?;
        headers.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
    }
    Ok(headers)
}

impl Answer {
    /// Whether it is this notation, blanks and the order of equal shares aside.
    pub fn is(&self, notation: &str) -> bool {
        let normal = |text: &str| {
            let mut parts: Vec<String> = text.split(',').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
            parts.sort();
            parts
        };
        normal(&self.to_string()) == normal(notation)
    }
}
