//! The last proxy of a path, in front of the workload that answers, and how one connects to it.

use std::borrow::Cow;

use serde::Deserialize;

use super::{
    capture::are_captured_alike,
    credential,
    names::{self, Workload},
};
use crate::engine::{
    cluster::Cluster,
    envoy::{Call, Mode, Outcome, Peer, Protocol, Tls},
    xds::{ExtensionConfig, LbEndpoint, ProxyConfig, TypedConfig, UpstreamTlsContext},
};

/// Endpoints whose proxies cannot differ: what policies select workloads by is the same for all of them.
pub(super) struct Group<'a> {
    /// The pod of the first; none where the address is no pod's.
    pub workload: Option<Workload<'a>>,
    /// The first endpoint.
    pub address: String,
    /// Its port.
    pub port: u32,
    /// Their part of all endpoints, 0 to 1.
    pub share: f64,
    /// All of their pods.
    pub pods: Vec<String>,
}

/// Endpoints such as `10.1.0.31:9080` in groups, in the order of the input. `shares`: what each gets, the same where nothing is known.
pub(super) fn groups<'a>(cluster: &'a Cluster, endpoints: &[String], shares: &[f64]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let even = 1.0 / endpoints.len().max(1) as f64;
    for (at, endpoint) in endpoints.iter().enumerate() {
        let part = shares.get(at).copied().unwrap_or(even);
        let (address, port) = endpoint.rsplit_once(':').unwrap_or((endpoint, ""));
        let workload = names::workload_at(cluster, address);
        let port = port.parse().unwrap_or_default();
        let pod = workload.map(|workload| workload.id());
        if let Some(group) = groups.iter_mut().find(|group| group.port == port && are_alike(group.workload, workload)) {
            group.share += part;
            group.pods.extend(pod);
        } else {
            let pods = pod.into_iter().collect();
            groups.push(Group { workload, address: address.trim_matches(['[', ']']).to_owned(), port, share: part, pods });
        }
    }
    groups
}

fn are_alike(a: Option<Workload<'_>>, b: Option<Workload<'_>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => {
            let (one, other) = (&a.resource.metadata, &b.resource.metadata);
            one.namespace == other.namespace && one.labels == other.labels && a.attachment() == b.attachment() && are_captured_alike(a, b)
        }
        (a, b) => a.is_none() && b.is_none(),
    }
}

impl Group<'_> {
    /// The first endpoint as proxies name it.
    pub fn label(&self) -> String {
        if self.address.contains(':') { format!("[{}]:{}", self.address, self.port) } else { format!("{}:{}", self.address, self.port) }
    }
}

/// How a sender's proxy connects to an endpoint.
pub(super) struct Connection {
    /// Whether it goes through a tunnel of the sender's.
    is_tunnel: bool,
    pub tls: Tls,
    /// The server name in the TLS hello.
    pub sni: String,
    alpn: String,
}

impl Connection {
    /// Without a proxy nothing is secured that the application does not secure itself.
    pub fn plain() -> Self {
        Self { is_tunnel: false, tls: Tls::Plaintext, sni: String::new(), alpn: String::new() }
    }

    /// What ztunnel carries it leaves as it is.
    pub fn carrying(call: &Call, is_tunnel: bool) -> Self {
        Self { is_tunnel, tls: call.tls, sni: call.sni.clone(), alpn: call.alpn.clone() }
    }

    /// By the cluster's transport socket, or the one that the endpoint's metadata choose.
    pub fn new(config: &ProxyConfig, cluster: &str, address: &str, port: u32, protocol: Protocol) -> Self {
        let label = if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") };
        let is_tunnel = endpoint(config, cluster, &label).is_some_and(|endpoint| endpoint.internal_address().is_some());
        match socket(config, cluster, &label).and_then(tls_context) {
            Some(context) => {
                let common = context.common_tls_context.as_deref();
                let shows_certificate = common.is_some_and(|common| !common.tls_certificate_sds_secret_configs.is_empty());
                let first = common.and_then(|common| common.alpn_protocols.first()).map(AsRef::as_ref).unwrap_or_default();
                // Of HTTP the filter `istio.alpn` says on the way which version it is.
                let alpn = match protocol {
                    Protocol::Http if first.starts_with("istio") => "istio-http/1.1",
                    Protocol::Http2 if first.starts_with("istio") => "istio-h2",
                    _ if first.starts_with("istio") => "istio",
                    _ => first,
                };
                Self { is_tunnel, tls: if shows_certificate { Tls::Mtls } else { Tls::Tls }, sni: context.sni.clone(), alpn: alpn.to_owned() }
            }
            None => Self { is_tunnel, ..Self::plain() },
        }
    }
}

/// The address and port behind a waypoint, where a proxy that is no waypoint's client by itself puts an endpoint behind one.
pub(super) fn behind_waypoint(config: &ProxyConfig, cluster: &str, label: &str) -> Option<(String, u32)> {
    let tunnel = endpoint(config, cluster, label)?.metadata.as_ref()?.filter_metadata.get("envoy.filters.listener.original_dst")?;
    tunnel.get("waypoint")?;
    let (address, port) = tunnel.get("local")?.as_str()?.rsplit_once(':')?;
    Some((address.trim_matches(['[', ']']).to_owned(), port.parse().ok()?))
}

fn endpoint<'a>(config: &'a ProxyConfig, name: &str, label: &str) -> Option<&'a LbEndpoint> {
    let cluster = config.clusters.iter().find(|cluster| cluster.name == name)?;
    let assignments = config.endpoints.iter().filter(|assignment| assignment.cluster_name == name).chain(&cluster.load_assignment);
    let mut endpoints = assignments.flat_map(|assignment| &assignment.endpoints).flat_map(|locality| &locality.lb_endpoints);
    endpoints.find(|endpoint| match endpoint.destination() {
        Some(destination) => destination == label,
        // Whatever it is, it goes through that listener.
        None => endpoint.internal_address().is_some(),
    })
}

/// What a socket says of TLS, that of the socket in it where it leads to another listener of the Envoy.
fn tls_context(socket: &ExtensionConfig) -> Option<Cow<'_, UpstreamTlsContext>> {
    match socket.typed_config.as_ref()? {
        TypedConfig::UpstreamTlsContext(context) => Some(Cow::Borrowed(context)),
        TypedConfig::Other(wrapper) => {
            let inner = wrapper.get("transportSocket")?.get("typedConfig")?;
            inner.get("commonTlsContext")?;
            UpstreamTlsContext::deserialize(inner).ok().map(Cow::Owned)
        }
        _ => None,
    }
}

fn socket<'a>(config: &'a ProxyConfig, name: &str, label: &str) -> Option<&'a ExtensionConfig> {
    let cluster = config.clusters.iter().find(|cluster| cluster.name == name)?;
    let labels = endpoint(config, name, label).and_then(|endpoint| endpoint.metadata.as_ref()?.filter_metadata.get("envoy.transport_socket_match"));
    let chosen = cluster.transport_socket_matches.iter().find(|candidate| {
        let wanted = candidate.r#match.as_ref().and_then(|wanted| wanted.as_object());
        wanted.is_none_or(|wanted| wanted.iter().all(|(key, value)| labels.and_then(|labels| labels.get(key)).is_some_and(|label| label == value)))
    });
    chosen.map_or(cluster.transport_socket.as_ref(), |chosen| chosen.transport_socket.as_ref())
}

/// Who a workload is by its certificate, for example `cluster.local/ns/shop/sa/cart`.
pub(super) fn identity(cluster: &Cluster, workload: Workload<'_>) -> Option<String> {
    let metadata = &workload.resource.metadata;
    cluster.workloads.pod(&metadata.namespace, &metadata.name).map(|known| known.identity.trim_start_matches("spiffe://").to_owned())
}

/// The call as it reaches the server's sidecar or ztunnel. `sender` is the workload whose proxy connects, with its certificate; `outcome` is
/// what that proxy did, if there is one.
pub(super) fn call(cluster: &Cluster, sender: Workload<'_>, connection: &Connection, group: &Group<'_>, outcome: Option<&Outcome>, call: &Call) -> Call {
    let onward = outcome.and_then(|outcome| outcome.upstream.as_ref());
    let metadata = &sender.resource.metadata;
    let peer = identity(cluster, sender).filter(|_| connection.is_tunnel || connection.tls == Tls::Mtls);
    Call {
        mode: if connection.is_tunnel { Mode::Tunnel } else { Mode::Inbound },
        address: group.address.clone(),
        port: group.port,
        tls: connection.tls,
        sni: connection.sni.clone(),
        alpn: connection.alpn.clone(),
        host: onward.map_or_else(|| call.host.clone(), |request| request.authority.clone()),
        path: onward.map_or_else(|| call.path.clone(), |request| request.path.clone()),
        headers: onward.map_or_else(|| call.headers.clone(), |request| request.headers.clone()),
        jwt: if onward.is_some() { credential::carried(call.jwt.as_ref()) } else { call.jwt.clone() },
        peer: peer.map(|principal| Peer { principal, namespace: metadata.namespace.to_string(), trusted: None }),
        source_ip: Some(sender.pod.status.pod_ip.clone()).filter(|address| !address.is_empty()),
        ..call.clone()
    }
}
