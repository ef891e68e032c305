//! References of the Gateway API: parents, their listeners, and backends.

use super::{Wish, host, object};
use crate::engine::{
    assist::Offer,
    cluster::{Registry, Service},
    resource::{K8sGateway, Kind, Spec},
};

/// Names for a field of a reference.
pub(super) fn of_reference(wish: &Wish<'_>, field: &str) -> Vec<Offer> {
    let is_parent = wish.site.owner.is_some_and(|(object, _)| object == "ParentRef");
    let kind = wish.beside("kind").unwrap_or(if is_parent { "Gateway" } else { "Service" });
    match (kind, field) {
        (_, "namespace") => object::namespaces(wish),
        ("Gateway", "name") => gateways(wish).map(|(name, _)| Offer::name(name, "Gateway")).collect(),
        ("Gateway", "sectionName") => listeners(wish).map(|listener| Offer::name(&listener.name, format!("{} {}", listener.protocol, listener.port))).collect(),
        ("Gateway", "port") => listeners(wish).map(|listener| Offer::number(listener.port, format!("listener {}", listener.name))).collect(),
        ("Service", "name") => services(wish).map(|service| Offer::name(&service.name, format!("Service in {}", service.namespace))).collect(),
        ("Service", "port") => chosen(wish).map_or_else(Vec::new, host::of_service),
        ("Service", "sectionName") => {
            chosen(wish).map_or_else(Vec::new, |service| service.ports.iter().map(|port| Offer::name(&port.name, format!("port {}", port.number))).collect())
        }
        _ => Vec::new(),
    }
}

/// The namespace that the reference means.
fn home<'a>(wish: &Wish<'a>) -> &'a str {
    wish.beside("namespace").unwrap_or(wish.namespace())
}

fn services<'a>(wish: &Wish<'a>) -> impl Iterator<Item = &'a Service> {
    let home = home(wish);
    wish.cluster.services.iter().filter(move |service| service.registry == Registry::Kubernetes && service.namespace == home)
}

fn chosen<'a>(wish: &Wish<'a>) -> Option<&'a Service> {
    let name = wish.beside("name")?;
    services(wish).find(|service| service.name == name)
}

fn gateways<'a>(wish: &Wish<'a>) -> impl Iterator<Item = (&'a str, &'a K8sGateway)> {
    let home = home(wish);
    wish.cluster.resources.iter().filter(move |resource| resource.kind == Kind::K8sGateway && resource.metadata.namespace == home).filter_map(|resource| {
        match &resource.spec {
            Spec::K8sGateway(gateway) => Some((resource.metadata.name.as_str(), gateway.as_ref())),
            _ => None,
        }
    })
}

fn listeners<'a>(wish: &Wish<'a>) -> impl Iterator<Item = &'a crate::engine::resource::K8sListener> {
    let name = wish.beside("name").unwrap_or_default();
    gateways(wish).filter(move |(candidate, _)| *candidate == name).flat_map(|(_, gateway)| &gateway.listeners)
}
