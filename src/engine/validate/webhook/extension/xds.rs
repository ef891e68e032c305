//! The value of a patch: a message of Envoy's API in JSON (`xds.BuildXDSObjectFromStruct`).
//!
//! istiod refuses a value whose `@type` it does not know, and warns of fields that the patched message does not have.
//! What stands deeper is not looked at here.

use crate::engine::{
    diagnostic::closest,
    validate::webhook::part::{Context, Part},
};

static TYPES: &str = include_str!("tables/xds.types");
static FIELDS: &str = include_str!("tables/xds.fields");

/// Types that istiod knows beside Envoy's own v3 API.
const OTHERS: &[&str] = &[
    "envoy.tcp.metadataexchange.config.MetadataExchange",
    "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig",
    "istio.envoy.config.filter.http.jwt_auth.v2alpha1.JwtAuthentication",
    "istio.envoy.config.filter.network.tcp_cluster_rewrite.v2alpha1.TcpClusterRewrite",
    "stats.PluginConfig",
];

/// Judges the value of a patch to what `apply_to` names.
pub(super) fn check(context: &mut Context<'_, '_>, apply_to: &str, value: &Part<'_>) {
    let fields = FIELDS.lines().find_map(|line| line.strip_prefix(apply_to)?.strip_prefix(' '));
    for (name, part) in value.entries() {
        let Some(fields) = fields else { break };
        if name != "@type" && !fields.split(' ').any(|field| field == snake(name)) {
            let hint = closest(&snake(name), fields.split(' ')).map_or_else(String::new, |near| format!("; did you mean {near}?"));
            context.warn(&part, format!("Envoy has no field {name:?} here, so it is ignored{hint}"));
        }
    }
    check_types(context, value, 0);
}

/// Names are taken in lowerCamelCase too.
fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Every `@type` at any depth; what a `TypedStruct` holds is Envoy's affair.
fn check_types(context: &mut Context<'_, '_>, part: &Part<'_>, depth: usize) {
    // The reader of manifests nests no deeper.
    if depth > 200 {
        return;
    }
    let kind = part.get("@type");
    if kind.is_set() {
        let name = kind.text().rsplit('/').next().unwrap_or_default();
        if let Some(reason) = unknown(name) {
            context.refuse(&kind, reason);
        }
        if name.ends_with(".TypedStruct") {
            return;
        }
    }
    for (key, _) in part.entries() {
        check_types(context, &part.get(key), depth + 1);
    }
    for item in part.items() {
        check_types(context, &item, depth + 1);
    }
}

/// What is wrong with the name of a type.
fn unknown(name: &str) -> Option<String> {
    let is_common = ["google.protobuf.", "xds.", "udpa.", "io.istio."].iter().any(|prefix| name.starts_with(prefix));
    if is_common || OTHERS.contains(&name) {
        return None;
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
        None => Some(format!("{name} is no type of Envoy's API that istiod knows; check the package and its version")),
    }
}

#[cfg(test)]
mod tests {
    use super::unknown;

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
}
