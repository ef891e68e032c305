//! How a waypoint's inner listener finds its filter chain: a tree of matchers (`pilot/pkg/networking/core/match/match.go`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// By the address that the connection was going to.
pub(super) fn by_address(ranges: Vec<Value>) -> Value {
    json!({"matcherTree": {
        "input": input("ip", "DestinationIPInput"),
        "customMatch": {"name": "ip", "typedConfig": {"@type": "type.googleapis.com/xds.type.matcher.v3.IPMatcher", "rangeMatchers": ranges}},
    }})
}

/// What holds for some addresses, or ranges of them.
pub(super) fn of_range(addresses: &[&str], matcher: Value) -> Value {
    let range = |address: &&str| {
        let (prefix, bits) = address.split_once('/').map_or((*address, None), |(prefix, bits)| (prefix, bits.parse().ok()));
        let all = if prefix.contains(':') { 128 } else { 32 };
        json!({"addressPrefix": prefix, "prefixLen": bits.unwrap_or(all)})
    };
    json!({"ranges": addresses.iter().map(range).collect::<Vec<_>>(), "onMatch": {"matcher": matcher}})
}

/// By the port.
pub(super) fn by_port(ports: BTreeMap<String, Value>) -> Value {
    json!({"matcherTree": {"input": input("port", "DestinationPortInput"), "exactMatchMap": {"map": ports.into_iter().collect::<Map<_, _>>()}}})
}

/// By what is spoken: HTTP of either version, or anything else.
pub(super) fn by_protocol(tcp: &str, http: &str) -> Value {
    json!({
        "matcherTree": {
            "input": input("application-protocol", "ApplicationProtocolInput"),
            "exactMatchMap": {"map": {"'h2c'": to_chain(http), "'http/1.1'": to_chain(http)}},
        },
        "onNoMatch": to_chain(tcp),
    })
}

/// The chain of a name.
pub(super) fn to_chain(name: &str) -> Value {
    json!({"action": {"name": name, "typedConfig": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": name}}})
}

fn input(name: &str, message: &str) -> Value {
    json!({"name": name, "typedConfig": {"@type": format!("type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.{message}")}})
}
