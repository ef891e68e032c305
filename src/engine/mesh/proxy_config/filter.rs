//! istioctl's filters. A field that is empty keeps everything, and each kind looks at its own fields only.

use crate::engine::xds::{Cluster, LbEndpoint, Listener, RouteConfiguration};

use super::{endpoints, listeners};

/// What is to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Clusters whose name holds it.
    pub fqdn: String,
    /// Listeners, clusters and endpoints of the port.
    pub port: Option<u32>,
    /// Clusters whose name holds it: `inbound` or `outbound`.
    pub direction: String,
    /// Clusters whose name holds it.
    pub subset: String,
    /// Listeners and endpoints at the address.
    pub address: String,
    /// Listeners of the type: `HTTP`, `TCP`, `HTTP+TCP`.
    pub r#type: String,
    /// The route configuration of that name.
    pub name: String,
    /// Endpoints of the cluster of that name.
    pub cluster: String,
    /// Endpoints of the status, for example `healthy`.
    pub status: String,
}

impl Filter {
    pub(super) fn listeners<'a>(&self, all: &'a [Listener]) -> impl Iterator<Item = &'a Listener> {
        all.iter().filter(|listener| {
            (self.address.is_empty() || listeners::addresses(listener).iter().any(|address| address.eq_ignore_ascii_case(&self.address)))
                && self.port.is_none_or(|port| listeners::port(listener) == port)
                && (self.r#type.is_empty() || listeners::kind(listener).eq_ignore_ascii_case(&self.r#type))
        })
    }

    pub(super) fn takes_route(&self, routes: &RouteConfiguration) -> bool {
        self.name.is_empty() || routes.name == self.name
    }

    /// Every condition looks for a part of the cluster's name, as istioctl's do.
    pub(super) fn takes_cluster(&self, cluster: &Cluster) -> bool {
        [&self.fqdn, &self.direction, &self.subset].into_iter().all(|part| cluster.name.contains(part.as_str()))
            && self.port.is_none_or(|port| cluster.name.contains(&format!("|{port}|")))
    }

    /// Whether there are endpoints that it does not take.
    pub(super) fn asks_of_endpoints(&self) -> bool {
        self.port.is_some() || [&self.address, &self.cluster, &self.status].into_iter().any(|wanted| !wanted.is_empty())
    }

    pub(super) fn takes_endpoint(&self, endpoint: &LbEndpoint, cluster: &str) -> bool {
        let (address, port) = endpoints::address(endpoint);
        (self.address.is_empty() || address.eq_ignore_ascii_case(&self.address))
            && self.port.is_none_or(|wanted| wanted == port)
            && (self.cluster.is_empty() || cluster.eq_ignore_ascii_case(&self.cluster))
            && (self.status.is_empty() || endpoints::status(endpoint).eq_ignore_ascii_case(&self.status))
    }
}
