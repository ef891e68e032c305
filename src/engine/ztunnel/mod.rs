//! ztunnel: what the node's proxy does with the connections of pods in ambient mode, decided from what istiod tells it alone.
//!
//! Retells `src/state.rs`, `src/rbac.rs` and `src/proxy/{outbound,inbound,inbound_passthrough}.rs` of istio/ztunnel at 1.26.4. It sees
//! bytes, addresses and identities; it knows no HTTP, and there is no Istio resource in it.

mod inbound;
mod outbound;
mod rbac;
mod state;
mod step;

pub use inbound::{Ruling, inbound};
pub use outbound::{Decision, Endpoint, outbound};
pub use rbac::{Action, Authorization, Connection, Group, Match, Scope, StringMatch};
pub use state::{LoadBalancing, Mode, Place, PolicyReference, Protocol, Service, State, WaypointAddress, Workload};
pub use step::{Step, StepKind};

/// Ports of ztunnel itself, on which nobody is let through: it would call itself.
const OWN_PORTS: [u32; 3] = [15001, 15006, 15008];
