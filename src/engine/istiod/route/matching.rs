//! Conditions on a request.

use std::collections::BTreeMap;

use crate::engine::{
    cluster::RouteSemantics,
    istiod::security::claim,
    resource::{HttpMatchRequest, StringMatch},
    xds::{HeaderMatcher, MetadataMatcher, QueryParameterMatcher, RegexMatcher, RouteMatch, StringMatcher, ValueMatcher},
};

/// The match of a route; without a condition, every path.
pub(super) fn route_match(condition: Option<&HttpMatchRequest>, semantics: RouteSemantics) -> RouteMatch {
    let mut out = RouteMatch { prefix: Some("/".into()), ..RouteMatch::default() };
    let Some(condition) = condition else { return out };
    for (matches, negated) in [(&condition.headers, false), (&condition.without_headers, true)] {
        for (name, value) in matches {
            match claim_path(name) {
                Some(path) => out.dynamic_metadata.push(claim_match(&path, value, negated)),
                None => out.headers.push(header(name, value, negated)),
            }
        }
    }
    out.headers.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(uri) = &condition.uri {
        let path = [&uri.exact, &uri.prefix, &uri.regex];
        if path.iter().any(|kind| kind.is_some()) {
            out.path.clone_from(&uri.exact);
            out.prefix.clone_from(&uri.prefix);
            // There a prefix is a number of whole segments.
            if semantics != RouteSemantics::Istio
                && let Some(prefix) = out.prefix.take_if(|prefix| prefix != "/")
            {
                out.path_separated_prefix = Some(prefix.strip_suffix('/').unwrap_or(&prefix).to_owned());
            }
            out.safe_regex = uri.regex.clone().map(|regex| RegexMatcher { regex });
        }
    }
    out.case_sensitive = Some(!condition.ignore_uri_case);
    for (name, value) in [(":method", &condition.method), (":authority", &condition.authority), (":scheme", &condition.scheme)] {
        out.headers.extend(value.as_ref().map(|value| header(name, value, false)));
    }
    out.query_parameters = query(&condition.query_params);
    out
}

/// A match by one of the three kinds; none where the value only has to be there.
pub(super) fn string_matcher(value: &StringMatch) -> Option<StringMatcher> {
    let StringMatch { exact, prefix, regex } = value;
    if exact.is_none() && prefix.is_none() && regex.is_none() {
        return None;
    }
    let safe_regex = regex.clone().map(|regex| RegexMatcher { regex });
    Some(StringMatcher { exact: exact.clone(), prefix: prefix.clone(), safe_regex, ..StringMatcher::default() })
}

/// `*` is no regular expression, but Istio's word for "is there".
fn asks_for_presence(value: &StringMatch) -> bool {
    string_matcher(value).is_none() || value.regex.as_deref() == Some("*")
}

fn header(name: &str, value: &StringMatch, negated: bool) -> HeaderMatcher {
    let presence = asks_for_presence(value);
    HeaderMatcher {
        name: name.to_owned(),
        string_match: if presence { None } else { string_matcher(value) },
        present_match: presence.then_some(true),
        invert_match: negated,
        treat_missing_header_as_empty: negated && !presence,
    }
}

fn query(params: &BTreeMap<String, StringMatch>) -> Vec<QueryParameterMatcher> {
    let one = |(name, value): (&String, &StringMatch)| {
        let presence = asks_for_presence(value);
        QueryParameterMatcher { name: name.clone(), string_match: if presence { None } else { string_matcher(value) }, present_match: presence.then_some(true) }
    };
    params.iter().map(one).collect()
}

/// The claim behind `@request.auth.claims`, in either notation: `.group.id` or `[group][id]`.
fn claim_path(header: &str) -> Option<Vec<String>> {
    let rest = header.get(..20).filter(|start| start.eq_ignore_ascii_case("@request.auth.claims")).map(|start| &header[start.len()..])?;
    let path: Vec<String> = match rest.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?.split("][").map(str::to_owned).collect(),
        None => rest.strip_prefix('.')?.split('.').map(str::to_owned).collect(),
    };
    path.iter().all(|part| !part.is_empty()).then_some(path)
}

/// A claim matches by its text, or by one of a list of texts.
fn claim_match(path: &[String], value: &StringMatch, negated: bool) -> MetadataMatcher {
    let text = ValueMatcher::text(string_matcher(value).unwrap_or_default());
    MetadataMatcher { invert: negated, ..claim(path.iter().map(String::as_str), text) }
}
