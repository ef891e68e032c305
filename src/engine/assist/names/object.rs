//! Names of objects: gateways, namespaces, identities, secrets, providers.

use std::collections::BTreeSet;

use super::Wish;
use crate::engine::{
    assist::Offer,
    resource::{Kind, Resource, Spec},
};

fn of_kind<'a>(wish: &Wish<'a>, kind: Kind) -> impl Iterator<Item = &'a Resource> {
    wish.cluster.resources.iter().filter(move |resource| resource.kind == kind)
}

/// Istio's own Gateways, as a VirtualService names them.
pub(super) fn gateways(wish: &Wish<'_>) -> Vec<Offer> {
    let home = wish.namespace();
    let gateways = of_kind(wish, Kind::Gateway).map(|resource| {
        let metadata = &resource.metadata;
        let name = if metadata.namespace == home { metadata.name.to_string() } else { format!("{}/{}", metadata.namespace, metadata.name) };
        Offer::name(name, format!("Gateway in {}", metadata.namespace))
    });
    gateways.chain([Offer::name("mesh", "all sidecars")]).collect()
}

fn namespace_names<'a>(wish: &Wish<'a>) -> BTreeSet<&'a str> {
    let written = of_kind(wish, Kind::Namespace).map(|resource| resource.metadata.name.as_str());
    written.chain(wish.cluster.workloads.iter().map(|workload| workload.namespace.as_str())).collect()
}

pub(super) fn namespaces(wish: &Wish<'_>) -> Vec<Offer> {
    namespace_names(wish).into_iter().map(|name| Offer::name(name, "Namespace")).collect()
}

/// Namespaces, and the signs for all and for one's own.
pub(super) fn export_to(wish: &Wish<'_>) -> Vec<Offer> {
    let signs = [Offer::name(".", "this namespace alone"), Offer::name("*", "every namespace")];
    signs.into_iter().chain(namespaces(wish)).collect()
}

/// Identities of the workloads, as their certificates say them.
pub(super) fn principals(wish: &Wish<'_>) -> Vec<Offer> {
    let domain = wish.cluster.mesh_config.trust_domain();
    accounts(wish).into_iter().map(|(namespace, account)| Offer::name(format!("{domain}/ns/{namespace}/sa/{account}"), "ServiceAccount")).collect()
}

pub(super) fn service_accounts(wish: &Wish<'_>) -> Vec<Offer> {
    accounts(wish).into_iter().map(|(namespace, account)| Offer::name(format!("{namespace}/{account}"), "ServiceAccount")).collect()
}

fn accounts<'a>(wish: &Wish<'a>) -> BTreeSet<(&'a str, &'a str)> {
    let used = wish.cluster.workloads.iter().map(|workload| (workload.namespace.as_str(), workload.service_account.as_str()));
    let written = of_kind(wish, Kind::ServiceAccount).map(|resource| (resource.metadata.namespace.as_str(), resource.metadata.name.as_str()));
    used.chain(written).filter(|(_, account)| !account.is_empty()).collect()
}

/// Any token, and any of each issuer.
pub(super) fn request_principals(wish: &Wish<'_>) -> Vec<Offer> {
    let issuers: BTreeSet<&str> = wish
        .cluster
        .resources
        .iter()
        .filter_map(|resource| match &resource.spec {
            Spec::RequestAuthentication(spec) => Some(spec.jwt_rules.iter().map(|rule| rule.issuer.as_str())),
            _ => None,
        })
        .flatten()
        .collect();
    let any = Offer::name("*", "any valid token");
    std::iter::once(any).chain(issuers.into_iter().map(|issuer| Offer::name(format!("{issuer}/*"), "any token of this issuer"))).collect()
}

/// Secrets that hold a certificate.
pub(super) fn secrets(wish: &Wish<'_>) -> Vec<Offer> {
    let secrets = wish.cluster.resources.iter().filter_map(|resource| match &resource.spec {
        Spec::Secret(secret) if ["tls.crt", "cert"].iter().any(|key| secret.data.contains_key(*key) || secret.string_data.contains_key(*key)) => {
            Some(Offer::name(resource.metadata.name.as_str(), format!("Secret in {}", resource.metadata.namespace)))
        }
        _ => None,
    });
    secrets.collect()
}

pub(super) fn providers(wish: &Wish<'_>) -> Vec<Offer> {
    wish.cluster.mesh_config.extension_providers.iter().map(|provider| Offer::name(&provider.name, "extension provider")).collect()
}

/// What a policy can be attached to, by the kind beside the name.
pub(super) fn targets(wish: &Wish<'_>) -> Vec<Offer> {
    let home = wish.namespace();
    let kinds = match wish.beside("kind") {
        Some("Service") => &[Kind::Service][..],
        Some("ServiceEntry") => &[Kind::ServiceEntry],
        Some("GatewayClass") => &[Kind::GatewayClass],
        Some("Gateway") => &[Kind::K8sGateway],
        _ => &[Kind::K8sGateway, Kind::Service, Kind::ServiceEntry],
    };
    let is_near = |resource: &&Resource| !resource.kind.is_namespaced() || resource.metadata.namespace == home;
    kinds
        .iter()
        .flat_map(|kind| of_kind(wish, *kind))
        .filter(is_near)
        .map(|resource| Offer::name(resource.metadata.name.as_str(), resource.kind.name()))
        .collect()
}
