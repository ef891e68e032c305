//! The kinds of networking.istio.io, but for VirtualService, which has a folder of its own.

mod connection_pool;
mod load_balancer;
mod locality;
mod tls;
mod traffic_policy;

pub(super) mod destination_rule;
pub(super) mod gateway;
pub(super) mod proxy_config;
pub(super) mod service_entry;
pub(super) mod sidecar;
pub(super) mod workload;
