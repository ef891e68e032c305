//! The clusters by which a waypoint sends on what is for its own services: `inbound-vip|port|protocol[/subset]|host`.
//!
//! `buildWaypointInboundVIP` and `buildWaypointInboundVIPCluster` in `cluster_waypoint.go` of istio/istio at 1.26.4.

use super::{
    HttpOptions, Outbound, Policy,
    balance::apply_load_balancer,
    build::{discovery_type, set_discovery},
    outlier::apply_outlier_detection,
    pool::{apply_h2_upgrade, apply_pool},
    raw_buffer,
    tls::{Peers, TlsContext, apply_proxy_protocol, originate, socket},
};
use crate::engine::{
    cluster::{Port, Protocol, Service},
    istiod::{
        Scope,
        endpoints::{ForCluster, locality_endpoints},
        hbone::waypoint_socket,
        hcm::ads,
        locality::spread_over_places,
        metadata,
    },
    xds::{Cluster, CommonLbConfig, EdsClusterConfig},
};

/// `inbound-vip|port|subset|host`.
pub(in crate::engine::istiod) fn vip_cluster_name(host: &str, port: u32, subset: &str) -> String {
    format!("inbound-vip|{port}|{subset}|{host}")
}

/// The clusters of a service: for each port and each subset one for what is HTTP, one for bytes.
pub(in crate::engine::istiod) fn vip_clusters<'a>(scope: &'a Scope<'a>, service: &'a Service) -> Vec<Outbound<'a>> {
    let rule = scope.server_rule(service);
    let mut clusters = Vec::new();
    for port in service.ports.iter().filter(|port| port.protocol != Protocol::Udp) {
        let whole = Policy::new(rule.and_then(|rule| rule.traffic_policy.as_deref()), port.number);
        let kinds: Vec<&str> = [("tcp", !port.protocol.is_http()), ("http", port.protocol.is_http_or_auto())]
            .into_iter()
            .filter(|(_, is_one)| *is_one)
            .map(|(kind, _)| kind)
            .collect();
        let has_policy = rule.is_some_and(|rule| rule.traffic_policy.is_some());
        clusters.extend(kinds.iter().filter_map(|kind| build(scope, service, port, kind, "", whole, has_policy)));
        for subset in rule.iter().flat_map(|rule| &rule.subsets) {
            let own = subset.subset.traffic_policy.as_deref();
            let policy = whole.with_subset(own, port.number);
            clusters.extend(kinds.iter().filter_map(|kind| build(scope, service, port, kind, &subset.subset.name, policy, has_policy || own.is_some())));
        }
    }
    clusters
}

fn build<'a>(scope: &'a Scope<'a>, service: &'a Service, port: &'a Port, kind: &str, subset: &str, policy: Policy, has_policy: bool) -> Option<Outbound<'a>> {
    let rule = scope.server_rule(service);
    let key = if subset.is_empty() { kind.to_owned() } else { format!("{kind}/{subset}") };
    let name = vip_cluster_name(&service.hostname, port.number, &key);
    let of_subset = rule.and_then(|rule| rule.subset(subset)).map(|subset| &subset.origin);
    let mut cluster = Cluster {
        alt_stat_name: format!("{name};"),
        r#type: discovery_type(service, scope.proxy.r#type).into(),
        common_lb_config: Some(CommonLbConfig::default()),
        metadata: Some(metadata::of_istio([("services", metadata::services_note([service]))])),
        origin: Some(of_subset.or_else(|| rule?.policy_origin.as_ref()).unwrap_or(&service.origin).clone()),
        name,
        ..Cluster::default()
    };
    let of = ForCluster { service, port, subset, rule, is_inbound_vip: true };
    let endpoints = if matches!(cluster.r#type.as_ref(), "STRICT_DNS" | "LOGICAL_DNS") { locality_endpoints(scope, &of, true) } else { Vec::new() };
    set_discovery(service, port, &mut cluster, endpoints)?;
    let notes = cluster.metadata.get_or_insert_default();
    if let Some(rule) = rule.filter(|_| has_policy) {
        metadata::set(notes, "config", metadata::config_path("destination-rule", &rule.namespace, &rule.name));
    }
    metadata::set(notes, "subset", key.clone());
    let mut options = HttpOptions::of_port(port, true);
    apply_pool(scope.mesh(), policy.connection_pool, &mut cluster, &mut options);
    apply_h2_upgrade(scope.mesh(), port, policy.connection_pool, &mut options);
    if let Some(outlier) = policy.outlier_detection {
        apply_outlier_detection(outlier, &mut cluster);
    }
    spread_over_places(scope, policy, service, &mut cluster);
    apply_load_balancer(policy.load_balancer, &mut cluster);
    if cluster.r#type == "EDS" {
        cluster.eds_cluster_config = Some(EdsClusterConfig { eds_config: Some(ads()), service_name: cluster.name.clone() });
    }
    set_socket(policy, service, &mut cluster, &mut options);
    options.write(&mut cluster);
    Some(Outbound { cluster, service, port, subset: subset.to_owned(), rule, is_inbound_vip: true })
}

/// A tunnel, with what a rule wants inside it. Mutual TLS is the tunnel's own business.
fn set_socket(policy: Policy, service: &Service, cluster: &mut Cluster, options: &mut HttpOptions) {
    let context = TlsContext {
        peers: &Peers::new(Vec::new()),
        sni: String::new(),
        is_auto: false,
        registry: service.registry,
        is_sidecar: false,
        has_selector: false,
        sends_hbone: true,
    };
    let wanted = policy.tls.and_then(|tls| match tls.mode.as_deref() {
        Some("SIMPLE") => originate(tls, false, &context, options),
        Some("MUTUAL") => originate(tls, true, &context, options),
        _ => None,
    });
    cluster.transport_socket = Some(wanted.map_or_else(raw_buffer, socket));
    if let Some(protocol) = policy.proxy_protocol {
        apply_proxy_protocol(protocol, cluster);
    }
    cluster.transport_socket = cluster.transport_socket.take().map(waypoint_socket);
}
