//! Rules on DestinationRules.

mod unnamed_ca;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&unnamed_ca::RULE];
