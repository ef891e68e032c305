//! The data plane: what one Envoy does with a request, decided from its xDS alone.
//!
//! Sees no Istio resource. Chance is never drawn: where a weight or a percentage decides, the outcome is the exact distribution.

mod call;
mod outcome;

pub use call::*;
pub use outcome::*;

use super::xds::ProxyConfig;

/// Sends one call through a proxy that has been told `config`.
pub fn run(_config: &ProxyConfig, call: &Call) -> Outcome {
    Outcome { name: call.name.clone(), error: Some(CallError::NoListener), ..Outcome::default() }
}
