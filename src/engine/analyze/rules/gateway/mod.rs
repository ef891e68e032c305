//! Rules on Gateways.

mod claims;
mod conflicting_gateways;
mod gateway_credential;
mod gateway_without_workload;
mod group;
mod port_not_on_service;
mod shared_certificate;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] =
    &[&conflicting_gateways::RULE, &gateway_credential::RULE, &gateway_without_workload::RULE, &port_not_on_service::RULE, &shared_certificate::RULE];

/// The field that says whose pods a Gateway is for.
const SELECTOR: &str = "spec.selector";
