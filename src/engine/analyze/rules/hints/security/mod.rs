//! Hints on policies and what they attach to.

mod attachment;
mod http_policy_at_ztunnel;
mod policy_without_workload;
mod target_without_waypoint;

use super::{Rule, words};

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&policy_without_workload::RULE, &target_without_waypoint::RULE, &http_policy_at_ztunnel::RULE];
