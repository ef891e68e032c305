//! Retries.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::engine::{
    resource::HttpRetry,
    xds::{ExtensionConfig, RetryBackOff, RetryPolicy, TypedConfig},
};

/// The conditions under which Istio retries where nothing is said.
const DEFAULT_CONDITIONS: &str = "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";

/// The policy for what a rule or the mesh says; none where retries are switched off. `keeps_host`: a hash binds the request to
/// one endpoint, so a retry may go to the same again.
pub(in crate::engine::istiod) fn retry_policy(retries: Option<&HttpRetry>, keeps_host: bool) -> Option<RetryPolicy> {
    let mut policy = RetryPolicy {
        retry_on: DEFAULT_CONDITIONS.into(),
        num_retries: Some(2),
        retry_host_predicate: if keeps_host { Vec::new() } else { vec![other_hosts()] },
        host_selection_retry_max_attempts: "5".into(),
        ..RetryPolicy::default()
    };
    let Some(retries) = retries else { return Some(policy) };
    policy.num_retries = Some(u32::try_from(retries.attempts).ok().filter(|attempts| *attempts > 0)?);
    if !retries.retry_on.is_empty() {
        conditions(&retries.retry_on, &mut policy);
    }
    policy.per_try_timeout = retries.per_try_timeout;
    if let Some(others_first) = retries.retry_ignore_previous_hosts {
        policy.retry_host_predicate = if others_first { vec![other_hosts()] } else { Vec::new() };
    }
    if retries.retry_remote_localities == Some(true) {
        policy.retry_priority = Some(ExtensionConfig {
            name: "envoy.retry_priorities.previous_priorities".into(),
            typed_config: Some(TypedConfig::other(
                "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",
                json!({"updateFrequency": 2}),
            )),
        });
    }
    policy.retry_back_off = retries.backoff.map(|base| RetryBackOff { base_interval: Some(base), max_interval: None });
    Some(policy)
}

fn other_hosts() -> ExtensionConfig {
    static CONFIG: LazyLock<TypedConfig> =
        LazyLock::new(|| TypedConfig::other("envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate", Value::Null));
    ExtensionConfig { name: "envoy.retry_host_predicates.previous_hosts".into(), typed_config: Some(CONFIG.clone()) }
}

/// Status codes stand among the conditions in Istio, in a list of their own in Envoy.
fn conditions(retry_on: &str, policy: &mut RetryPolicy) {
    let (mut words, mut codes) = (Vec::new(), Vec::new());
    for part in retry_on.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.parse::<u32>() {
            Ok(code) if has_name(code) => codes.push(code),
            _ => words.push(part),
        }
    }
    if !codes.is_empty() && !words.contains(&"retriable-status-codes") {
        // As in istiod, codes alone leave a comma in front.
        policy.retry_on = format!("{},retriable-status-codes", words.join(",")).into();
    } else {
        policy.retry_on = words.join(",").into();
    }
    policy.retriable_status_codes = codes;
}

/// Whether HTTP has a name for a status code.
fn has_name(code: u32) -> bool {
    matches!(code, 100..=103 | 200..=208 | 226 | 300..=305 | 307 | 308 | 400..=418 | 421..=426 | 428 | 429 | 431 | 451 | 500..=508 | 510 | 511)
}
