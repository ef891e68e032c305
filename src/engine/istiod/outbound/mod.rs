//! What a sidecar listens on for its workload's way out, and the routes of it.

mod listeners;
mod routes;
mod tcp_chains;

pub(super) use listeners::{http_inspector, is_reserved, listener_filter, outbound_listeners, socket, tls_inspector};
pub(super) use routes::outbound_routes;
pub(super) use tcp_chains::is_for;
