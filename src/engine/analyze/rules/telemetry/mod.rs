//! Rules on Telemetries.

mod access_log_without_provider;
mod conflicting_telemetries;
mod lightstep_provider;
mod several_default_telemetries;
mod telemetry_without_workload;

use super::Rule;
use crate::engine::resource::{Labels, Telemetry};

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[
    &access_log_without_provider::RULE,
    &conflicting_telemetries::RULE,
    &lightstep_provider::RULE,
    &several_default_telemetries::RULE,
    &telemetry_without_workload::RULE,
];

/// The labels of the pods that a Telemetry is for, where it names any.
fn selector(telemetry: &Telemetry) -> Option<&Labels> {
    telemetry.selector.as_ref().map(|selector| &selector.match_labels).filter(|labels| !labels.is_empty())
}
