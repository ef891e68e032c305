//! Which listeners Envoy refuses for what their filter chains match. `tests/replay/refusal.rs` asks a real one about the same listeners.

use meshwright::engine::{
    envoy::{CallError, refusal},
    xds::{Listener, ProxyConfig},
};
use serde_json::{Value, json};

use super::{cluster, config, listener, run, shares, tcp_chain};

/// A listener by what its chains match.
pub struct Case {
    pub name: String,
    matches: Vec<Value>,
    /// A part of Envoy's complaint, and a part of ours; none where it is taken.
    pub refused: Option<(&'static str, &'static str)>,
}

impl Case {
    /// As JSON, at a port of its own.
    pub fn listener(&self, port: u32) -> Value {
        let chain = |wants: &Value| {
            let mut chain = tcp_chain("a");
            chain["filterChainMatch"] = wants.clone();
            chain
        };
        listener("0.0.0.0", port, &self.matches.iter().map(chain).collect())
    }
}

const SAME: &str = "the same matching rules defined";
const OVERLAP: &str = "multiple filter chains with overlapping matching rules";

/// One server name at some ranges of addresses.
fn at(ranges: &[(&str, u32)]) -> Value {
    let ranges: Vec<Value> = ranges.iter().map(|(address, bits)| json!({"addressPrefix": address, "prefixLen": bits})).collect();
    json!({"serverNames": ["a.io"], "prefixRanges": ranges})
}

fn names(names: &[&str]) -> Value {
    json!({"serverNames": names})
}

pub fn cases() -> Vec<Case> {
    let protocols = |protocols: &[&str]| json!({"applicationProtocols": protocols});
    let transport = |transport: &str| json!({"serverNames": ["a.io"], "transportProtocol": transport});
    let port = |port: u32| json!({"destinationPort": port, "serverNames": ["a.io"]});
    let from = |address: &str, bits: u32| json!({"sourcePrefixRanges": [{"addressPrefix": address, "prefixLen": bits}]});
    let many = |last: Value| (0..60).map(|at| names(&[&format!("n{at}.io"), &format!("m{at}.io")])).chain([last]).collect::<Vec<_>>();
    let refused: Vec<(&str, Vec<Value>, &'static str, &'static str)> = vec![
        ("two that say nothing", vec![json!({}), json!({})], SAME, "both take every connection"),
        ("two that say the same", vec![at(&[("10.0.0.0", 8)]), at(&[("10.0.0.0", 8)])], SAME, "with the server name a.io to 10.0.0.0/8"),
        ("one of two server names", vec![names(&["a.io", "b.io"]), names(&["c.io", "b.io"])], OVERLAP, "with the server name b.io"),
        ("one of two ranges", vec![at(&[("10.0.0.0", 8), ("192.0.2.0", 24)]), at(&[("192.0.2.0", 24)])], OVERLAP, "with the server name a.io to 192.0.2.0/24"),
        ("one range, written in two ways", vec![at(&[("10.1.2.3", 8)]), at(&[("10.0.0.0", 8)])], OVERLAP, "to 10.0.0.0/8"),
        ("more bits than there are", vec![at(&[("10.1.2.3", 32)]), at(&[("10.1.2.3", 40)])], OVERLAP, "to 10.1.2.3/32"),
        (
            "no bits at all",
            vec![json!({"prefixRanges": [{"addressPrefix": "10.1.2.3"}]}), json!({"prefixRanges": [{"addressPrefix": "0.0.0.0", "prefixLen": 0}]})],
            OVERLAP,
            "to 0.0.0.0/0",
        ),
        ("capital letters", vec![names(&["a.io"]), names(&["A.IO"])], OVERLAP, "with the server name a.io"),
        ("one of two wildcards", vec![names(&["*.a.io"]), names(&["b.io", "*.A.io"])], OVERLAP, "with the server name *.a.io"),
        ("a wildcard, stored as it is written elsewhere", vec![names(&["*.a.io"]), names(&[".a.io"])], OVERLAP, "with the server name *.a.io"),
        ("one of two protocols", vec![protocols(&["h2", "http/1.1"]), protocols(&["istio", "http/1.1"])], OVERLAP, "with the application protocol http/1.1"),
        ("one source", vec![from("10.1.0.0", 8), from("10.2.0.0", 8)], OVERLAP, "from 10.0.0.0/8"),
        ("one port", vec![port(80), json!({"destinationPort": 80, "serverNames": ["b.io", "a.io"]})], OVERLAP, "to port 80"),
        ("the first and the third", vec![names(&["a.io"]), names(&["b.io"]), names(&["a.io", "c.io"])], OVERLAP, "filter chain 0 and filter chain 2 overlap"),
        ("one that says a name twice", vec![names(&["a.io", "A.io"])], OVERLAP, "filter chain 0 overlaps itself, for it is for the server name a.io twice"),
        ("one that says a range twice", vec![at(&[("10.0.0.0", 8), ("10.9.9.9", 8)])], OVERLAP, "for it is for the addresses 10.0.0.0/8 twice"),
        ("one that says a protocol twice", vec![protocols(&["h2", "h2"])], OVERLAP, "for it is for the application protocol h2 twice"),
        ("a star for a part of a label", vec![names(&["*-x.a.io"])], "partial wildcards are not supported", "filter chain 0 is for the server name *-x.a.io"),
        ("a star alone", vec![names(&["b.io", "*"])], "partial wildcards are not supported", "is for the server name *,"),
        (
            "no address",
            vec![json!({"prefixRanges": [{"addressPrefix": "10.0.0", "prefixLen": 8}]})],
            "malformed IP address",
            "the address \"10.0.0\", which is none",
        ),
        ("one of many", many(names(&["z.io", "m41.io"])), OVERLAP, "filter chain 41 and filter chain 60 overlap"),
    ];
    let taken: Vec<(&str, Vec<Value>)> = vec![
        ("one that says nothing", vec![json!({})]),
        ("a narrower range", vec![at(&[("10.0.0.0", 8)]), at(&[("10.0.0.0", 16)])]),
        ("a range and every address", vec![at(&[("10.0.0.0", 8)]), names(&["a.io"])]),
        ("a range of all addresses and every address", vec![at(&[("0.0.0.0", 0)]), names(&["a.io"])]),
        ("a wildcard and a name in it", vec![names(&["*.a.io"]), names(&["b.a.io", "a.io"])]),
        ("a wildcard in a wildcard", vec![names(&["*.a.io"]), names(&["*.b.a.io"])]),
        ("a star further behind", vec![names(&["*.*.io"])]),
        ("a name and every name", vec![names(&["a.io"]), json!({})]),
        ("two ports and every port", vec![port(80), port(81), names(&["a.io"])]),
        ("two transports and every transport", vec![transport("tls"), transport("raw_buffer"), transport("")]),
        ("two protocols and every protocol", vec![protocols(&["h2"]), protocols(&["http/1.1"]), json!({})]),
        ("two sources", vec![from("10.0.0.0", 8), from("11.0.0.0", 8)]),
        (
            "a name and a range each",
            vec![at(&[("10.0.0.0", 8)]), json!({"serverNames": ["b.io"], "prefixRanges": [{"addressPrefix": "10.0.0.0", "prefixLen": 8}]})],
        ),
        ("many", many(names(&["z.io", "y.io"]))),
    ];
    let refused = refused.into_iter().map(|(name, matches, theirs, ours)| Case { name: name.into(), matches, refused: Some((theirs, ours)) });
    refused.chain(taken.into_iter().map(|(name, matches)| Case { name: name.into(), matches, refused: None })).collect()
}

fn reason(listener: &Value) -> Option<String> {
    let listener: Listener = serde_json::from_value(listener.clone()).unwrap();
    refusal(&listener).map(|refusal| refusal.reason)
}

#[test]
fn chains_that_share_a_value_of_each_kind_are_refused() {
    for case in cases() {
        let (reason, wanted) = (reason(&case.listener(81)), case.refused.map(|(_, ours)| ours));
        match wanted {
            Some(part) => assert!(reason.as_ref().is_some_and(|reason| reason.contains(part)), "{}: {reason:?}", case.name),
            None => assert_eq!(reason, None, "{}", case.name),
        }
    }
}

#[test]
fn ranges_of_ipv6_are_told_apart_by_the_bits_that_count() {
    let at = |address: &str, bits: u32| json!({"prefixRanges": [{"addressPrefix": address, "prefixLen": bits}]});
    let listener = |first, second| Case { name: String::new(), matches: vec![first, second], refused: None }.listener(81);
    assert!(reason(&listener(at("2001:db8::1", 32), at("2001:db8::", 32))).is_some());
    assert_eq!(reason(&listener(at("2001:db8::1", 128), at("2001:db8::2", 128))), None);
    assert_eq!(reason(&listener(at("::", 0), at("0.0.0.0", 0))), None);
}

/// A listener that names its chains by a tree of matchers does not read what the chains match.
#[test]
fn with_a_matcher_of_the_listener_nothing_is_compared() {
    let mut listener = listener("0.0.0.0", 81, &json!([tcp_chain("a"), tcp_chain("b")]));
    assert!(reason(&listener).is_some());
    listener["filterChainMatcher"] = json!({});
    assert_eq!(reason(&listener), None);
}

fn proxy(listeners: &Value) -> ProxyConfig {
    config(&json!({"listeners": listeners, "routes": [], "clusters": [cluster("a", 1), cluster("b", 1)], "endpoints": []}))
}

#[test]
fn connections_pass_a_refused_listener_by() {
    let twice = json!([tcp_chain("a"), tcp_chain("a")]);
    let passed_on =
        json!({"name": "virtualOutbound", "address": {"socketAddress": {"address": "0.0.0.0", "portValue": 15001}}, "filterChains": [tcp_chain("b")]});
    let call = json!({"address": "10.0.0.9", "port": 81, "protocol": "tcp"});
    let outcome = run(&proxy(&json!([listener("10.0.0.9", 81, &twice), listener("0.0.0.0", 81, &json!([tcp_chain("b")])), passed_on])), &call);
    assert_eq!((outcome.listener.as_str(), shares(&outcome)), ("0.0.0.0_81", vec![("b", 1.0)]));
    let told: Vec<_> = outcome.trace.iter().map(|step| (step.subject.as_str(), step.reason.as_str())).take(3).collect();
    assert_eq!(
        told,
        [
            (
                "10.0.0.9_81",
                "Envoy refuses this listener, so it is as if it had not been pushed: filter chain 0 and filter chain 1 overlap, for both take every connection."
            ),
            ("filter chain 0 of 10.0.0.9_81", "this is the chain that filter chain 1 overlaps."),
            ("0.0.0.0_81", "it takes port 81 for every address, and no other listener is for 10.0.0.9 alone."),
        ]
    );
    let outcome = run(&proxy(&json!([listener("10.0.0.9", 81, &twice), passed_on])), &call);
    assert_eq!(outcome.listener, "virtualOutbound");
    assert!(outcome.trace.iter().any(|step| step.reason.starts_with("no other listener is for 10.0.0.9:81, so the one on port 15001")), "{:?}", outcome.trace);
}

#[test]
fn behind_a_refused_listener_of_a_gateway_or_of_the_way_in_nobody_listens() {
    let twice = json!([tcp_chain("a"), tcp_chain("a")]);
    let mut inbound = listener("0.0.0.0", 15006, &twice);
    inbound["name"] = "virtualInbound".into();
    let proxy = proxy(&json!([listener("0.0.0.0", 81, &twice), inbound]));
    for mode in ["gateway", "inbound"] {
        assert_eq!(run(&proxy, &json!({"mode": mode, "port": 81})).error, Some(CallError::NoListener), "{mode}");
    }
}

/// None of these is found by going through all pairs of chains, or through all combinations of what one chain asks for.
#[test]
fn large_listeners_are_judged_too() {
    let range = |at: usize| json!({"addressPrefix": format!("10.0.{}.{}", at / 250, at % 250), "prefixLen": 32});
    let in_a_grid = |at: usize| json!({"filterChainMatch": {"serverNames": [format!("n{}.io", at / 100)], "prefixRanges": [range(at % 100)]}});
    let many: Vec<Value> = (0..10_000).map(in_a_grid).collect();
    assert_eq!(reason(&listener("0.0.0.0", 81, &many.into())), None);
    let names: Vec<String> = (0..10_000).map(|at| format!("n{at}.io")).collect();
    let large = json!({"filterChainMatch": {"serverNames": names, "prefixRanges": (0..10_000).map(range).collect::<Vec<_>>()}});
    let other = json!({"filterChainMatch": {"serverNames": ["n9999.io"], "prefixRanges": [range(9999)]}});
    assert!(reason(&listener("0.0.0.0", 81, &json!([large, other]))).is_some_and(|reason| reason.ends_with("with the server name n9999.io to 10.0.39.249/32")));
}
