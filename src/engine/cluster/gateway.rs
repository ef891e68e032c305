//! Gateways of both APIs in one form: servers, and the proxies that they are for.

use super::created;
use crate::engine::{
    resource::{self, Labels, Resource, Spec},
    source::Origin,
};

/// A Gateway as proxies are given it.
#[derive(Debug, Clone, PartialEq)]
pub struct Gateway {
    /// Its name, or the one that istiod makes up for a listener of the Gateway API.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// What it opens, each with the place where it is written.
    pub servers: Vec<(resource::Server, Origin)>,
    /// For whom.
    pub proxies: GatewayProxies,
    /// When the object was made.
    pub created: String,
}

/// Which proxies a Gateway is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayProxies {
    /// Those with these labels.
    Labelled(Labels),
    /// Those behind these services of the Gateway's own namespace.
    Behind(Vec<String>),
}

/// The annotation by which a Gateway is for the proxies behind services, in place of its selector.
const SERVICES: &str = "internal.istio.io/gateway-service";

/// Istio's own Gateways and those converted from the Gateway API, oldest first.
pub(super) fn gateways(resources: &[Resource], converted: Vec<Gateway>) -> Vec<Gateway> {
    let own = resources.iter().filter_map(|resource| match &resource.spec {
        Spec::Gateway(spec) => Some(of_istio(resource, spec)),
        _ => None,
    });
    let mut gateways: Vec<Gateway> = own.chain(converted).collect();
    gateways.sort_by(|a, b| (&a.created, &a.name, &a.namespace).cmp(&(&b.created, &b.name, &b.namespace)));
    gateways
}

fn of_istio(resource: &Resource, spec: &resource::Gateway) -> Gateway {
    let id = resource.id().to_string();
    let origin = |at: usize| Origin::new(id.clone(), format!("spec.servers[{at}]"));
    Gateway {
        name: resource.metadata.name.to_string(),
        namespace: resource.metadata.namespace.to_string(),
        servers: spec.servers.iter().enumerate().map(|(at, server)| (server.clone(), origin(at))).collect(),
        proxies: match resource.metadata.annotations.get(SERVICES) {
            Some(hosts) => GatewayProxies::Behind(hosts.split(',').map(str::to_owned).collect()),
            None => GatewayProxies::Labelled(spec.selector.clone()),
        },
        created: created(&resource.metadata),
    }
}
