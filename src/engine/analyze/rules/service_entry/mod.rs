//! Rules on ServiceEntries.

mod address_required;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&address_required::RULE];
