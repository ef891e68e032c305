//! What routes are bound to: listeners of Gateways, or services for the clients of the mesh
//! (`extractParentReferenceInfo`, `referenceAllowed` and `hostnameAllowedByIsolation`, `conversion.go`).

use std::collections::{BTreeSet, HashMap};

use super::{GROUP, Objects, Route};
use crate::engine::{
    cluster::{
        MESH,
        host::{is_subset, is_wildcard, overlap},
        service_hostname,
    },
    resource::{K8sReference, Kind},
};

/// The listeners of each Gateway, by namespace and name.
pub(super) type Parents = HashMap<(String, String), Vec<Parent>>;

/// A listener as routes see it.
pub(super) struct Parent {
    /// `namespace/name` of the Gateway that stands for it.
    pub internal_name: String,
    pub section: String,
    pub port: u32,
    pub protocol: String,
    /// As written; empty for any.
    pub hostname: String,
    /// The host by the namespaces that may bind to it.
    pub hosts: Vec<String>,
    pub kinds: Vec<Kind>,
}

/// A parent that takes a route, and the hosts that the route has there.
pub(super) struct Binding<'a> {
    pub internal_name: String,
    pub reference: &'a K8sReference,
    pub hosts: Vec<String>,
}

impl Binding<'_> {
    pub fn is_mesh(&self) -> bool {
        self.internal_name == MESH
    }

    /// Routes of the mesh are merged by namespace and port, those of a Gateway by listener.
    pub fn key(&self, namespace: &str) -> String {
        match self.reference.port {
            _ if !self.is_mesh() => self.internal_name.clone(),
            Some(port) => format!("{namespace}/{port}"),
            None => namespace.to_owned(),
        }
    }
}

/// The parents that take a route, by their names.
pub(super) fn bindings<'a>(objects: &Objects, parents: &Parents, route: &Route<'a>) -> Vec<Binding<'a>> {
    let mut references: Vec<&K8sReference> = route.parent_refs.iter().collect();
    references.sort_by_cached_key(|reference| sort_key(reference, route.namespace()));
    let mut bindings: Vec<Binding> = references.into_iter().flat_map(|reference| of_reference(objects, parents, route, reference)).collect();
    bindings.sort_by(|a, b| a.internal_name.cmp(&b.internal_name));
    bindings
}

fn sort_key(reference: &K8sReference, namespace: &str) -> String {
    let K8sReference { group, kind, name, namespace: of, section_name, port } = reference;
    format!(
        "{}/{}/{name}/{}/{}.{}",
        group.as_deref().unwrap_or(GROUP),
        kind.as_deref().unwrap_or("Gateway"),
        section_name.as_deref().unwrap_or_default(),
        port.unwrap_or_default(),
        of.as_deref().unwrap_or(namespace)
    )
}

fn of_reference<'a>(objects: &Objects, parents: &Parents, route: &Route<'a>, reference: &'a K8sReference) -> Vec<Binding<'a>> {
    let namespace = reference.namespace.as_deref().unwrap_or(route.namespace());
    let in_mesh = |hosts| vec![Binding { internal_name: MESH.to_owned(), reference, hosts }];
    match (reference.group.as_deref().unwrap_or(GROUP), reference.kind.as_deref().unwrap_or("Gateway")) {
        ("", "Service") if objects.services.contains(&(namespace, reference.name.as_str())) => in_mesh(vec![service_hostname(&reference.name, namespace)]),
        ("networking.istio.io", "ServiceEntry") => {
            objects.service_entry(namespace, &reference.name).map(|entry| in_mesh(entry.hosts.clone())).unwrap_or_default()
        }
        (GROUP, "Gateway") => {
            let listeners = parents.get(&(namespace.to_owned(), reference.name.clone())).map(Vec::as_slice).unwrap_or_default();
            let taken = listeners.iter().filter(|listener| takes(listener, reference, route));
            taken.map(|listener| Binding { internal_name: listener.internal_name.clone(), reference, hosts: own_hosts(listener, listeners, route) }).collect()
        }
        _ => Vec::new(),
    }
}

fn takes(listener: &Parent, reference: &K8sReference, route: &Route) -> bool {
    let is_meant = reference.port.is_none_or(|port| port == 0 || port == listener.port)
        && reference.section_name.as_deref().is_none_or(|section| section.is_empty() || section == listener.section);
    let shares_a_host = hostnames(route).iter().any(|own| {
        listener.hosts.iter().any(|host| {
            let (namespace, name) = host.split_once('/').unwrap_or(("*", host));
            overlap(name, own) && (namespace == "*" || namespace == route.namespace())
        })
    });
    is_meant && shares_a_host && listener.kinds.contains(&route.resource.kind)
}

/// A route without hosts is for any.
fn hostnames(route: &Route) -> Vec<String> {
    if route.hostnames.is_empty() { vec!["*".to_owned()] } else { route.hostnames.to_vec() }
}

/// The route's hosts, without those that belong to a listener beside this one which is more exact.
fn own_hosts(listener: &Parent, listeners: &[Parent], route: &Route) -> Vec<String> {
    let own = listener.hostname.as_str();
    let beside = listeners.iter().filter(|other| !std::ptr::eq(*other, listener) && other.port == listener.port && other.protocol == listener.protocol);
    let others: BTreeSet<&str> = beside.map(|other| other.hostname.as_str()).filter(|other| *other != own).collect();
    let is_own = |host: &String| {
        if !own.is_empty() && !is_wildcard(own) {
            return true;
        }
        let is_ours = own.is_empty() || overlap(host, own);
        is_ours && !others.iter().any(|other| own.len() <= other.len() && is_subset(host, other))
    };
    let mut hosts = hostnames(route);
    hosts.retain(is_own);
    hosts
}
