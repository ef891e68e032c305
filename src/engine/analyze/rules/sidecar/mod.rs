//! Rules on Sidecars.

mod conflicting_sidecars;
mod several_default_sidecars;
mod sidecar_in_ambient;
mod sidecar_without_workload;

use super::Rule;
use crate::engine::resource::{Labels, Sidecar};

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&conflicting_sidecars::RULE, &several_default_sidecars::RULE, &sidecar_in_ambient::RULE, &sidecar_without_workload::RULE];

/// The labels of the pods that a Sidecar is for; none where it is for a whole namespace.
fn selector(sidecar: &Sidecar) -> Option<&Labels> {
    sidecar.workload_selector.as_ref().map(|selector| &selector.labels).filter(|labels| !labels.is_empty())
}
