//! What is known of Envoy's API: every message that istiod knows, with its fields.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use crate::engine::diagnostic::closest;

static MESSAGES: &str = include_str!("tables/messages");

/// What the packages begin with that are none of Envoy's.
const OTHERS: &[&str] = &["cel", "google", "io", "istio", "opentelemetry", "stats", "udpa", "xds"];

/// A line of the table.
#[derive(Debug)]
pub(super) enum Entry {
    Message(Message),
    /// The names of its values.
    Enum(Vec<&'static str>),
}

/// A message with its fields in their order.
#[derive(Debug)]
pub(super) struct Message {
    pub package: &'static str,
    pub name: &'static str,
    /// Each name with the words for its type, empty for text.
    pub fields: Vec<(&'static str, &'static str)>,
}

/// By package, then by name.
static ENTRIES: LazyLock<HashMap<&'static str, BTreeMap<&'static str, Entry>>> = LazyLock::new(|| {
    let mut entries: HashMap<_, BTreeMap<_, _>> = HashMap::new();
    let mut package = "";
    for line in MESSAGES.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('@') {
            package = name;
            continue;
        }
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default();
        let words: Vec<&'static str> = words.collect();
        let entry = match words.as_slice() {
            ["=", values @ ..] => Entry::Enum(values.to_vec()),
            fields => Entry::Message(Message { package, name, fields: fields.iter().map(|field| field.split_once(':').unwrap_or((field, ""))).collect() }),
        };
        entries.entry(package).or_default().insert(name, entry);
    }
    entries
});

/// What a field's words refer to: a name of the same package, or `package/name`.
pub(super) fn refer(package: &'static str, words: &'static str) -> Option<&'static Entry> {
    let (package, name) = words.split_once('/').unwrap_or((package, words));
    ENTRIES.get(package)?.get(name)
}

/// The message that a patch of this kind holds.
pub(super) fn of_patch(apply_to: &str) -> Option<&'static Message> {
    let (package, name) = match apply_to {
        "CLUSTER" => ("config.cluster.v3", "Cluster"),
        "LISTENER" => ("config.listener.v3", "Listener"),
        "LISTENER_FILTER" => ("config.listener.v3", "ListenerFilter"),
        "FILTER_CHAIN" => ("config.listener.v3", "FilterChain"),
        "NETWORK_FILTER" => ("config.listener.v3", "Filter"),
        "HTTP_FILTER" => ("extensions.filters.network.http_connection_manager.v3", "HttpFilter"),
        "ROUTE_CONFIGURATION" => ("config.route.v3", "RouteConfiguration"),
        "VIRTUAL_HOST" => ("config.route.v3", "VirtualHost"),
        "HTTP_ROUTE" => ("config.route.v3", "Route"),
        "EXTENSION_CONFIG" => ("config.core.v3", "TypedExtensionConfig"),
        "BOOTSTRAP" => ("config.bootstrap.v3", "Bootstrap"),
        _ => return None,
    };
    message(package, name)
}

fn message(package: &str, name: &str) -> Option<&'static Message> {
    match ENTRIES.get(package)?.get(name)? {
        Entry::Message(message) => Some(message),
        Entry::Enum(_) => None,
    }
}

/// The name of a type within the table: without "envoy.", which all packages have but a few of others.
fn in_table(full_name: &str) -> Option<&str> {
    let is_other = |name: &str| OTHERS.iter().any(|root| name.strip_prefix(root).is_some_and(|rest| rest.starts_with('.')));
    match full_name.strip_prefix("envoy.") {
        Some(name) => Some(name).filter(|name| !is_other(name)),
        None => Some(full_name).filter(|name| is_other(name)),
    }
}

/// The message of a full name.
pub(super) fn by_full_name(name: &str) -> Option<&'static Message> {
    let rest = in_table(name)?;
    rest.match_indices('.').find_map(|(at, _)| message(&rest[..at], &rest[at + 1..]))
}

/// What is wrong with the full name of a type.
pub(super) fn unknown(name: &str) -> Option<String> {
    if by_full_name(name).is_some() || own_words(name).is_some() {
        return None;
    }
    if name.split('.').any(str::is_empty) {
        return Some(format!("{name:?} is not the name of a type; remove the extra dot"));
    }
    let own = name
        .strip_prefix("envoy.")
        .and_then(|rest| rest.match_indices('.').find_map(|(at, _)| Some((ENTRIES.get(&rest[..at])?, &rest[..at], &rest[at + 1..]))));
    match own {
        Some((entries, package, message)) => {
            let messages: Vec<&str> =
                entries.iter().filter(|(name, entry)| matches!(entry, Entry::Message(_)) && !name.contains('.')).map(|(name, _)| *name).collect();
            let hint = match closest(message, messages.iter().copied()) {
                Some(near) => format!("; did you mean {near}?"),
                None if messages.len() <= 12 => format!("; it has {}", messages.join(", ")),
                None => String::new(),
            };
            Some(format!("Envoy's API has no {message} in envoy.{package}{hint}"))
        }
        None if name.contains(".v2.") => Some(format!("{name} is of Envoy's old API v2, which is gone; use its type of v3")),
        None => Some(format!("{name:?} is no type of Envoy's API that istiod knows; check the package and its version")),
    }
}

/// The words for a message of protobuf itself, by its full name, where JSON writes it otherwise than field by field.
pub(super) fn own_words(name: &str) -> Option<&'static str> {
    Some(match name.strip_prefix("google.protobuf.")? {
        "BoolValue" => "bool",
        "BytesValue" => "bytes",
        "StringValue" => "string",
        "Int32Value" => "int32",
        "UInt32Value" => "uint32",
        "Int64Value" => "int64",
        "UInt64Value" => "uint64",
        "FloatValue" | "DoubleValue" => "double",
        "Duration" => "duration",
        "Timestamp" => "timestamp",
        "Any" => "any",
        "Struct" | "Empty" => "struct",
        "ListValue" => "list",
        "Value" => "value",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_of_the_api() {
        for known in [
            "envoy.extensions.filters.http.lua.v3.Lua",
            "envoy.config.cluster.v3.Cluster.CustomClusterType",
            "google.protobuf.Struct",
            "udpa.type.v1.TypedStruct",
        ] {
            assert_eq!(unknown(known), None, "{known}");
        }
        for (name, word) in [
            ("envoy.extensions.filters.http.lua.v3.LuaScript", "Lua"),
            ("envoy.config.filter.http.lua.v2.Lua", "v3"),
            ("envoy.nope.v3.X", "no type"),
            ("google.protobuf.Map", "no type"),
            ("config.cluster.v3.Cluster", "no type"),
        ] {
            assert!(unknown(name).is_some_and(|reason| reason.contains(word)), "{name}");
        }
    }

    #[test]
    fn every_reference_of_the_table_leads_somewhere() {
        for entry in ENTRIES.values().flat_map(BTreeMap::values) {
            let Entry::Message(message) = entry else { continue };
            for (field, words) in &message.fields {
                let inner = words.trim_start_matches(['[', '{']).trim_end_matches([']', '}']);
                let inner = inner.split_once('>').map_or(inner, |(_, value)| value);
                assert!(super::super::decode::is_scalar(inner) || refer(message.package, inner).is_some(), "{} {field}: {words}", message.name);
            }
        }
    }
}
