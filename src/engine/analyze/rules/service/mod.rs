//! Rules on Kubernetes Services.

mod port_name;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&port_name::RULE];
