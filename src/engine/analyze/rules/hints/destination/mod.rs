//! Hints on DestinationRules.

mod ejection_impossible;
mod ejection_panic;
mod failover_without_outlier_detection;
mod policies;
mod pool;
mod second_rule_ignored;
mod subset_without_workload;
mod unknown_host;

use super::{Rule, destination_host, words};

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[
    &subset_without_workload::RULE,
    &unknown_host::RULE,
    &failover_without_outlier_detection::RULE,
    &ejection_impossible::RULE,
    &ejection_panic::RULE,
    &second_rule_ignored::RULE,
];
