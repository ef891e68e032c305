//! Clusters of a sidecar's own workload: one for each of its ports that a service leads to.

use super::{HttpOptions, Policy, inbound_bind, pool::apply_pool};
use crate::engine::{
    duration::Duration,
    istiod::{
        Scope,
        inbound::{ServiceTarget, Target, service_targets},
        ingress::Ingress,
        metadata,
        outbound::socket,
    },
    xds::{Address, Cluster, ClusterLoadAssignment, CommonLbConfig, Endpoint, LbEndpoint, LocalityLbEndpoints, Word},
};

/// Go's longest duration, in whole seconds: addresses of the workload itself never age.
const NEVER: Duration = Duration::from_secs(9_223_372_035);

const LOCALHOST: &str = "127.0.0.1";

/// The inbound clusters, by port.
pub(in crate::engine::istiod) fn inbound_clusters(scope: &Scope, targets: &[Target]) -> Vec<Cluster> {
    let implied = if scope.ingress.is_empty() { Vec::new() } else { service_targets(scope) };
    let one = |target: &Target| {
        if let Some(ingress) = target.ingress {
            return of_ingress(scope, ingress, target, &implied);
        }
        let mut cluster = of_target(scope, target);
        if scope.mesh().hands_on_to_localhost() {
            lead_to(socket(LOCALHOST, target.target_port), &mut cluster);
        }
        cluster
    };
    targets.iter().map(one).collect()
}

/// The cluster of a Sidecar's listener, in the name of the service that leads to its port, if one does.
fn of_ingress(scope: &Scope, ingress: &Ingress, target: &Target, implied: &[ServiceTarget]) -> Cluster {
    let service = implied.iter().find(|implied| implied.target_port == target.target_port).map_or(&ingress.service, |implied| implied.service);
    let named = Target { target_port: target.target_port, services: vec![(service, &ingress.port)], ingress: None };
    let mut cluster = of_target(scope, &named);
    cluster.origin = Some(ingress.origin.clone());
    if let Some(address) = ingress.endpoint(scope.proxy) {
        lead_to(address, &mut cluster);
    }
    cluster
}

/// Makes a cluster of one address.
fn lead_to(address: Address, cluster: &mut Cluster) {
    cluster.r#type = "STATIC".into();
    cluster.cleanup_interval = None;
    cluster.lb_policy = Word::default();
    if address.socket_address.as_ref().is_some_and(|socket| socket.address == LOCALHOST) {
        cluster.upstream_bind_config = None;
    }
    let endpoint = LbEndpoint { endpoint: Some(Endpoint { address: Some(address), hostname: String::new() }), ..LbEndpoint::default() };
    let endpoints = vec![LocalityLbEndpoints { lb_endpoints: vec![endpoint], ..LocalityLbEndpoints::default() }];
    cluster.load_assignment = Some(ClusterLoadAssignment { cluster_name: cluster.name.clone(), endpoints, origin: None });
}

fn of_target(scope: &Scope, target: &Target) -> Cluster {
    let name = target.cluster_name();
    let mut services = Vec::new();
    for (service, port) in &target.services {
        // Only services that are reached on the same port as the first one are told of.
        if port.number == target.port().number && !services.iter().any(|have: &&crate::engine::cluster::Service| have.hostname == service.hostname) {
            services.push(*service);
        }
    }
    let mut cluster = Cluster {
        alt_stat_name: format!("{name};"),
        r#type: "ORIGINAL_DST".into(),
        lb_policy: "CLUSTER_PROVIDED".into(),
        cleanup_interval: Some(NEVER),
        upstream_bind_config: Some(inbound_bind()),
        common_lb_config: Some(CommonLbConfig::default()),
        metadata: if target.service().mesh_external { None } else { Some(metadata::of_istio([("services", metadata::services_note(services))])) },
        origin: Some(target.service().origin.clone()),
        name,
        ..Cluster::default()
    };
    let mut options = HttpOptions::of_port(target.port(), true);
    // The server's side needs room for what clients may send, so the pool of the service's rule holds here too.
    let rule = scope.server_rule(target.service()).filter(|rule| rule.traffic_policy.is_some());
    let policy = Policy::new(rule.and_then(|rule| rule.traffic_policy.as_deref()), target.port().number);
    // What the workload's own Sidecar says goes first.
    apply_pool(scope.mesh(), scope.inbound_pool(target.target_port).or(policy.connection_pool), &mut cluster, &mut options);
    if let (Some(rule), Some(notes)) = (rule, &mut cluster.metadata) {
        metadata::set(notes, "config", metadata::config_path("destination-rule", &rule.namespace, &rule.name));
    }
    options.write(&mut cluster);
    cluster
}
