//! What a rule asks of a request.

use serde_json::Value;

use super::{Asking, MAX_DEPTH, any, not};
use crate::engine::{
    envoy::{
        filter_chain::prefix_len_within,
        http::{header_mismatch, without_query},
        matcher, metadata,
    },
    xds::{ExtensionConfig, PathMatcher, Permission, TypedConfig},
};

/// Why a permission does not hold; none where it does.
pub(super) fn mismatch(rule: &Permission, asking: &Asking<'_>, depth: usize) -> Option<String> {
    if depth >= MAX_DEPTH {
        return Some("its rules are nested too deep".to_owned());
    }
    if rule.any {
        return None;
    }
    if let Some(set) = &rule.and_rules {
        return set.rules.iter().find_map(|rule| mismatch(rule, asking, depth + 1));
    }
    if let Some(set) = &rule.or_rules {
        return any(set.rules.iter().map(|rule| mismatch(rule, asking, depth + 1)));
    }
    if let Some(rule) = &rule.not_rule {
        return not(mismatch(rule, asking, depth + 1)).map(|reason| format!("{reason} ({})", what(rule, asking)));
    }
    if let Some(header) = &rule.header {
        return match asking.request {
            Some(request) => header_mismatch(header, request),
            None => Some(format!("it asks for {}, and only bytes are seen here", header.name)),
        };
    }
    if let Some(path) = &rule.url_path {
        return path_mismatch(path, asking);
    }
    if let Some(template) = &rule.uri_template {
        return template_mismatch(template, asking);
    }
    if let Some(metadata) = &rule.metadata {
        return (!metadata::matches(metadata, asking.metadata)).then(|| metadata::describe(metadata, asking.metadata));
    }
    if let Some(port) = rule.destination_port {
        let own = asking.connection.port;
        return (own != port).then(|| format!("the port is {own}, the rule wants {port}"));
    }
    if let Some(range) = &rule.destination_ip {
        let address = &asking.connection.address;
        let within = address.parse().ok().and_then(|address| prefix_len_within(range, address)).is_some();
        return (!within).then(|| format!("the destination {address} is not in {}/{}", range.address_prefix, range.prefix_len.unwrap_or_default()));
    }
    if let Some(name) = &rule.requested_server_name {
        let sni = &asking.connection.sni;
        return (!matcher::matches(name, sni)).then(|| format!("the server name is {sni:?}, the rule wants {}", matcher::describe(name)));
    }
    Some("it asks for something that is not modelled".to_owned())
}

/// What an exclusion is about.
fn what(rule: &Permission, asking: &Asking<'_>) -> String {
    let first = rule.or_rules.as_ref().and_then(|set| set.rules.first()).unwrap_or(rule);
    match (&first.header, first.destination_port) {
        (Some(header), _) => header.name.trim_start_matches(':').to_owned(),
        (None, Some(port)) => format!("port {port}"),
        (None, None) if first.url_path.is_some() || first.uri_template.is_some() => {
            format!("path {:?}", asking.request.map(|request| without_query(&request.path)).unwrap_or_default())
        }
        _ => "its condition".to_owned(),
    }
}

fn path_mismatch(rule: &PathMatcher, asking: &Asking<'_>) -> Option<String> {
    let Some(request) = asking.request else { return Some("it asks for a path, and only bytes are seen here".to_owned()) };
    let (Some(wanted), path) = (&rule.path, without_query(&request.path)) else { return None };
    (!matcher::matches(wanted, path)).then(|| format!("the path is {path:?}, the rule wants {}", matcher::describe(wanted)))
}

fn template_mismatch(rule: &ExtensionConfig, asking: &Asking<'_>) -> Option<String> {
    let Some(request) = asking.request else { return Some("it asks for a path, and only bytes are seen here".to_owned()) };
    let template = match &rule.typed_config {
        Some(TypedConfig::Other(value)) => value.get("pathTemplate").and_then(Value::as_str).unwrap_or_default(),
        _ => "",
    };
    let path = without_query(&request.path);
    (!template_matches(template, path)).then(|| format!("the path {path:?} does not fit the template {template:?}"))
}

/// `*` stands for one segment, `**` for any number of them, each of the characters that a path may have but `=` and `*`.
pub(super) fn template_matches(template: &str, path: &str) -> bool {
    const SEGMENT: &str = r"[a-zA-Z0-9\-._~%!$&'()+,;:@]+";
    const REST: &str = r"[a-zA-Z0-9\-._~%!$&'()+,;:@/]*";
    let parts: Vec<String> = template
        .split('/')
        .map(|part| match part {
            "*" => SEGMENT.to_owned(),
            "**" => REST.to_owned(),
            // What follows a glob without a slash between is a suffix.
            _ => match (part.strip_prefix("**"), part.strip_prefix('*')) {
                (Some(suffix), _) => format!("{REST}{}", regex::escape(suffix)),
                (None, Some(suffix)) => format!("{SEGMENT}{}", regex::escape(suffix)),
                (None, None) => regex::escape(part),
            },
        })
        .collect();
    matcher::regex_matches(&parts.join("/"), path)
}
