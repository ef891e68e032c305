//! Rules on DestinationRules.

mod unverified_server;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&unverified_server::RULE];
