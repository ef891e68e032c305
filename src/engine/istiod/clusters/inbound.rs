//! Clusters of a sidecar's own workload: one for each of its ports that a service leads to.

use super::{HttpOptions, Policy, inbound_bind, pool::apply_pool};
use crate::engine::{
    duration::Duration,
    istiod::{Scope, inbound::Target, metadata},
    xds::{Cluster, CommonLbConfig},
};

/// Go's longest duration, in whole seconds: addresses of the workload itself never age.
const NEVER: Duration = Duration::from_secs(9_223_372_035);

/// The inbound clusters, by port.
pub(in crate::engine::istiod) fn inbound_clusters(scope: &Scope, targets: &[Target]) -> Vec<Cluster> {
    targets.iter().map(|target| of_target(scope, target)).collect()
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
        metadata: if target.service().mesh_external { None } else { Some(metadata::services(services)) },
        origin: Some(target.service().origin.clone()),
        name,
        ..Cluster::default()
    };
    let mut options = HttpOptions::of_port(target.port(), true);
    // The server's side needs room for what clients may send, so the pool of the service's rule holds here too.
    let rule = scope.server_rule(target.service()).filter(|rule| rule.traffic_policy.is_some());
    let policy = Policy::new(rule.and_then(|rule| rule.traffic_policy.as_ref()), target.port().number);
    apply_pool(policy.connection_pool, &mut cluster, &mut options);
    if let (Some(rule), Some(notes)) = (rule, &mut cluster.metadata) {
        metadata::set(notes, "config", metadata::config_path("destination-rule", &rule.namespace, &rule.name).into());
    }
    options.write(&mut cluster);
    cluster
}
