//! Hints on Gateways and what is bound to them.

mod credential_elsewhere;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&credential_elsewhere::RULE];
