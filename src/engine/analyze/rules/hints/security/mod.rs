//! Hints on policies and what they attach to.

mod attachment;
mod http_policy_at_ztunnel;
mod policy_without_workload;
mod principal_never_matches;
mod second_peer_authentication;
mod target_without_waypoint;
mod token_never_checked;

use super::{Rule, words};

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[
    &policy_without_workload::RULE,
    &target_without_waypoint::RULE,
    &http_policy_at_ztunnel::RULE,
    &principal_never_matches::RULE,
    &second_peer_authentication::RULE,
    &token_never_checked::RULE,
];
