//! What backend and certificate references lead to, and whether a ReferenceGrant lets them
//! (`buildDestination`, `conversion.go`; `references_collection.go`).

use super::{GROUP, Objects};
use crate::engine::{
    cluster::{DOMAIN, service_hostname},
    resource::{Destination, K8sBackend, K8sReference, Kind, PortSelector, ReferenceGrant, Spec},
};

/// All that references can lead to.
pub(super) struct Backends<'a> {
    objects: &'a Objects<'a>,
    /// With the namespaces that they are for.
    grants: Vec<(&'a str, &'a ReferenceGrant)>,
}

/// A backend.
pub(super) struct Backend {
    /// Without a host where nothing can be there.
    pub destination: Destination,
    /// Whether requests can be sent there.
    pub is_sound: bool,
}

/// A reference as routes write it.
struct Reference<'a> {
    group: Option<&'a str>,
    kind: Option<&'a str>,
    name: &'a str,
    namespace: Option<&'a str>,
    port: Option<u32>,
}

impl<'a> Backends<'a> {
    pub fn new(objects: &'a Objects<'a>) -> Self {
        let grants = objects.resources.iter().filter_map(|resource| match &resource.spec {
            Spec::ReferenceGrant(grant) => Some((resource.metadata.namespace.as_str(), grant.as_ref())),
            _ => None,
        });
        Self { objects, grants: grants.collect() }
    }

    /// Whether an object of `namespace` may refer to a Secret or Service of another namespace.
    pub fn is_granted(&self, from: Kind, namespace: &str, to: &str, to_namespace: &str, name: &str) -> bool {
        self.grants.iter().filter(|(of, _)| *of == to_namespace).any(|(_, grant)| {
            grant.from.iter().any(|source| source.group == GROUP && source.kind == from.name() && source.namespace == namespace)
                && grant.to.iter().any(|target| target.group.is_empty() && target.kind == to && target.name.as_deref().is_none_or(|own| own == name))
        })
    }

    /// The backend that gets a share of a rule's requests. None where the whole route cannot be converted because of it.
    pub fn find(&self, backend: &K8sBackend, route: Kind, namespace: &str, asks_for_grants: bool) -> Option<Backend> {
        let K8sBackend { group, kind, name, namespace: of, port, .. } = backend;
        let reference = Reference { group: group.as_deref(), kind: kind.as_deref(), name, namespace: of.as_deref(), port: *port };
        self.resolve(&reference, route, namespace, asks_for_grants)
    }

    /// The backend that gets copies; none where it is not sound.
    pub fn find_mirror(&self, backend: &K8sReference, route: Kind, namespace: &str, asks_for_grants: bool) -> Option<Destination> {
        let K8sReference { group, kind, name, namespace: of, port, .. } = backend;
        let reference = Reference { group: group.as_deref(), kind: kind.as_deref(), name, namespace: of.as_deref(), port: *port };
        self.resolve(&reference, route, namespace, asks_for_grants).filter(|found| found.is_sound).map(|found| found.destination)
    }

    fn resolve(&self, reference: &Reference, route: Kind, namespace: &str, asks_for_grants: bool) -> Option<Backend> {
        let nothing = Backend { destination: Destination::default(), is_sound: false };
        if let Some(other) = reference.namespace.filter(|other| asks_for_grants && *other != namespace)
            && !self.is_granted(route, namespace, "Service", other, reference.name)
        {
            return Some(nothing);
        }
        let namespace = reference.namespace.unwrap_or(namespace);
        let is_known = self.objects.services.contains(&(namespace, reference.name));
        let (host, is_sound) = match (reference.group.unwrap_or_default(), reference.kind.unwrap_or("Service")) {
            // The name of a Service is asked for, not a host.
            ("", "Service") if reference.name.contains('.') => return None,
            ("", "Service") | ("multicluster.x-k8s.io", "ServiceImport") => (service_hostname(reference.name, namespace), is_known),
            ("networking.istio.io", "Hostname") if reference.namespace.is_some() => return None,
            ("networking.istio.io", "Hostname") => (reference.name.to_owned(), self.is_known_host(reference.name)),
            _ => return Some(nothing),
        };
        let port = Some(PortSelector { number: reference.port? });
        Some(Backend { destination: Destination { host, port, ..Destination::default() }, is_sound })
    }

    fn is_known_host(&self, host: &str) -> bool {
        let is_service = || {
            let mut parts = host.strip_suffix(DOMAIN)?.strip_suffix(".svc.")?.split('.');
            let (name, namespace) = (parts.next()?, parts.next()?);
            Some(parts.next().is_none() && self.objects.services.contains(&(namespace, name)))
        };
        let is_entry = |spec: &Spec| matches!(spec, Spec::ServiceEntry(entry) if entry.hosts.iter().any(|own| own == host));
        is_service() == Some(true) || self.objects.resources.iter().any(|resource| is_entry(&resource.spec))
    }
}
