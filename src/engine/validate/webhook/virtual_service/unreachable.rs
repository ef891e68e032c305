//! Rules and matches that can never be reached because earlier ones take their requests
//! (`analyzeUnreachableHTTPRules` and its siblings; warnings, never refusals).

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::super::part::{Context, Part};
use crate::engine::diagnostic::{
    Code,
    istio::{IST0130, IST0131},
};

/// A rule that no request can reach.
const UNREACHABLE: &Code = &IST0130;
/// A match that another one before it covers.
const INEFFECTIVE: &Code = &IST0131;

/// Judges the routes of each protocol by themselves.
pub(super) fn check(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    let prefixes = check_duplicates(context, &spec.get("http"), true);
    check_prefixes(context, &prefixes);
    check_duplicates(context, &spec.get("tcp"), false);
    check_duplicates(context, &spec.get("tls"), false);
}

/// A match by prefix, in the terms in which istiod compares two of them.
struct PrefixMatch<'n> {
    rule: String,
    name: String,
    part: Part<'n>,
    prefix: &'n str,
    port: i64,
    method: String,
    authority: String,
    maps: [BTreeMap<&'n str, String>; 3],
}

fn check_duplicates<'n>(context: &mut Context<'_, '_>, routes: &Part<'n>, is_http: bool) -> Vec<PrefixMatch<'n>> {
    if routes.items().map(|route| route.get("match").len().max(1)).sum::<usize>() < 2 {
        return Vec::new();
    }
    let mut seen: HashMap<Map<String, Value>, String> = HashMap::new();
    let mut prefixes = Vec::new();
    let mut has_catch_all = false;
    for (at, route) in routes.items().enumerate() {
        let rule = label(&route, at, is_http);
        let requests = route.get("match");
        if !requests.is_set() {
            if has_catch_all {
                context.warn_under(UNREACHABLE, &route, format!("rule {rule} is never used: an earlier rule without match takes every request"));
            }
            has_catch_all = true;
            continue;
        }
        let mut repeated = 0;
        for (number, request) in requests.items().enumerate() {
            let name = label(&request, number, is_http);
            let key = canonical(&request, is_http);
            if let Some(first) = seen.get(&key) {
                context.warn_under(INEFFECTIVE, &request, format!("match {name} of rule {rule} is never used: rule {first} has the same"));
                repeated += 1;
                continue;
            }
            seen.insert(key, rule.clone());
            if is_http && !request.get("uri").get("prefix").text().is_empty() {
                prefixes.push(PrefixMatch::new(rule.clone(), name, request));
            }
        }
        if repeated == requests.len() {
            context.warn_under(UNREACHABLE, &route, format!("rule {rule} is never used: earlier rules have all its matches"));
        }
    }
    prefixes
}

/// A match without its name and without what says nothing.
fn canonical(request: &Part<'_>, is_http: bool) -> Map<String, Value> {
    let says_something = |(name, value): &(&str, Value)| match value {
        Value::Array(items) => !items.is_empty(),
        // An empty map is as good as none; an empty text match asks for presence.
        Value::Object(entries) => !entries.is_empty() || !matches!(*name, "headers" | "withoutHeaders" | "queryParams" | "sourceLabels"),
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Null => false,
        Value::Bool(value) => *value,
    };
    let fields = request.entries().filter(|(name, _)| !(is_http && *name == "name")).map(|(name, value)| (name, value.to_json()));
    fields.filter(says_something).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Past this many matches by prefix, pairs are no longer compared.
const COMPARED: usize = 500;

fn check_prefixes(context: &mut Context<'_, '_>, prefixes: &[PrefixMatch<'_>]) {
    if prefixes.len() > COMPARED {
        return;
    }
    for (at, first) in prefixes.iter().enumerate() {
        for second in &prefixes[at + 1..] {
            if first.prefix != second.prefix && first.covers(second) {
                let message = format!(
                    "match {} (prefix {}) of rule {} is never used: match {} (prefix {}) of rule {} comes first",
                    second.name, second.prefix, second.rule, first.name, first.prefix, first.rule
                );
                context.warn_under(INEFFECTIVE, &second.part, message);
            }
        }
    }
}

impl<'n> PrefixMatch<'n> {
    fn new(rule: String, name: String, part: Part<'n>) -> Self {
        let map = |key: &'static str| part.get(key).entries().map(|(key, value)| (key, form(&value))).collect();
        let method = form(&part.get("method"));
        Self {
            rule,
            name,
            prefix: part.get("uri").get("prefix").text(),
            port: part.get("port").whole(),
            // istiod compares as if an absent method were GET.
            method: if method.is_empty() { "exact:GET".into() } else { method },
            authority: form(&part.get("authority")),
            maps: [map("headers"), map("queryParams"), map("withoutHeaders")],
            part,
        }
    }

    /// `coveredValidation`.
    fn covers(&self, other: &Self) -> bool {
        let is_same_map = |a: &BTreeMap<&str, String>, b: &BTreeMap<&str, String>| {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| value.starts_with(other.as_str())))
        };
        other.prefix.starts_with(self.prefix)
            && self.port == other.port
            && self.method.starts_with(&other.method)
            && self.authority.starts_with(&other.authority)
            && self.maps.iter().zip(&other.maps).all(|(a, b)| is_same_map(a, b))
    }
}

/// A text match as istiod compares it; a regular expression counts as nothing.
fn form(part: &Part<'_>) -> String {
    let (exact, prefix) = (part.get("exact").text(), part.get("prefix").text());
    if !exact.is_empty() {
        format!("exact:{exact}")
    } else if !prefix.is_empty() {
        format!("prefix:{prefix}")
    } else {
        String::new()
    }
}

/// A rule or match by its name, else by its number.
fn label(part: &Part<'_>, at: usize, is_http: bool) -> String {
    let name = part.get("name").text();
    if is_http && !name.is_empty() { format!("{name:?}") } else { format!("#{at}") }
}
