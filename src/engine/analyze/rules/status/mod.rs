//! Rules on what controllers say in the status of objects.

mod negative_condition;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&negative_condition::RULE];
