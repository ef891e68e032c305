//! How a delegate's HTTP rule joins the root rule that hands over to it: both matches must hold, and what the delegate
//! leaves unset is the root's.

use super::HttpRule;
use crate::engine::{
    resource::{HttpMatchRequest, StringMatch},
    source::Origin,
};

/// The merged rule, or none where the delegate asks for what the root has ruled out.
pub(super) fn merge_delegate(root: &HttpRule, delegate: &HttpRule) -> Option<HttpRule> {
    let (matches, match_origins) = merge_matches(root, delegate)?;
    let mut rule = delegate.rule.clone();
    let base = &root.rule;
    rule.r#match = matches;
    rule.name = joined_name(&base.name, &rule.name);
    rule.rewrite = rule.rewrite.or_else(|| base.rewrite.clone());
    rule.direct_response = rule.direct_response.or_else(|| base.direct_response.clone());
    rule.timeout = rule.timeout.or(base.timeout);
    rule.retries = rule.retries.or_else(|| base.retries.clone());
    rule.fault = rule.fault.or_else(|| base.fault.clone());
    rule.mirror = rule.mirror.or_else(|| base.mirror.clone());
    rule.mirror_percent = rule.mirror_percent.or(base.mirror_percent);
    rule.mirror_percentage = rule.mirror_percentage.or_else(|| base.mirror_percentage.clone());
    rule.cors_policy = rule.cors_policy.or_else(|| base.cors_policy.clone());
    rule.headers = rule.headers.or_else(|| base.headers.clone());
    if rule.mirrors.is_empty() {
        rule.mirrors.clone_from(&base.mirrors);
    }
    Some(HttpRule { rule, origin: delegate.origin.clone(), match_origins })
}

fn joined_name(root: &str, delegate: &str) -> String {
    match (root, delegate) {
        (root, "") => root.to_owned(),
        ("", delegate) => delegate.to_owned(),
        (root, delegate) => format!("{root}-{delegate}"),
    }
}

fn merge_matches(root: &HttpRule, delegate: &HttpRule) -> Option<(Vec<HttpMatchRequest>, Vec<Origin>)> {
    if root.rule.r#match.is_empty() {
        return Some((delegate.rule.r#match.clone(), delegate.match_origins.clone()));
    }
    if delegate.rule.r#match.is_empty() {
        return Some((root.rule.r#match.clone(), root.match_origins.clone()));
    }
    let (mut matches, mut origins) = (Vec::new(), Vec::new());
    for (leaf, origin) in delegate.rule.r#match.iter().zip(&delegate.match_origins) {
        let before = matches.len();
        for above in root.rule.r#match.iter().filter(|above| !conflict(above, leaf)) {
            matches.push(merge_match(above, leaf));
            origins.push(origin.clone());
        }
        if matches.len() == before {
            return None;
        }
    }
    Some((matches, origins))
}

fn merge_match(root: &HttpMatchRequest, leaf: &HttpMatchRequest) -> HttpMatchRequest {
    let mut out = leaf.clone();
    out.name = joined_name(&root.name, &leaf.name);
    out.uri = out.uri.or_else(|| root.uri.clone());
    out.scheme = out.scheme.or_else(|| root.scheme.clone());
    out.method = out.method.or_else(|| root.method.clone());
    out.authority = out.authority.or_else(|| root.authority.clone());
    let add = |into: &mut std::collections::BTreeMap<String, StringMatch>, from: &std::collections::BTreeMap<String, StringMatch>| {
        for (key, value) in from {
            into.entry(key.clone()).or_insert_with(|| value.clone());
        }
    };
    add(&mut out.headers, &root.headers);
    add(&mut out.without_headers, &root.without_headers);
    add(&mut out.query_params, &root.query_params);
    let own = std::mem::replace(&mut out.source_labels, root.source_labels.clone());
    out.source_labels.extend(&own);
    if out.port == 0 {
        out.port = root.port;
    }
    if out.source_namespace.is_empty() {
        out.source_namespace.clone_from(&root.source_namespace);
    }
    if out.gateways.is_empty() {
        out.gateways.clone_from(&root.gateways);
    }
    if out.stat_prefix.is_empty() {
        out.stat_prefix.clone_from(&root.stat_prefix);
    }
    out
}

fn conflict(root: &HttpMatchRequest, leaf: &HttpMatchRequest) -> bool {
    let pairs = [
        (root.uri.as_ref(), leaf.uri.as_ref()),
        (root.scheme.as_deref(), leaf.scheme.as_deref()),
        (root.method.as_deref(), leaf.method.as_deref()),
        (root.authority.as_deref(), leaf.authority.as_deref()),
    ];
    let maps = [(&root.headers, &leaf.headers), (&root.without_headers, &leaf.without_headers), (&root.query_params, &leaf.query_params)];
    pairs.iter().any(|(above, below)| strings_conflict(*above, *below))
        || maps.iter().any(|(above, below)| below.iter().any(|(key, value)| strings_conflict(above.get(key), Some(value))))
        || root.ignore_uri_case != leaf.ignore_uri_case
        || root.port > 0 && leaf.port > 0 && root.port != leaf.port
        || !root.source_namespace.is_empty() && leaf.source_namespace != root.source_namespace
        || leaf.source_labels.iter().any(|(key, value)| root.source_labels.get(key).is_some_and(|above| above != value))
        || !root.gateways.is_empty() && leaf.gateways.iter().any(|gateway| !root.gateways.contains(gateway))
}

/// Whether `leaf` is not known to be narrower than `root`.
fn strings_conflict(root: Option<&StringMatch>, leaf: Option<&StringMatch>) -> bool {
    let (Some(root), Some(leaf)) = (root, leaf) else { return false };
    fn text(field: Option<&String>) -> Option<&str> {
        field.map(String::as_str).filter(|text| !text.is_empty())
    }
    let is_set = |m: &StringMatch| text(m.exact.as_ref()).is_some() || text(m.prefix.as_ref()).is_some() || text(m.regex.as_ref()).is_some();
    if text(root.regex.as_ref()).is_some() && is_set(leaf) || text(leaf.regex.as_ref()).is_some() && is_set(root) {
        return true;
    }
    match (text(root.exact.as_ref()), text(root.prefix.as_ref())) {
        (Some(exact), _) => text(leaf.exact.as_ref()) != Some(exact),
        (None, Some(prefix)) => match text(leaf.prefix.as_ref()).or(text(leaf.exact.as_ref())) {
            Some(below) => !below.starts_with(prefix),
            None => true,
        },
        (None, None) => true,
    }
}
