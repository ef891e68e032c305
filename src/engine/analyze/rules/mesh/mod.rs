//! Rules on the mesh's settings.

mod unknown_registry;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&unknown_registry::RULE];
