//! The Gateway API in Istio's own terms: a Gateway for each listener, a VirtualService for each host of a route.
//!
//! Retells `pilot/pkg/config/kube/gateway` of istio/istio at 1.26.4. Fields that the API server fills in are read as filled in.

mod backends;
pub(super) mod deploy;
mod filters;
mod grpc;
mod http;
mod listeners;
mod merge;
mod parents;
mod version;

use std::collections::HashSet;

use self::{
    backends::Backends,
    listeners::listeners,
    merge::{KeyedRoute, merge},
    parents::{Parents, bindings},
};
pub(crate) use filters::PREFIX as REDIRECT_PREFIX;
pub(super) use listeners::takes as selector_takes;
pub use version::has_grpc_routes;

use super::{Gateway, HttpRule, VirtualService, created};
use crate::engine::resource::{HttpMatchRequest, K8sReference, Kind, Resource, ServiceEntry, Spec};

/// Gateways and VirtualServices that stand for objects of the Gateway API.
#[derive(Debug, Default)]
pub(super) struct Converted {
    pub gateways: Vec<Gateway>,
    pub virtual_services: Vec<VirtualService>,
}

/// Converts all of them.
pub(super) fn convert(resources: &[Resource]) -> Converted {
    if !resources.iter().any(|resource| resource.kind.group() == GROUP) {
        return Converted::default();
    }
    let objects = Objects { resources, services: services(resources) };
    let backends = Backends::new(&objects);
    let (parents, gateways) = listeners(&objects, &backends);
    let with_grpc = has_grpc_routes(resources);
    let (mut of_http, mut of_grpc) = (Vec::new(), Vec::new());
    for resource in resources {
        match &resource.spec {
            Spec::K8sHttpRoute(spec) => {
                let route = Route { resource, parent_refs: &spec.parent_refs, hostnames: &spec.hostnames };
                of_http.extend(keyed(&objects, &parents, &route, |in_mesh| http::rules(resource, spec, &backends, !in_mesh)));
            }
            Spec::K8sGrpcRoute(spec) if with_grpc => {
                let route = Route { resource, parent_refs: &spec.parent_refs, hostnames: &spec.hostnames };
                of_grpc.extend(keyed(&objects, &parents, &route, |in_mesh| grpc::rules(resource, spec, &backends, !in_mesh)));
            }
            _ => {}
        }
    }
    let virtual_services = merge(of_http).into_iter().chain(merge(of_grpc)).collect();
    Converted { gateways, virtual_services }
}

/// The label that names the Gateway that a pod is an instance of.
pub(super) const GATEWAY_NAME: &str = "gateway.networking.k8s.io/gateway-name";
/// The API group of all of these kinds.
const GROUP: &str = "gateway.networking.k8s.io";

/// What names refer to.
struct Objects<'a> {
    resources: &'a [Resource],
    /// Services, by namespace and name.
    services: HashSet<(&'a str, &'a str)>,
}

impl Objects<'_> {
    fn service_entry(&self, namespace: &str, name: &str) -> Option<&ServiceEntry> {
        self.resources.iter().find_map(|resource| match &resource.spec {
            Spec::ServiceEntry(spec) if resource.metadata.namespace == namespace && resource.metadata.name == name => Some(spec.as_ref()),
            _ => None,
        })
    }
}

fn services(resources: &[Resource]) -> HashSet<(&str, &str)> {
    let services = resources.iter().filter(|resource| resource.kind == Kind::Service);
    services.map(|resource| (resource.metadata.namespace.as_str(), resource.metadata.name.as_str())).collect()
}

/// A route of any kind.
struct Route<'a> {
    resource: &'a Resource,
    parent_refs: &'a [K8sReference],
    hostnames: &'a [String],
}

impl Route<'_> {
    fn namespace(&self) -> &str {
        &self.resource.metadata.namespace
    }
}

/// A VirtualService for each parent and each host, under the key by which those of several routes become one.
/// `rules` are told whether they are for the mesh; there are none where one of them cannot be converted at all.
fn keyed(objects: &Objects, parents: &Parents, route: &Route, rules: impl Fn(bool) -> Option<Vec<HttpRule>>) -> Vec<KeyedRoute> {
    let mut out = Vec::new();
    let metadata = &route.resource.metadata;
    for binding in bindings(objects, parents, route) {
        let Some(mut rules) = rules(binding.is_mesh()).filter(|rules| !rules.is_empty()) else { continue };
        if let (true, Some(port)) = (binding.is_mesh(), binding.reference.port) {
            for rule in &mut rules {
                only_on_port(rule, port);
            }
        }
        merge::sort(&mut rules);
        for host in &binding.hosts {
            out.push(KeyedRoute {
                key: format!("{}/{host}", binding.key(route.namespace())),
                created: created(metadata),
                namespace: metadata.namespace.to_string(),
                name: format!("{}-{}", metadata.name, out.len()),
                host: host.clone(),
                gateway: binding.internal_name.clone(),
                rules: rules.clone(),
                resource: route.resource.id().to_string(),
            });
        }
    }
    out
}

fn only_on_port(rule: &mut HttpRule, port: u32) {
    if rule.rule.r#match.is_empty() {
        rule.rule.r#match.push(HttpMatchRequest::default());
        rule.match_origins.push(rule.origin.clone());
    }
    for condition in &mut rule.rule.r#match {
        condition.port = port;
    }
}
