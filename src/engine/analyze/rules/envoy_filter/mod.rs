//! Rules on EnvoyFilters (`analyzers/envoyfilter/envoyfilter.go` of 1.26.4).

mod impossible_patch;
mod relative_patch;

use super::Rule;
use crate::engine::resource::{EnvoyConfigPatch, EnvoyFilter, EnvoyPatch};

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&impossible_patch::RULE, &relative_patch::RULE];

/// The patches that Istio looks at, with their positions: it stops at the first entry that holds none.
fn patches(filter: &EnvoyFilter) -> impl Iterator<Item = (usize, &EnvoyConfigPatch, &EnvoyPatch)> {
    filter.config_patches.iter().enumerate().map_while(|(at, entry)| entry.patch.as_ref().map(|patch| (at, entry, patch)))
}

/// The field whose line Istio looks up. It is a mapping, so that the whole object is named instead unless somebody wrote a scalar.
fn named_field(at: usize) -> String {
    format!("spec.configPatches[{at}].patch.value")
}

/// The field that the patch is about.
fn operation_field(at: usize) -> String {
    format!("spec.configPatches[{at}].patch.operation")
}

/// Whether a route, or all of them, is what is patched: neither can be added or taken away.
fn is_for_routes(entry: &EnvoyConfigPatch) -> bool {
    matches!(entry.apply_to.as_deref(), Some("ROUTE_CONFIGURATION" | "HTTP_ROUTE"))
}

/// Whether a filter is what is patched: only that can be replaced.
fn is_for_filters(entry: &EnvoyConfigPatch) -> bool {
    matches!(entry.apply_to.as_deref(), Some("NETWORK_FILTER" | "HTTP_FILTER"))
}
