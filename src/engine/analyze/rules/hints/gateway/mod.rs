//! Hints on Gateways and what is bound to them.

mod credential_elsewhere;
mod route_kind_not_served;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&credential_elsewhere::RULE, &route_kind_not_served::RULE];
