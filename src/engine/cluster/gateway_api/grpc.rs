//! The rules of a GRPCRoute (`convertGRPCRoute`, `conversion.go`): services and methods are paths.

use super::{
    backends::Backends,
    filters::{mirror, modify_headers},
    http::{destinations, nobody_there, total_weight, value_matches, with_match},
};
use crate::engine::{
    cluster::HttpRule,
    resource::{HttpMatchRequest, HttpRoute, K8sGrpcMethod, K8sGrpcRoute, K8sGrpcRule, Kind, Resource, StringMatch},
    source::Origin,
};

/// All rules; none where one of them cannot be converted at all.
pub(super) fn rules(resource: &Resource, route: &K8sGrpcRoute, backends: &Backends, asks_for_grants: bool) -> Option<Vec<HttpRule>> {
    let mut out = Vec::new();
    for (at, rule) in route.rules.iter().enumerate() {
        let converted = convert(resource, rule, at, backends, asks_for_grants)?;
        let path = format!("spec.rules[{at}]");
        if rule.matches.is_empty() {
            let origin = Origin::new(resource.id().to_string(), path);
            out.push(HttpRule { rule: converted, origin, match_origins: Vec::new() });
            continue;
        }
        for (i, condition) in rule.matches.iter().enumerate() {
            let uri = match &condition.method {
                Some(method) => Some(path_match(method)?),
                None => None,
            };
            let condition = HttpMatchRequest { uri, headers: value_matches(&condition.headers), ..HttpMatchRequest::default() };
            out.push(with_match(resource, &converted, path.clone(), condition, format!("{path}.matches[{i}]")));
        }
    }
    Some(out)
}

fn convert(resource: &Resource, rule: &K8sGrpcRule, at: usize, backends: &Backends, asks_for_grants: bool) -> Option<HttpRoute> {
    let metadata = &resource.metadata;
    let mut out = HttpRoute { name: rule.name.clone().unwrap_or_else(|| format!("{}.{}.{at}", metadata.namespace, metadata.name)), ..HttpRoute::default() };
    for filter in &rule.filters {
        match filter.r#type.as_str() {
            "RequestHeaderModifier" | "ResponseHeaderModifier" => modify_headers(filter, &mut out.headers),
            "RequestMirror" => {
                let to = filter.request_mirror.as_ref()?;
                out.mirrors.push(mirror(to, backends, Kind::GRPCRoute, &metadata.namespace, asks_for_grants)?);
            }
            _ => return None,
        }
    }
    if total_weight(&rule.backend_refs) == 0 {
        out.direct_response = Some(Box::new(nobody_there()));
    } else {
        out.route = destinations(&rule.backend_refs, backends, Kind::GRPCRoute, &metadata.namespace, asks_for_grants)?;
    }
    Some(out)
}

/// A call's path is `/service/method`.
fn path_match(call: &K8sGrpcMethod) -> Option<StringMatch> {
    let is_regex = call.r#type.as_deref() == Some("RegularExpression");
    let regex = |text: String| StringMatch { regex: Some(text), ..StringMatch::default() };
    Some(match (&call.service, &call.method) {
        (None, None) => return None,
        (Some(service), None) if is_regex => regex(format!("/{service}/.+")),
        (Some(service), None) => StringMatch { prefix: Some(format!("/{service}/")), ..StringMatch::default() },
        (None, Some(method)) => regex(format!("/[^/]+/{method}")),
        (Some(service), Some(method)) if is_regex => regex(format!("/{service}/{method}")),
        (Some(service), Some(method)) => StringMatch { exact: Some(format!("/{service}/{method}")), ..StringMatch::default() },
    })
}
