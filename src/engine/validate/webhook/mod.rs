//! istiod's admission webhook (`pkg/config/validation` of istio/istio at 1.26.4).

use super::{object::Identity, report::Report};
use crate::engine::resource::Kind;

/// Judges what the API server would hand to the webhook.
pub(super) fn judge(_report: &mut Report<'_>, _kind: Kind, _identity: &Identity, _prefix: &str) {}
