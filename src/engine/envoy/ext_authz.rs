//! External authorization: another service says whether a connection or a request may pass.
//!
//! <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter>.

use serde_json::Value;

use super::{
    Call, Stage,
    metadata::{self, Metadata},
    trace::Trace,
};
use crate::engine::xds::{MetadataMatcher, TypedConfig, status_code};

/// What comes of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// It is let through, asked or not.
    Pass,
    /// The authorizer refuses.
    Refused,
    /// The authorizer does not answer; with the status for that.
    Unreachable(u16),
}

/// Asks, if a rule before has asked for that. Where the call does not say what the authorizer answers it allows.
pub(super) fn ask(name: &str, config: Option<&TypedConfig>, call: &Call, metadata: &Metadata, trace: &mut Trace) -> Check {
    let Some(TypedConfig::Other(config)) = config else { return Check::Pass };
    let wanted: Option<MetadataMatcher> = config.get("filterEnabledMetadata").and_then(|matcher| serde_json::from_value(matcher.clone()).ok());
    if wanted.is_some_and(|wanted| !metadata::matches(&wanted, metadata)) {
        trace.lost(Stage::Filter, name, "no CUSTOM rule matches, so the authorizer is not asked.", None);
        return Check::Pass;
    }
    match call.ext_authz.as_deref() {
        Some("deny") => {
            trace.chosen(Stage::Filter, name, "a CUSTOM rule matches, and the authorizer refuses.", None);
            Check::Refused
        }
        Some("unreachable") if config["failureModeAllow"].as_bool() != Some(true) => {
            trace.chosen(Stage::Filter, name, "a CUSTOM rule matches, and the authorizer does not answer, which counts as a refusal.", None);
            Check::Unreachable(status_on_error(config))
        }
        Some("unreachable") => {
            trace.chosen(Stage::Filter, name, "the authorizer does not answer, and the mesh lets requests pass then (failOpen).", None);
            Check::Pass
        }
        _ => {
            trace.chosen(Stage::Filter, name, "a CUSTOM rule matches, and the authorizer allows it.", None);
            Check::Pass
        }
    }
}

/// 403 where it is not set.
fn status_on_error(config: &Value) -> u16 {
    config["statusOnError"]["code"].as_str().and_then(status_code).filter(|code| *code > 0).unwrap_or(403)
}
