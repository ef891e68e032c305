//! The rules of an HTTPRoute: a rule for each match (`convertHTTPRoute`, `conversion.go`).

use std::{collections::BTreeMap, slice};

use super::{
    backends::Backends,
    filters::{apply, apply_to_backend},
};
use crate::engine::{
    cluster::HttpRule,
    duration::Duration,
    resource::{
        HttpDirectResponse, HttpMatchRequest, HttpRetry, HttpRoute, HttpRouteDestination, K8sBackend, K8sHttpMatch, K8sHttpRoute, K8sHttpRule, K8sRetry,
        K8sTimeouts, K8sValueMatch, Kind, Resource, StringMatch,
    },
    source::Origin,
};

/// All rules; none where one of them cannot be converted at all.
pub(super) fn rules(resource: &Resource, route: &K8sHttpRoute, backends: &Backends, asks_for_grants: bool) -> Option<Vec<HttpRule>> {
    let fallback = [K8sHttpRule::default()];
    let mut out = Vec::new();
    for (at, rule) in route.rules.as_deref().unwrap_or(&fallback).iter().enumerate() {
        let converted = convert(resource, rule, at, backends, asks_for_grants)?;
        // A rule without a match takes every path.
        let any = K8sHttpMatch::default();
        let matches = if rule.matches.is_empty() { slice::from_ref(&any) } else { &rule.matches };
        for (i, condition) in matches.iter().enumerate() {
            let path = format!("spec.rules[{at}]");
            let match_path = if rule.matches.is_empty() { path.clone() } else { format!("{path}.matches[{i}]") };
            out.push(with_match(resource, &converted, path, http_match(condition), match_path));
        }
    }
    Some(out)
}

/// A rule with its one match, and where both are written.
pub(super) fn with_match(resource: &Resource, rule: &HttpRoute, path: String, condition: HttpMatchRequest, match_path: String) -> HttpRule {
    let origin = |path: String| Origin::new(resource.id().to_string(), path);
    HttpRule { rule: HttpRoute { r#match: vec![condition], ..rule.clone() }, origin: origin(path), match_origins: vec![origin(match_path)] }
}

fn convert(resource: &Resource, rule: &K8sHttpRule, at: usize, backends: &Backends, asks_for_grants: bool) -> Option<HttpRoute> {
    let metadata = &resource.metadata;
    let mut out = HttpRoute {
        name: rule.name.clone().unwrap_or_else(|| format!("{}.{}.{at}", metadata.namespace, metadata.name)),
        retries: rule.retry.as_ref().map(retries).map(Box::new),
        ..HttpRoute::default()
    };
    apply(&rule.filters, backends, &metadata.namespace, asks_for_grants, &mut out)?;
    if let Some(timeouts) = &rule.timeouts {
        limit(timeouts, &mut out);
    }
    if total_weight(&rule.backend_refs) == 0 && out.redirect.is_none() {
        out.direct_response = Some(Box::new(nobody_there()));
    } else {
        out.route = destinations(&rule.backend_refs, backends, Kind::HTTPRoute, &metadata.namespace, asks_for_grants)?;
    }
    Some(out)
}

/// The answer where no backend has a share.
pub(super) fn nobody_there() -> HttpDirectResponse {
    HttpDirectResponse { status: 500, ..HttpDirectResponse::default() }
}

pub(super) fn total_weight(backends: &[K8sBackend]) -> i64 {
    backends.iter().map(|backend| i64::from(backend.weight.unwrap_or(1))).sum()
}

/// The backends that have a share; none where one of them cannot be converted at all.
pub(super) fn destinations(refs: &[K8sBackend], backends: &Backends, route: Kind, namespace: &str, asks_for_grants: bool) -> Option<Vec<HttpRouteDestination>> {
    let mut out = Vec::new();
    for backend in refs.iter().filter(|backend| backend.weight != Some(0)) {
        let found = backends.find(backend, route, namespace, asks_for_grants)?;
        let mut headers = None;
        apply_to_backend(&backend.filters, &mut headers)?;
        out.push(HttpRouteDestination { destination: Some(found.destination), weight: backend.weight.unwrap_or(1), headers });
    }
    Some(out)
}

fn http_match(condition: &K8sHttpMatch) -> HttpMatchRequest {
    HttpMatchRequest {
        uri: Some(path_match(condition.path.as_ref())),
        headers: value_matches(&condition.headers),
        query_params: value_matches(&condition.query_params),
        method: condition.method.as_ref().map(|method| Box::new(StringMatch { exact: Some(method.clone()), ..StringMatch::default() })),
        ..HttpMatchRequest::default()
    }
}

fn path_match(path: Option<&K8sValueMatch>) -> StringMatch {
    let value = path.and_then(|path| path.value.as_deref()).unwrap_or("/");
    match path.and_then(|path| path.r#type.as_deref()) {
        Some("Exact") => StringMatch { exact: Some(value.into()), ..StringMatch::default() },
        Some("RegularExpression") => StringMatch { regex: Some(value.into()), ..StringMatch::default() },
        _ => {
            let prefix = if value == "/" { value } else { value.strip_suffix('/').unwrap_or(value) };
            StringMatch { prefix: Some(prefix.into()), ..StringMatch::default() }
        }
    }
}

/// Headers or query parameters; of two with one name the last counts.
pub(super) fn value_matches(matches: &[K8sValueMatch]) -> BTreeMap<String, StringMatch> {
    let one = |condition: &K8sValueMatch| {
        let value = Some(condition.value.clone().unwrap_or_default());
        let matching = match condition.r#type.as_deref() {
            Some("RegularExpression") => StringMatch { regex: value, ..StringMatch::default() },
            _ => StringMatch { exact: value, ..StringMatch::default() },
        };
        (condition.name.clone(), matching)
    };
    matches.iter().map(one).collect()
}

fn retries(retry: &K8sRetry) -> HttpRetry {
    let attempts = retry.attempts.unwrap_or(2);
    let mut conditions: Vec<String> = ["connect-failure", "refused-stream", "unavailable", "cancelled"].map(str::to_owned).to_vec();
    conditions.extend(retry.codes.iter().map(u32::to_string));
    HttpRetry {
        attempts,
        retry_on: if attempts == 0 { String::new() } else { conditions.join(",") },
        backoff: retry.backoff.as_deref().map(|backoff| Duration::parse(backoff).unwrap_or(Duration::ZERO)),
        ..HttpRetry::default()
    }
}

/// The time for one try is that of the whole where nothing is tried again. No time at all means no limit.
fn limit(timeouts: &K8sTimeouts, rule: &mut HttpRoute) {
    let time = |text: &Option<String>| text.as_deref().and_then(Duration::parse).filter(|time| *time != Duration::ZERO);
    rule.timeout = time(&timeouts.request);
    if let Some(of_one) = time(&timeouts.backend_request) {
        match &mut rule.retries {
            Some(retries) => retries.per_try_timeout = Some(of_one),
            None => rule.timeout = Some(of_one),
        }
    }
}
