//! Two values of JSON, field by field.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// So many fields of one thing are told.
const MOST: usize = 50;
/// Nothing is compared below that depth; what differs there is told as a whole.
const DEEPEST: usize = 48;
/// So much is told of a value.
const LONGEST: usize = 200;
/// Longer lists without names are compared place by place, which costs less.
const LONGEST_LIST: usize = 200;
/// Lists whose order decides, though their items have names.
const ORDERED: [&str; 4] = ["routes", "httpFilters", "filters", "filterChains"];

/// A field that is otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// For example `virtualHosts[reviews:9080].routes[0].route.cluster`.
    pub path: String,
    /// None where the field is new.
    pub before: Option<String>,
    /// None where the field is gone.
    pub now: Option<String>,
}

/// What differs, and how many more fields do.
pub(super) fn changes(before: &Value, now: &Value) -> (Vec<FieldChange>, usize) {
    let mut found = Found::default();
    found.compare("", before, now, 0);
    (found.changes, found.omitted)
}

#[derive(Default)]
struct Found {
    changes: Vec<FieldChange>,
    omitted: usize,
}

impl Found {
    fn add(&mut self, path: &str, before: Option<&Value>, now: Option<&Value>) {
        self.say(path, before.map(short), now.map(short));
    }

    fn say(&mut self, path: &str, before: Option<String>, now: Option<String>) {
        if self.changes.len() < MOST {
            self.changes.push(FieldChange { path: path.to_owned(), before, now });
        } else {
            self.omitted += 1;
        }
    }

    fn compare(&mut self, path: &str, before: &Value, now: &Value, depth: usize) {
        match (before, now) {
            _ if before == now => {}
            _ if depth == DEEPEST => self.add(path, Some(before), Some(now)),
            (Value::Object(a), Value::Object(b)) => {
                let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                for name in names {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    match (a.get(name), b.get(name)) {
                        (Some(a), Some(b)) => self.compare(&path, a, b, depth + 1),
                        (a, b) => self.add(&path, a, b),
                    }
                }
            }
            (Value::Array(a), Value::Array(b)) => self.lists(path, a, b, depth),
            _ => self.add(path, Some(before), Some(now)),
        }
    }

    fn lists(&mut self, path: &str, before: &[Value], now: &[Value], depth: usize) {
        match (names(before), names(now)) {
            (Some(a), Some(b)) => self.named(path, (&a, before), (&b, now), depth),
            _ => self.aligned(path, before, now, depth),
        }
    }

    /// Items that have names are compared with those of the same name, wherever they stand.
    fn named(&mut self, path: &str, (a, before): (&[String], &[Value]), (b, now): (&[String], &[Value]), depth: usize) {
        let place: BTreeMap<&String, &Value> = b.iter().zip(now).collect();
        let old: BTreeMap<&String, &Value> = a.iter().zip(before).collect();
        for (name, value) in a.iter().zip(before) {
            let path = format!("{path}[{name}]");
            match place.get(name) {
                Some(other) => self.compare(&path, value, other, depth + 1),
                None => self.add(&path, Some(value), None),
            }
        }
        for (name, value) in b.iter().zip(now).filter(|(name, _)| !old.contains_key(name)) {
            self.add(&format!("{path}[{name}]"), None, Some(value));
        }
        let field = path.rsplit('.').next().unwrap_or_default();
        let common = |names: &[String], other: &dyn Fn(&String) -> bool| names.iter().filter(|name| other(name)).cloned().collect::<Vec<_>>();
        let (was, is) = (common(a, &|name| place.contains_key(name)), common(b, &|name| old.contains_key(name)));
        if was != is && ORDERED.contains(&field) {
            self.say(&format!("{path} in this order"), Some(cut(&was.join(", "))), Some(cut(&is.join(", "))));
        }
    }

    /// Items without names: those that stay keep their order, what stands between them is compared in turn.
    fn aligned(&mut self, path: &str, before: &[Value], now: &[Value], depth: usize) {
        let (mut at, mut other) = (0, 0);
        for (a, b) in kept(before, now).into_iter().chain([(before.len(), now.len())]) {
            while at < a || other < b {
                let (old, new) = (before.get(at).filter(|_| at < a), now.get(other).filter(|_| other < b));
                match (old, new) {
                    (Some(old), Some(new)) => self.compare(&format!("{path}[{other}]"), old, new, depth + 1),
                    (Some(_), None) => self.add(&format!("{path}[{at}]"), old, None),
                    (None, _) => self.add(&format!("{path}[{other}]"), None, new),
                }
                at += usize::from(old.is_some());
                other += usize::from(new.is_some());
            }
            at = a + 1;
            other = b + 1;
        }
    }
}

/// The names of all items; none where one has none, or two have the same.
fn names(items: &[Value]) -> Option<Vec<String>> {
    let names: Vec<String> = items.iter().map(name).collect::<Option<_>>()?;
    let different: HashSet<&String> = names.iter().collect();
    (different.len() == names.len()).then_some(names)
}

/// What an item is known by: its name, that of its header, or its address.
fn name(item: &Value) -> Option<String> {
    let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let address = || {
        let socket = item.pointer("/endpoint/address/socketAddress")?;
        Some(format!("{}:{}", socket.get("address")?.as_str()?, socket.get("portValue")?))
    };
    let locality = || item.get("locality").map(|locality| format!("locality {}", locality.to_string().replace(['{', '}', '"'], "")));
    text("/name").or_else(|| text("/clusterName")).or_else(|| text("/header/key")).or_else(address).or_else(locality)
}

/// The longest sequence of equal items, as pairs of places.
fn kept(before: &[Value], now: &[Value]) -> Vec<(usize, usize)> {
    if before.len() > LONGEST_LIST || now.len() > LONGEST_LIST {
        return before.iter().zip(now).enumerate().filter(|(_, (a, b))| a == b).map(|(at, _)| (at, at)).collect();
    }
    let words = |items: &[Value]| items.iter().map(Value::to_string).collect::<Vec<_>>();
    let stays = |op| match op {
        DiffOp::Equal { old_index, new_index, len } => (old_index..old_index + len).zip(new_index..),
        _ => (0..0).zip(0..),
    };
    capture_diff_slices(Algorithm::Lcs, &words(before), &words(now)).into_iter().flat_map(stays).collect()
}

/// A value in one line.
fn short(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text),
        other => cut(&other.to_string()),
    }
}

pub(super) fn cut(text: &str) -> String {
    if text.chars().count() > LONGEST { text.chars().take(LONGEST - 1).chain(['…']).collect() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(before: &Value, now: &Value) -> Vec<String> {
        let words = |change: FieldChange| format!("{}: {} → {}", change.path, change.before.unwrap_or("–".into()), change.now.unwrap_or("–".into()));
        changes(before, now).0.into_iter().map(words).collect()
    }

    #[test]
    fn fields_are_told_by_their_paths() {
        let before = json!({"a": {"b": 1, "c": "x"}, "d": [1]});
        assert_eq!(told(&before, &before), Vec::<String>::new());
        assert_eq!(told(&before, &json!({"a": {"b": 2}, "d": [1], "e": true})), ["a.b: 1 → 2", "a.c: x → –", "e: – → true"]);
        assert_eq!(told(&json!({"a": {}}), &json!({"a": []})), ["a: {} → []"]);
    }

    #[test]
    fn things_with_names_are_compared_wherever_they_stand() {
        let hosts = |items: Value| json!({"virtualHosts": items});
        let (a, b) = (json!({"name": "a", "x": 1}), json!({"name": "b", "x": 2}));
        assert_eq!(told(&hosts(json!([a, b])), &hosts(json!([b, a]))), Vec::<String>::new());
        assert_eq!(told(&hosts(json!([a, b])), &hosts(json!([b, {"name": "a", "x": 3}]))), ["virtualHosts[a].x: 1 → 3"]);
        assert_eq!(told(&hosts(json!([a])), &hosts(json!([b]))), [r#"virtualHosts[a]: {"name":"a","x":1} → –"#, r#"virtualHosts[b]: – → {"name":"b","x":2}"#]);
        // The first route that matches decides.
        assert_eq!(told(&json!({"routes": [a, b]}), &json!({"routes": [b, a]})), ["routes in this order: a, b → b, a"]);
        let endpoint = |address: &str| json!({"endpoint": {"address": {"socketAddress": {"address": address, "portValue": 80}}}});
        assert_eq!(told(&json!([endpoint("1"), endpoint("2")]), &json!([endpoint("2"), endpoint("1")])), Vec::<String>::new());
    }

    #[test]
    fn of_things_without_names_those_that_stay_are_not_told() {
        assert_eq!(told(&json!({"r": [1, 2, 3]}), &json!({"r": [0, 1, 2, 3]})), ["r[0]: – → 0"]);
        assert_eq!(told(&json!({"r": [1, 2, 3]}), &json!({"r": [1, 3]})), ["r[1]: 2 → –"]);
        assert_eq!(told(&json!({"r": [{"x": 1}, 2]}), &json!({"r": [{"x": 9}, 2]})), ["r[0].x: 1 → 9"]);
        // Two of one name are no names.
        let same = json!({"name": "default", "x": 1});
        assert_eq!(told(&json!([same, same]), &json!([same, {"name": "default", "x": 2}])), ["[1].x: 1 → 2"]);
    }

    #[test]
    fn what_is_told_is_bounded() {
        let many = |from: u32| Value::Object((0..200).map(|n| (format!("k{n}"), json!(n + from))).collect());
        let (told, omitted) = changes(&many(0), &many(1));
        assert_eq!((told.len(), omitted), (MOST, 150));
        let (told, _) = changes(&json!("é".repeat(500)), &json!(1));
        assert_eq!(told[0].before.as_deref().map(|text| text.chars().count()), Some(LONGEST));
        let deep = |leaf: u32| (0..100).fold(json!(leaf), |inner, _| json!([inner]));
        assert_eq!(changes(&deep(1), &deep(2)).0.len(), 1);
        let long = |first: u32| Value::Array((0..1000).map(|n| json!(n + first)).collect());
        assert_eq!(changes(&long(0), &long(1)).0.len(), MOST);
    }
}
