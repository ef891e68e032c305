//! Which route of a virtual host takes a request: the first whose conditions all hold.

use super::{path, request::Request};
use crate::engine::{
    envoy::{
        Stage, Verdict, matcher,
        metadata::{self, Metadata},
        trace::Trace,
    },
    xds::{HeaderMatcher, QueryParameterMatcher, Route, RouteMatch, VirtualHost},
};

/// The first route that matches.
pub(super) fn choose<'a>(host: &'a VirtualHost, request: &Request, metadata: &Metadata, trace: &mut Trace) -> Option<&'a Route> {
    let mut chosen = None;
    for (at, route) in host.routes.iter().enumerate() {
        let subject = label(route, at);
        let origin = route.origin.as_ref();
        if chosen.is_some() {
            trace.add(Stage::Route, Verdict::Unreached, subject, "an earlier route has already taken the request.", origin);
            continue;
        }
        if let Some(reason) = mismatch(&route.r#match, request, metadata) {
            trace.lost(Stage::Route, subject, reason, origin);
        } else {
            trace.chosen(Stage::Route, subject, describe(&route.r#match, request), origin);
            chosen = Some(route);
        }
    }
    chosen
}

/// A route's name, or its place where it has none.
fn label(route: &Route, at: usize) -> String {
    if route.name.is_empty() { format!("route {at}") } else { route.name.clone() }
}

/// Whether a rule matches.
pub(super) fn matches(rule: &RouteMatch, request: &Request, metadata: &Metadata) -> bool {
    mismatch(rule, request, metadata).is_none()
}

/// Why a rule does not match; none where it does.
fn mismatch(rule: &RouteMatch, request: &Request, metadata: &Metadata) -> Option<String> {
    path_mismatch(rule, request)
        .or_else(|| rule.headers.iter().find_map(|header| header_mismatch(header, request)))
        .or_else(|| rule.query_parameters.iter().find_map(|parameter| query_mismatch(parameter, request)))
        .or_else(|| (rule.grpc.is_some() && !request.is_grpc()).then(|| "the rule is for gRPC, and the request has another content-type.".to_owned()))
        .or_else(|| rule.dynamic_metadata.iter().find(|wanted| !metadata::matches(wanted, metadata)).map(|wanted| metadata::describe(wanted, metadata) + "."))
}

fn path_mismatch(rule: &RouteMatch, request: &Request) -> Option<String> {
    let own = path::without_query(&request.path);
    let any_case = rule.case_sensitive == Some(false);
    let fold = |text: &str| if any_case { text.to_ascii_lowercase() } else { text.to_owned() };
    let case = if any_case { " in any case" } else { "" };
    let found = if any_case { own.to_ascii_lowercase() } else { own.to_owned() };
    if let Some(prefix) = &rule.prefix {
        (!found.starts_with(&fold(prefix))).then(|| format!("path {own:?} does not start with {prefix:?}{case}."))
    } else if let Some(exact) = &rule.path {
        (found != fold(exact)).then(|| format!("path {own:?} is not exactly {exact:?}{case}."))
    } else if let Some(prefix) = &rule.path_separated_prefix {
        let prefix_matches = found.strip_prefix(&fold(prefix)).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        (!prefix_matches).then(|| format!("path {own:?} is neither {prefix:?} nor beneath it{case}."))
    } else if let Some(regex) = &rule.safe_regex {
        (!matcher::regex_matches(&regex.regex, own)).then(|| format!("path {own:?} does not match the regex {:?} as a whole.", regex.regex))
    } else if rule.path_match_policy.is_some() {
        Some("the rule matches by a path template (not modelled), so it is taken not to match.".to_owned())
    } else {
        None
    }
}

/// Why a condition on a header does not hold; none where it does.
pub(in crate::engine::envoy) fn header_mismatch(rule: &HeaderMatcher, request: &Request) -> Option<String> {
    let name = spoken(&rule.name);
    let value = request.header(&rule.name);
    let has = value.map_or_else(|| format!("{name} is absent"), |value| format!("{name} is {value:?}"));
    if let Some(matcher) = &rule.string_match {
        let not = if rule.invert_match { "anything but " } else { "" };
        let text = match value {
            Some(text) => text,
            None if rule.treat_missing_header_as_empty => "",
            None => return Some(format!("{has}, the rule wants {not}{}.", matcher::describe(matcher))),
        };
        return (matcher::matches(matcher, text) == rule.invert_match).then(|| format!("{has}, the rule wants {not}{}.", matcher::describe(matcher)));
    }
    let wants_present = rule.present_match.unwrap_or(true) != rule.invert_match;
    (value.is_some() != wants_present).then(|| format!("{has}, the rule wants it {}.", if wants_present { "to be there" } else { "not to be there" }))
}

fn query_mismatch(rule: &QueryParameterMatcher, request: &Request) -> Option<String> {
    let value = path::query_parameter(&request.path, &rule.name);
    let has = value.map_or_else(|| format!("query parameter {} is absent", rule.name), |value| format!("query parameter {} is {value:?}", rule.name));
    match (&rule.string_match, value) {
        (Some(wanted), Some(value)) if matcher::matches(wanted, value) => None,
        (Some(wanted), _) => Some(format!("{has}, the rule wants {}.", matcher::describe(wanted))),
        (None, value) => {
            let wants_present = rule.present_match.unwrap_or(true);
            (value.is_some() != wants_present).then(|| format!("{has}, the rule wants it {}.", if wants_present { "to be there" } else { "not to be there" }))
        }
    }
}

/// Pseudo-headers by the names that people use.
fn spoken(name: &str) -> String {
    match name {
        ":method" => "the method".into(),
        ":authority" => "the authority".into(),
        ":scheme" => "the scheme".into(),
        ":path" => "the path".into(),
        _ => format!("header {name}"),
    }
}

fn describe(rule: &RouteMatch, request: &Request) -> String {
    let own = path::without_query(&request.path);
    let by_path = if let Some(prefix) = &rule.prefix {
        if prefix == "/" || prefix.is_empty() { "it takes every path".to_owned() } else { format!("path {own:?} starts with {prefix:?}") }
    } else if let Some(exact) = &rule.path {
        format!("path {own:?} is {exact:?}")
    } else if let Some(prefix) = &rule.path_separated_prefix {
        format!("path {own:?} is {prefix:?} or beneath it")
    } else if let Some(regex) = &rule.safe_regex {
        format!("path {own:?} matches the regex {:?}", regex.regex)
    } else {
        "it takes every path".to_owned()
    };
    let conditions = rule.headers.len() + rule.query_parameters.len() + rule.dynamic_metadata.len();
    match conditions {
        0 => format!("{by_path}, and no route before it matches."),
        1 => format!("{by_path}, its condition on {} holds, and no route before it matches.", condition_names(rule)),
        _ => format!("{by_path}, its conditions on {} hold, and no route before it matches.", condition_names(rule)),
    }
}

fn condition_names(rule: &RouteMatch) -> String {
    let headers = rule.headers.iter().map(|header| spoken(&header.name));
    let parameters = rule.query_parameters.iter().map(|parameter| format!("query parameter {}", parameter.name));
    let claims = rule.dynamic_metadata.iter().filter_map(|wanted| wanted.path.last()).map(|segment| format!("claim {}", segment.key));
    headers.chain(parameters).chain(claims).collect::<Vec<_>>().join(", ")
}
