//! Envoy's configuration as istiod pushes it: the part of the v3 API that Istio 1.26 uses, in protobuf's JSON mapping.
//!
//! Plain data shared by `istiod`, which writes it, and `envoy`, which decides by it; it knows neither.
//! Messages, fields and their meaning are Envoy's: <https://www.envoyproxy.io/docs/envoy/latest/api-v3/api>.

#[macro_use]
mod message;
mod access_log;
mod cluster;
mod filter;
mod jwt;
mod listener;
mod metadata;
mod rbac;
mod route;
mod status;
mod tls;
mod value;
mod word_map;

pub use access_log::*;
pub use cluster::*;
pub use filter::*;
pub use jwt::*;
pub use listener::*;
pub use metadata::*;
pub use rbac::*;
pub use route::*;
pub use status::*;
pub use tls::*;
pub use value::*;
pub use word_map::WordMap;

/// Where a piece of configuration came from; carried along, never part of the API.
pub use crate::engine::source::Origin;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Everything that one proxy is told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProxyConfig {
    /// LDS.
    pub listeners: Vec<Listener>,
    /// RDS.
    pub routes: Vec<RouteConfiguration>,
    /// CDS.
    pub clusters: Vec<Cluster>,
    /// EDS.
    pub endpoints: Vec<ClusterLoadAssignment>,
    /// SDS: the names, as listeners refer to them, of the certificates that can be delivered; none where that is not known.
    /// A listener that waits for a certificate closes every connection.
    #[serde(default, skip_serializing)]
    pub secrets: Option<BTreeSet<String>>,
}
