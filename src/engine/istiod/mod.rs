//! The control plane: what istiod 1.26 pushes to one proxy of a cluster.

mod proxy;

pub use proxy::{Proxy, ProxyType};

use super::{cluster::Cluster, xds::ProxyConfig};

/// The listeners, routes, clusters and endpoints of one proxy.
pub fn push(_cluster: &Cluster, _proxy: &Proxy) -> ProxyConfig {
    ProxyConfig::default()
}
