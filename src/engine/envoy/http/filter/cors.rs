//! Cross-origin requests: answers preflights, and tells browsers who may read a response.

use super::{LocalReply, Passage, Request};
use crate::engine::{
    envoy::{Stage, matcher, trace::Trace},
    xds::{CorsPolicy, TypedConfig},
};

/// Applies the policy of the route, if it has one.
pub(super) fn apply(config: Option<&TypedConfig>, request: &Request, mut passage: Passage, trace: &mut Trace) -> Vec<Passage> {
    let origin = request.header("origin").filter(|origin| !origin.is_empty());
    let (Some(TypedConfig::CorsPolicy(policy)), Some(origin)) = (config, origin) else { return vec![passage] };
    if policy.filter_enabled.as_ref().is_some_and(|enabled| enabled.default_value.share() <= 0.0) {
        return vec![passage];
    }
    let is_allowed = policy.allow_origin_string_match.iter().any(|rule| matcher::matches(rule, origin));
    let is_preflight = request.method == "OPTIONS" && request.header("access-control-request-method").is_some_and(|method| !method.is_empty());
    if is_allowed {
        passage.response_headers.insert("access-control-allow-origin".into(), origin.to_owned());
        add_if_set(&mut passage, "access-control-expose-headers", &policy.expose_headers);
        add_credentials(&mut passage, policy);
    }
    if !is_preflight || (!is_allowed && policy.forward_not_matching_preflights.unwrap_or(true)) {
        let reason = if is_allowed {
            format!("the origin {origin:?} is allowed, and the response will say so.")
        } else {
            format!("the origin {origin:?} is not allowed, so the response says nothing to the browser.")
        };
        trace.lost(Stage::Filter, "envoy.filters.http.cors", reason, None);
        return vec![passage];
    }
    add_credentials(&mut passage, policy);
    // A star stands for what the browser asks for.
    let asked = |allowed: &str, name: &str| if allowed == "*" { request.header(name).unwrap_or_default().to_owned() } else { allowed.to_owned() };
    add_if_set(&mut passage, "access-control-allow-methods", &asked(&policy.allow_methods, "access-control-request-method"));
    add_if_set(&mut passage, "access-control-allow-headers", &asked(&policy.allow_headers, "access-control-request-headers"));
    add_if_set(&mut passage, "access-control-max-age", &policy.max_age);
    let answer = if is_allowed { "allowed" } else { "not allowed" };
    let reason = format!("the request is a preflight from {origin:?}, which is {answer}; the filter answers it and the backend never sees it.");
    trace.chosen(Stage::Filter, "envoy.filters.http.cors", &reason, None);
    passage.reply = Some(LocalReply { status: 200, is_finished: true, reason, ..LocalReply::default() });
    vec![passage]
}

fn add_credentials(passage: &mut Passage, policy: &CorsPolicy) {
    if policy.allow_credentials == Some(true) {
        passage.response_headers.insert("access-control-allow-credentials".into(), "true".into());
    }
}

fn add_if_set(passage: &mut Passage, name: &str, value: &str) {
    if !value.is_empty() {
        passage.response_headers.insert(name.to_owned(), value.to_owned());
    }
}
