//! The kinds of security.istio.io.

mod attributes;
mod jwks;
mod paths;

pub(super) mod authorization_policy;
pub(super) mod peer_authentication;
pub(super) mod request_authentication;
