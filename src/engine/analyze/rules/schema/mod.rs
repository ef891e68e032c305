//! What a resource says by itself.

mod validation;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&validation::RULE];
