//! Dynamic metadata: what filters leave for those behind them, and matchers on it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::matcher;
use crate::engine::xds::{MetadataMatcher, ValueMatcher};

/// By filter.
pub(super) type Metadata = BTreeMap<String, Value>;

/// How deep matchers are followed.
const MAX_DEPTH: usize = 8;

/// Whether the value at the matcher's path fits; one that is not there fits nothing.
pub(super) fn matches(wanted: &MetadataMatcher, metadata: &Metadata) -> bool {
    let fits = wanted.value.as_ref().is_some_and(|value| value_matches(value, find(wanted, metadata), 0));
    fits != wanted.invert
}

/// What is at the matcher's path.
pub(super) fn find<'a>(wanted: &MetadataMatcher, metadata: &'a Metadata) -> Option<&'a Value> {
    let start = metadata.get(&wanted.filter)?;
    wanted.path.iter().try_fold(start, |value, segment| value.get(&segment.key))
}

fn value_matches(wanted: &ValueMatcher, value: Option<&Value>, depth: usize) -> bool {
    if depth >= MAX_DEPTH {
        return false;
    }
    if let Some(either) = &wanted.or_match {
        return either.value_matchers.iter().any(|wanted| value_matches(wanted, value, depth + 1));
    }
    match (wanted, value) {
        (ValueMatcher { string_match: Some(text), .. }, Some(Value::String(value))) => matcher::matches(text, value),
        (ValueMatcher { bool_match: Some(wanted), .. }, Some(Value::Bool(value))) => wanted == value,
        (ValueMatcher { list_match: Some(list), .. }, Some(Value::Array(values))) => {
            list.one_of.as_ref().is_some_and(|wanted| values.iter().any(|value| value_matches(wanted, Some(value), depth + 1)))
        }
        (ValueMatcher { present_match: Some(wanted), .. }, value) => *wanted == value.is_some(),
        _ => false,
    }
}

/// The rule and what there is, in words.
pub(super) fn describe(wanted: &MetadataMatcher, metadata: &Metadata) -> String {
    let name = wanted.path.iter().skip(usize::from(wanted.path.len() > 1)).map(|segment| segment.key.as_str()).collect::<Vec<_>>().join(".");
    let what = if wanted.filter == "envoy.filters.http.jwt_authn" { format!("claim {name}") } else { format!("{name} of {}", wanted.filter) };
    let has = match find(wanted, metadata) {
        Some(value) => format!("{what} is {value}"),
        None if metadata.contains_key(&wanted.filter) || !what.starts_with("claim") => format!("{what} is absent"),
        None => format!("there is no verified token, so {what} is absent"),
    };
    let not = if wanted.invert { "anything but " } else { "" };
    match wanted.value.as_ref().and_then(|value| text_of(value, 0)) {
        Some(text) => format!("{has}, the rule wants {not}{text}"),
        None => format!("{has}, the rule wants something else"),
    }
}

fn text_of(value: &ValueMatcher, depth: usize) -> Option<String> {
    if depth >= MAX_DEPTH {
        return None;
    }
    if let Some(text) = &value.string_match {
        return Some(matcher::describe(text));
    }
    if let Some(element) = value.list_match.as_ref().and_then(|list| list.one_of.as_ref()) {
        return text_of(element, depth + 1);
    }
    let mut texts: Vec<String> = Vec::new();
    for text in value.or_match.iter().flat_map(|either| &either.value_matchers).filter_map(|value| text_of(value, depth + 1)) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    (!texts.is_empty()).then(|| texts.join(" or "))
}
