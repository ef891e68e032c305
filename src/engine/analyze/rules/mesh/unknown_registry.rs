//! The registries that the mesh's networks name exist (`analyzers/multicluster/meshnetworks.go` of 1.26.4).
//!
//! Clusters are known by the keys of remote secrets; the own cluster goes by the name of its registry, `Kubernetes`, alone.

use std::collections::BTreeSet;

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{IST0126, UnknownMeshNetworksServiceRegistry},
    resource::{Kind, Secret},
};

pub(super) static RULE: Rule = Rule {
    name: "unknown_registry",
    set: Set::Istio,
    summary: "networks take their endpoints from registries that exist",
    reads: &[Kind::Secret],
    emits: &[&IST0126],
    check,
};

/// Registries that istiod has whatever the cluster holds (`pilot/pkg/serviceregistry/provider`).
const BUILT_IN: &[&str] = &["Kubernetes", "External", "Mock"];

/// The label of a remote secret, whose keys are names of clusters.
const REMOTE_SECRET: &str = "istio/multiCluster";

fn check(context: &mut Context<'_>) {
    let secrets = context.each::<Secret>().filter(|secret| secret.resource.metadata.labels.get(REMOTE_SECRET).is_some_and(|value| value == "true"));
    // `stringData` is moved to `data` by the API server, which nobody asked here.
    let known: BTreeSet<&str> = BUILT_IN.iter().copied().chain(secrets.flat_map(|secret| secret.spec.data.keys().map(String::as_str))).collect();
    for (network, settings) in &context.networks().networks {
        for registry in settings.endpoints.iter().filter_map(|endpoints| endpoints.from_registry.as_ref()) {
            if !known.contains(registry.as_str()) {
                context.report_networks(UnknownMeshNetworksServiceRegistry { registry: registry.clone(), network: network.clone() });
            }
        }
    }
}
