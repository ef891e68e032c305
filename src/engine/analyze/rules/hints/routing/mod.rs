//! Hints on the rules of VirtualServices.

mod catch_all_first;
mod fault_without_percentage;

use super::{Rule, words};

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&fault_without_percentage::RULE, &catch_all_first::RULE];
