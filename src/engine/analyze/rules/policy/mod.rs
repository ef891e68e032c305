//! Rules on policies: AuthorizationPolicy, and what is attached to workloads as it is.

mod ineffective_selector;
mod policy_without_workload;
mod unknown_policy_namespace;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&ineffective_selector::RULE, &policy_without_workload::RULE, &unknown_policy_namespace::RULE];
