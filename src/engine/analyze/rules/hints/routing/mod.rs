//! Hints on the rules of VirtualServices.

mod catch_all_first;
mod delegate_unusable;
mod exported_to_nobody;
mod fault_without_percentage;
mod method_never_matches;
mod only_for_gateways;
mod path_never_matches;
mod tls_condition;
mod tls_match_refused;
mod unknown_host;

use super::{Rule, destination_host, words};

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[
    &fault_without_percentage::RULE,
    &catch_all_first::RULE,
    &only_for_gateways::RULE,
    &unknown_host::RULE,
    &exported_to_nobody::RULE,
    &delegate_unusable::RULE,
    &method_never_matches::RULE,
    &path_never_matches::RULE,
    &tls_match_refused::RULE,
];
