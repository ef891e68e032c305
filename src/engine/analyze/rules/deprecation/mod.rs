//! Rules on what is deprecated (`analyzers/deprecation/deprecation.go` of 1.26.4).

mod delay_percent;
mod egress_proxy;
mod removed_crd;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&delay_percent::RULE, &egress_proxy::RULE, &removed_crd::RULE];
