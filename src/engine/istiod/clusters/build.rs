//! Outbound clusters out of services and DestinationRules.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    HttpOptions, Policy,
    balance::apply_load_balancer,
    outlier::apply_outlier_detection,
    pool::{apply_h2_upgrade, apply_pool},
    tls::{Peers, TlsContext, apply_proxy_protocol, apply_tls},
};
use crate::engine::{
    cluster::{DestinationRule, Port, Protocol, Resolution, RuleSubset, Service, cluster_name},
    duration::Duration,
    istiod::{
        ProxyType, Scope,
        endpoints::{ForCluster, locality_endpoints},
        hbone,
        hcm::{ads, metadata_exchange},
        locality::spread_over_places,
        metadata,
        security::may_use_mtls,
    },
    xds::{Cluster, ClusterLoadAssignment, CommonLbConfig, EdsClusterConfig, ExtensionConfig, LocalityLbEndpoints, Note, TypedConfig},
};

/// A cluster and what it was made of.
pub(in crate::engine::istiod) struct Outbound<'a> {
    pub cluster: Cluster,
    pub service: &'a Service,
    pub port: &'a Port,
    pub subset: String,
    pub rule: Option<&'a DestinationRule>,
    /// Whether it is one by which a waypoint sends on what is for a service of its own.
    pub is_inbound_vip: bool,
}

/// Makes the clusters of those services that are wanted, the whole service's before those of its subsets, and gives each to `take`:
/// of a large mesh's thousands, none should be moved more often than it must.
pub(in crate::engine::istiod) fn outbound_clusters<'a>(scope: &'a Scope<'a>, is_wanted: impl Fn(&Service) -> bool, mut take: impl FnMut(Outbound<'a>)) {
    for service in scope.services.iter().map(AsRef::as_ref).filter(|service| service.resolution != Resolution::Alias && is_wanted(service)) {
        let rule = scope.destination_rule(service);
        let peers = Peers::new(identities(scope, service));
        let notes = Notes {
            services: metadata::services_note([service]),
            config: rule.map(|rule| metadata::config_path("destination-rule", &rule.namespace, &rule.name).into()),
        };
        for port in service.ports.iter().filter(|port| port.protocol != Protocol::Udp) {
            let builder = Builder { scope, service, port, rule, peers: &peers, notes: &notes };
            let Some(whole) = builder.build(None) else { continue };
            take(whole);
            rule.iter().flat_map(|rule| &rule.subsets).filter_map(|subset| builder.build(Some(subset))).for_each(&mut take);
        }
    }
}

/// Who the servers of a service are, in order.
fn identities(scope: &Scope, service: &Service) -> Vec<String> {
    let of_endpoints = scope.cluster.endpoints(service).iter().map(|endpoint| &endpoint.identity).filter(|identity| !identity.is_empty());
    of_endpoints.chain(&service.identities).collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

/// How Envoy finds the endpoints of a service. Gateways have no original destination to fall back on.
pub(super) fn discovery_type(service: &Service, proxy: ProxyType) -> &'static str {
    match service.resolution {
        Resolution::Dns => "STRICT_DNS",
        Resolution::DnsRoundRobin => "LOGICAL_DNS",
        Resolution::Passthrough if proxy != ProxyType::Gateway => "ORIGINAL_DST",
        _ => "EDS",
    }
}

/// What the way of finding endpoints needs; none where a name has no address to be looked up.
pub(super) fn set_discovery(service: &Service, port: &Port, cluster: &mut Cluster, endpoints: Vec<LocalityLbEndpoints>) -> Option<()> {
    match cluster.r#type.as_ref() {
        "STRICT_DNS" | "LOGICAL_DNS" => {
            if endpoints.is_empty() {
                return None;
            }
            cluster.load_assignment = Some(ClusterLoadAssignment { cluster_name: cluster.name.clone(), endpoints, origin: None });
            cluster.dns_lookup_family = "V4_ONLY".into();
            cluster.dns_refresh_rate = Some(Duration::from_secs(60));
            cluster.dns_jitter = Some(Duration::from_millis(100));
            cluster.respect_dns_ttl = true;
            let resolver = TypedConfig::other("envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig", json!({"udpMaxQueries": 100}));
            cluster.typed_dns_resolver_config = Some(ExtensionConfig { name: "envoy.network.dns_resolver.cares".into(), typed_config: Some(resolver) });
        }
        "ORIGINAL_DST" => {
            let override_port = service.port_overrides.get(&port.number);
            cluster.original_dst_lb_config = override_port.map(|port| json!({"upstreamPortOverride": port}));
        }
        _ => {}
    }
    Some(())
}

/// What all clusters of a service note.
struct Notes {
    services: Note,
    /// Which rule holds, where one does.
    config: Option<Note>,
}

struct Builder<'a, 'b> {
    scope: &'a Scope<'a>,
    service: &'a Service,
    port: &'a Port,
    rule: Option<&'a DestinationRule>,
    peers: &'b Peers,
    notes: &'b Notes,
}

impl<'a> Builder<'a, '_> {
    fn build(&self, subset: Option<&'a RuleSubset>) -> Option<Outbound<'a>> {
        let (service, port, scope) = (self.service, self.port, self.scope);
        let subset_name = subset.map(|subset| subset.subset.name.as_str()).unwrap_or_default();
        let whole = self.rule.and_then(|rule| rule.traffic_policy.as_deref());
        let own = subset.and_then(|subset| subset.subset.traffic_policy.as_deref());
        let policy = Policy::new(whole, port.number).with_subset(own, port.number);
        let name = cluster_name(&service.hostname, port.number, subset_name);
        let mut kind = discovery_type(service, scope.proxy.r#type);
        let asks_for_passthrough = own.and_then(|own| own.load_balancer.as_ref()).and_then(|lb| lb.simple.as_deref()) == Some("PASSTHROUGH");
        if asks_for_passthrough {
            kind = "ORIGINAL_DST";
        }
        let mut cluster = Cluster {
            alt_stat_name: [&name, ";"].concat(),
            r#type: kind.into(),
            common_lb_config: Some(CommonLbConfig::default()),
            metadata: Some(metadata::of_istio([("services", self.notes.services.clone())])),
            filters: vec![metadata_exchange()],
            origin: Some(subset.map(|subset| &subset.origin).or_else(|| self.rule?.policy_origin.as_ref()).unwrap_or(&service.origin).clone()),
            name,
            ..Cluster::default()
        };
        let for_cluster = ForCluster { service, port, subset: subset_name, rule: self.rule, is_inbound_vip: false };
        let endpoints = if matches!(kind, "STRICT_DNS" | "LOGICAL_DNS") { locality_endpoints(scope, &for_cluster, true) } else { Vec::new() };
        set_discovery(service, port, &mut cluster, endpoints)?;
        self.apply(policy, subset, &for_cluster, &mut cluster);
        self.note(policy, subset_name, &mut cluster);
        Some(Outbound { cluster, service, port, subset: subset_name.to_owned(), rule: self.rule, is_inbound_vip: false })
    }

    fn apply(&self, policy: Policy, subset: Option<&RuleSubset>, for_cluster: &ForCluster, cluster: &mut Cluster) {
        let scope = self.scope;
        let is_sidecar = scope.proxy.r#type == ProxyType::Sidecar;
        let mut options = HttpOptions::of_port(self.port, scope.proxy.r#type != ProxyType::Gateway);
        apply_pool(scope.mesh(), policy.connection_pool, cluster, &mut options);
        apply_h2_upgrade(scope.mesh(), self.port, policy.connection_pool, &mut options);
        if let Some(outlier) = policy.outlier_detection {
            apply_outlier_detection(outlier, cluster);
        }
        spread_over_places(scope, policy, self.service, cluster);
        apply_load_balancer(policy.load_balancer, cluster);
        let subset_sni = subset.map(|subset| subset.subset.name.as_str()).unwrap_or_default();
        let context = TlsContext {
            peers: self.peers,
            sni: ["outbound_.", &self.port.number.to_string(), "_.", subset_sni, "_.", &self.service.hostname].concat(),
            is_auto: !self.service.mesh_external
                && scope.mesh().has_auto_mtls()
                && may_use_mtls(scope, self.service)
                && self.can_speak_mtls(policy, for_cluster),
            registry: self.service.registry,
            is_sidecar,
            has_selector: self.rule.is_some_and(|rule| rule.workload_selector.is_some()),
            sends_hbone: scope.cluster.ambient.is_on(),
        };
        apply_tls(policy.tls, context, cluster, &mut options);
        if let Some(protocol) = policy.proxy_protocol {
            apply_proxy_protocol(protocol, cluster);
        }
        if cluster.r#type == "ORIGINAL_DST" {
            cluster.lb_policy = "CLUSTER_PROVIDED".into();
        } else if cluster.r#type == "EDS" {
            cluster.eds_cluster_config = Some(EdsClusterConfig { eds_config: Some(ads()), service_name: cluster.name.clone() });
        }
        options.write(cluster);
    }

    /// Whether mTLS may be chosen without asking. To an original destination it can only be all or nothing.
    fn can_speak_mtls(&self, policy: Policy, for_cluster: &ForCluster) -> bool {
        let passes_through = policy.load_balancer.and_then(|lb| lb.simple.as_deref()) == Some("PASSTHROUGH");
        if self.service.resolution != Resolution::Passthrough && !passes_through {
            return true;
        }
        let mut endpoints = self.scope.cluster.endpoints(for_cluster.service).iter().filter(|endpoint| endpoint.service_port == self.port.name).peekable();
        endpoints.peek().is_some() && endpoints.all(|endpoint| endpoint.has_mtls)
    }

    /// Notes for telemetry: which rule, which subset, whether it leaves the mesh.
    fn note(&self, policy: Policy, subset: &str, cluster: &mut Cluster) {
        let notes = cluster.metadata.get_or_insert_default();
        if subset.is_empty() && hbone::are_all_tunnelled(self.scope, self.service, self.port) {
            metadata::set(notes, "disable_mx", Value::from(true));
        } else if subset.is_empty() && self.service.mesh_external {
            metadata::set(notes, "external", Value::from(true));
        }
        if let Some(config) = &self.notes.config {
            metadata::set(notes, "config", config.clone());
            if !subset.is_empty() {
                metadata::set(notes, "subset", subset);
            }
            if policy.tls.is_some_and(|tls| matches!(tls.mode.as_deref(), Some("SIMPLE" | "MUTUAL"))) {
                metadata::set(notes, "alpn_override", "false");
            }
        }
    }
}
