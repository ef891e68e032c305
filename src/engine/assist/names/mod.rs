//! Names of this cluster for the fields that hold one: hosts, subsets, ports, gateways, namespaces, identities, labels.
//!
//! What a name stands for in Istio is decided by `cluster`; here it is only looked up.

mod fixed;
mod gateway_api;
mod host;
mod label;
mod object;

pub(super) use host::{described, services, subset_of};

use super::{Offer, site::Site, site::Subject, sketch::Step};
use crate::engine::cluster::Cluster;

/// A field that wants a name, and what stands around it.
pub(super) struct Wish<'a> {
    pub cluster: &'a Cluster,
    pub subject: &'a Subject<'a>,
    pub site: Site,
    /// The key or item that the name belongs to.
    pub owner: Option<usize>,
}

impl<'a> Wish<'a> {
    /// The value of the nearest key of that name, going outwards from the field.
    fn nearest(&self, key: &str) -> Option<&'a str> {
        let sketch = &self.subject.sketch;
        let mut next = self.owner;
        while let Some(at) = next {
            let parent = sketch.items[at].parent;
            if let Some(value) = sketch.value(parent, key) {
                return Some(value);
            }
            next = parent;
        }
        None
    }

    /// The value of a key beside the field.
    fn beside(&self, key: &str) -> Option<&'a str> {
        self.subject.sketch.value(self.subject.sketch.items[self.owner?].parent, key)
    }

    /// The key that the value belongs to.
    fn key(&self) -> Option<&'a str> {
        match &self.subject.sketch.items[self.owner?].step {
            Step::Key(name) => Some(name),
            Step::Index(_) => None,
        }
    }

    fn namespace(&self) -> &'a str {
        self.subject.namespace
    }
}

/// Names for the value of a field; nothing where it holds none.
pub(super) fn of_value(wish: &Wish<'_>) -> Vec<Offer> {
    let Some(field) = wish.site.owner else { return Vec::new() };
    let names = match field {
        ("Destination" | "DestinationRuleSpec", "host") | ("VirtualServiceSpec", "hosts") => host::hosts(wish),
        ("EgressListener", "hosts") => host::of_sidecar(wish),
        ("Destination", "subset") => host::subsets(wish),
        ("PortSelector", "number") => host::ports(wish),
        ("VirtualServiceSpec" | "HTTPMatchRequest" | "L4MatchAttributes" | "TLSMatchAttributes", "gateways") => object::gateways(wish),
        ("Source", "principals" | "notPrincipals") => object::principals(wish),
        ("Source", "serviceAccounts" | "notServiceAccounts") => object::service_accounts(wish),
        ("Source", "requestPrincipals" | "notRequestPrincipals") => object::request_principals(wish),
        ("Source", "namespaces" | "notNamespaces") | (_, "namespace" | "sourceNamespace") => object::namespaces(wish),
        (_, "exportTo") => object::export_to(wish),
        (_, "credentialName" | "credentialNames") => object::secrets(wish),
        ("NamedRef" | "Provider", "name") => object::providers(wish),
        ("TargetRef", "name") => object::targets(wish),
        ("ParentRef" | "HTTPBackendRef" | "GRPCBackendRef" | "BackendRef" | "MirrorBackendRef", _) => gateway_api::of_reference(wish, field.1),
        _ if wish.site.is_entry => label::values(wish, field),
        _ => Vec::new(),
    };
    if names.is_empty() { fixed::of_field(field) } else { names }
}

/// Names for the keys of a map whose keys people choose.
pub(super) fn of_key(wish: &Wish<'_>) -> Vec<Offer> {
    wish.site.owner.map_or_else(Vec::new, |field| label::keys(wish, field))
}
