//! Rules on sidecar injection: namespaces, pods, and the webhook's settings.

mod image_auto;
mod image_mismatch;
mod image_type;
mod injector;
mod missing_proxy;
mod multiple_labels;
mod not_injected;

use super::Rule;

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&image_auto::RULE, &image_mismatch::RULE, &missing_proxy::RULE, &multiple_labels::RULE, &not_injected::RULE];

/// The label of a namespace whose pods are injected, or not.
const INJECTION: &str = "istio-injection";

/// The label that chooses the revision of istiod that injects.
const REVISION: &str = "istio.io/rev";

/// The label that takes pods into the mesh without sidecars.
const DATAPLANE_MODE: &str = "istio.io/dataplane-mode";
