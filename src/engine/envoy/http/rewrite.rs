//! What a route makes of a request before it is sent on, and where a redirect points to.

use super::{path, request::Request, virtual_host::without_port};
use crate::engine::{
    envoy::matcher,
    xds::{RedirectAction, RegexMatchAndSubstitute, Route, RouteAction, RouteMatch},
};

/// The path after the action's rewrite, query included; none where there is no rewrite.
pub(super) fn path(route: &Route, action: &RouteAction, request_path: &str) -> Option<String> {
    if let Some(rewrite) = &action.regex_rewrite {
        return regex_rewritten(rewrite, request_path);
    }
    (!action.prefix_rewrite.is_empty()).then(|| prefix_rewritten(&route.r#match, &action.prefix_rewrite, request_path))
}

/// Puts `new` in the place of what the rule matched.
fn prefix_rewritten(rule: &RouteMatch, new: &str, request_path: &str) -> String {
    let own = path::without_query(request_path);
    let matched = rule.prefix.as_deref().or(rule.path_separated_prefix.as_deref()).map_or(own.len(), str::len);
    // A rule that ignores case matched as many bytes all the same.
    let rest = request_path.get(matched..).unwrap_or_default();
    format!("{new}{rest}")
}

fn regex_rewritten(rewrite: &RegexMatchAndSubstitute, request_path: &str) -> Option<String> {
    let own = path::without_query(request_path);
    let regex = matcher::regex(&rewrite.pattern.regex)?;
    let replaced = regex.replace_all(own, replacement(&rewrite.substitution).as_str());
    Some(format!("{replaced}{}", &request_path[own.len()..]))
}

/// RE2 writes `\1` where the regex crate writes `${1}`.
fn replacement(substitution: &str) -> String {
    let mut out = String::with_capacity(substitution.len() + 8);
    let mut characters = substitution.chars();
    while let Some(character) = characters.next() {
        match character {
            '$' => out.push_str("$$"),
            '\\' => match characters.next() {
                Some(digit) if digit.is_ascii_digit() => {
                    out.push_str("${");
                    out.push(digit);
                    out.push('}');
                }
                Some(other) => out.push(other),
                None => {}
            },
            _ => out.push(character),
        }
    }
    out
}

/// The status and `Location` of a redirect.
pub(super) fn redirect(route: &Route, redirect: &RedirectAction, request: &Request) -> (u16, String) {
    let status = match redirect.response_code.as_str() {
        "FOUND" => 302,
        "SEE_OTHER" => 303,
        "TEMPORARY_REDIRECT" => 307,
        "PERMANENT_REDIRECT" => 308,
        _ => 301,
    };
    let wants_https = redirect.https_redirect == Some(true);
    let scheme = redirect.scheme_redirect.as_deref().filter(|scheme| !scheme.is_empty()).unwrap_or(if wants_https { "https" } else { &request.scheme });
    let port = redirect.port_redirect.filter(|&port| port != 0).map(|port| format!(":{port}"));
    let host = if redirect.host_redirect.is_empty() { host_for(request, scheme, port.is_some()) } else { &redirect.host_redirect };
    let path = redirected_path(route, redirect, &request.path);
    (status, format!("{scheme}://{host}{}{path}", port.unwrap_or_default()))
}

/// A port goes when another takes its place, or when it is the default of a scheme that is left.
fn host_for<'a>(request: &'a Request, scheme: &str, has_new_port: bool) -> &'a str {
    let bare = without_port(&request.authority);
    let port = request.authority.get(bare.len() + 1..).unwrap_or_default();
    let leaves_default = (request.scheme == "http" && scheme == "https" && port == "80") || (request.scheme == "https" && scheme == "http" && port == "443");
    if has_new_port || leaves_default { bare } else { &request.authority }
}

fn redirected_path(route: &Route, redirect: &RedirectAction, request_path: &str) -> String {
    let query = if redirect.strip_query { "" } else { &request_path[path::without_query(request_path).len()..] };
    match (&redirect.path_redirect, &redirect.prefix_rewrite) {
        (Some(path), _) if !path.is_empty() => {
            if path.contains('?') {
                path.clone()
            } else {
                format!("{path}{query}")
            }
        }
        (_, Some(prefix)) if !prefix.is_empty() => prefix_rewritten(&route.r#match, prefix, &format!("{}{query}", path::without_query(request_path))),
        _ => format!("{}{query}", path::without_query(request_path)),
    }
}
