//! What is known of Envoy's API: messages with their fields, and beyond those the names of the rest.

use std::{collections::HashMap, sync::LazyLock};

use crate::engine::diagnostic::closest;

static MESSAGES: &str = include_str!("tables/messages");
static TYPES: &str = include_str!("tables/types");

/// Types that istiod knows beside Envoy's own v3 API.
const OTHERS: &[&str] = &[
    "envoy.tcp.metadataexchange.config.MetadataExchange",
    "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig",
    "istio.envoy.config.filter.http.jwt_auth.v2alpha1.JwtAuthentication",
    "istio.envoy.config.filter.network.tcp_cluster_rewrite.v2alpha1.TcpClusterRewrite",
    "stats.PluginConfig",
];

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
static ENTRIES: LazyLock<HashMap<&'static str, HashMap<&'static str, Entry>>> = LazyLock::new(|| {
    let mut entries: HashMap<_, HashMap<_, _>> = HashMap::new();
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

/// The message of a full name, where its fields are known.
pub(super) fn by_full_name(name: &str) -> Option<&'static Message> {
    let rest = name.strip_prefix("envoy.").unwrap_or(name);
    rest.match_indices('.').find_map(|(at, _)| message(&rest[..at], &rest[at + 1..]))
}

/// What is wrong with the full name of a type.
pub(super) fn unknown(name: &str) -> Option<String> {
    let is_common = ["google.protobuf.", "xds.", "udpa.", "io.istio."].iter().any(|prefix| name.starts_with(prefix));
    if is_common || OTHERS.contains(&name) || by_full_name(name).is_some() {
        return None;
    }
    if name.split('.').any(str::is_empty) {
        return Some(format!("{name:?} is not the name of a type; remove the extra dot"));
    }
    // A nested message is as known as the one around it.
    let packages = || TYPES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '));
    let own = name
        .strip_prefix("envoy.")
        .and_then(|rest| packages().find_map(|(package, messages)| Some((package, messages, rest.strip_prefix(package)?.strip_prefix('.')?))));
    match own {
        Some((package, messages, message)) => {
            let message = message.split('.').next().unwrap_or_default();
            if messages.split(' ').any(|known| known == message) {
                return None;
            }
            let hint =
                closest(message, messages.split(' ')).map_or_else(|| format!("it has {}", messages.replace(' ', ", ")), |near| format!("did you mean {near}?"));
            Some(format!("Envoy's API has no {message} in envoy.{package}; {hint}"))
        }
        None if name.contains(".v2.") => Some(format!("{name} is of Envoy's old API v2, which is gone; use its type of v3")),
        None => Some(format!("{name:?} is no type of Envoy's API that istiod knows; check the package and its version")),
    }
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
        for (name, word) in
            [("envoy.extensions.filters.http.lua.v3.LuaScript", "Lua"), ("envoy.config.filter.http.lua.v2.Lua", "v3"), ("envoy.nope.v3.X", "no type")]
        {
            assert!(unknown(name).is_some_and(|reason| reason.contains(word)), "{name}");
        }
    }

    #[test]
    fn every_reference_of_the_table_leads_somewhere() {
        for entry in ENTRIES.values().flat_map(HashMap::values) {
            let Entry::Message(message) = entry else { continue };
            for (field, words) in &message.fields {
                let inner = words.trim_start_matches(['[', '{']).trim_end_matches([']', '}']);
                let inner = inner.split_once('>').map_or(inner, |(_, value)| value);
                assert!(super::super::decode::is_scalar(inner) || refer(message.package, inner).is_some(), "{} {field}: {words}", message.name);
            }
        }
    }
}
