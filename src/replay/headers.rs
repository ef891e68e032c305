//! Headers on both sides: the configuration's are compared, those that every Envoy sets of itself are not.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::envoy::UpstreamRequest;

/// Headers of an answer that Envoy sets of itself.
pub const RESPONSE_NOISE: &[&str] =
    &["connection", "content-length", "content-type", "date", "server", "transfer-encoding", "vary", "x-envoy-upstream-service-time"];
/// Headers of a request that Envoy sets of itself, about the connection and for tracing.
pub const REQUEST_NOISE: &[&str] = &[
    "connection",
    "content-length",
    "te",
    "transfer-encoding",
    "x-b3-sampled",
    "x-b3-spanid",
    "x-b3-traceid",
    ATTEMPTS,
    "x-envoy-decorator-operation",
    TIME_LEFT,
    "x-envoy-external-address",
    "x-envoy-internal",
    "x-envoy-peer-metadata",
    "x-envoy-peer-metadata-id",
    "x-forwarded-client-cert",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-request-id",
];
/// How often Envoy has tried.
pub(super) const ATTEMPTS: &str = "x-envoy-attempt-count";
/// How long Envoy waits.
pub(super) const TIME_LEFT: &str = "x-envoy-expected-rq-timeout-ms";
/// What the engine writes where only the connection knows the value.
const UNKNOWN: &str = "(hash)";

/// Each computed header must be there, and nothing else but noise.
pub(super) fn differences(what: &str, computed: &BTreeMap<String, String>, seen: &BTreeMap<String, String>, noise: &[&str]) -> Vec<String> {
    let names: BTreeSet<&String> = computed.keys().chain(seen.keys()).collect();
    let mut found = Vec::new();
    for name in names {
        match (computed.get(name), seen.get(name)) {
            (Some(wanted), Some(got)) if is_same(wanted, got) => {}
            (None, Some(_)) if noise.contains(&name.as_str()) => {}
            (wanted, got) => {
                let told = |value: Option<&String>| value.map_or_else(|| "none".to_owned(), |value| format!("{value:?}"));
                found.push(format!("{what} {name}: computed {}, real {}", told(wanted), told(got)));
            }
        }
    }
    found
}

/// What differs between a request as it was computed to arrive and one that did.
pub(super) fn request_differences(computed: &UpstreamRequest, seen: &UpstreamRequest) -> Vec<String> {
    let mut found = Vec::new();
    for (what, wanted, got) in
        [("method", &computed.method, &seen.method), ("authority", &computed.authority, &seen.authority), ("path", &computed.path, &seen.path)]
    {
        if wanted != got {
            found.push(format!("{what} at the backend: computed {wanted}, real {got}"));
        }
    }
    found.extend(differences("request header", &computed.headers, &seen.headers, REQUEST_NOISE));
    found
}

/// The noise that is there and that the caller did not send.
pub(super) fn noise_in<'a>(seen: &'a BTreeMap<String, String>, noise: &[&str], sent: &BTreeMap<String, String>) -> Vec<&'a str> {
    seen.keys().map(String::as_str).filter(|name| noise.contains(name) && !sent.contains_key(*name)).collect()
}

fn is_same(computed: &str, seen: &str) -> bool {
    match computed.split_once(UNKNOWN) {
        Some((before, after)) => seen.len() >= before.len() + after.len() && seen.starts_with(before) && seen.ends_with(after),
        None => computed == seen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_header_too_many_differs_and_noise_does_not() {
        let said = differences("header", &map(&[("x-a", "1")]), &map(&[("x-a", "1"), ("x-b", "2"), ("date", "now")]), RESPONSE_NOISE);
        assert_eq!(said, ["header x-b: computed none, real \"2\""]);
        assert!(differences("header", &map(&[("set-cookie", "a=\"(hash)\"; Path=/")]), &map(&[("set-cookie", "a=\"9f\"; Path=/")]), &[]).is_empty());
    }
}
