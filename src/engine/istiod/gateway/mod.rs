//! What a gateway proxy listens on: the servers of all Gateways that select it, merged, and the routes bound to them.

mod listeners;
mod merge;
mod routes;
mod secrets;
mod tls;

pub(super) use listeners::gateway_listeners;
pub(super) use merge::Merged;
pub(super) use routes::gateway_routes;
pub(super) use secrets::delivered_secrets;
