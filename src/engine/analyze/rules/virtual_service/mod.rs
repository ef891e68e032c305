//! Rules on VirtualServices.

mod unknown_gateway;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&unknown_gateway::RULE];
