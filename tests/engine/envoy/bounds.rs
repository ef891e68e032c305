//! Properties that hold for whatever the proxy is told and asked: no panic, shares that add up, the same answer twice.

use meshwright::engine::{
    envoy::{self, Call},
    xds::ProxyConfig,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{cluster, config, http_chain, listener, proxy, run, tcp_chain};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec!["", "/", "/a", "/a/b", "/A/", "web", "*", "*.web", "a.web", "x", "(", "[a-z]+", ".*", "%REQ(x)%", "%%", "%", "é", "\\1$0"]).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ]
}

fn matcher() -> impl Strategy<Value = Value> {
    (prop::sample::select(vec!["exact", "prefix", "suffix", "contains", "safeRegex"]), text(), any::<bool>()).prop_map(|(kind, text, ignore_case)| {
        let value = if kind == "safeRegex" { json!({"regex": text}) } else { json!(text) };
        json!({kind: value, "ignoreCase": ignore_case})
    })
}

fn rule() -> impl Strategy<Value = Value> {
    let path = (prop::sample::select(vec!["prefix", "path", "pathSeparatedPrefix", "safeRegex"]), text(), any::<bool>());
    let header = (text(), prop::option::of(matcher()), any::<bool>(), any::<bool>())
        .prop_map(|(name, matcher, invert, empty)| json!({"name": name, "stringMatch": matcher, "invertMatch": invert, "treatMissingHeaderAsEmpty": empty}));
    (path, prop::collection::vec(header, 0..2)).prop_map(|((kind, text, case), headers)| {
        let value = if kind == "safeRegex" { json!({"regex": text}) } else { json!(text) };
        json!({kind: value, "caseSensitive": case, "headers": headers})
    })
}

fn headers() -> impl Strategy<Value = Value> {
    let option = (text(), text(), prop::sample::select(vec!["APPEND_IF_EXISTS_OR_ADD", "ADD_IF_ABSENT", "OVERWRITE_IF_EXISTS_OR_ADD", "OVERWRITE_IF_EXISTS"]));
    prop::collection::vec(option.prop_map(|(key, value, action)| json!({"header": {"key": key, "value": value}, "appendAction": action})), 0..2)
        .prop_map(Value::from)
}

fn action() -> impl Strategy<Value = Value> {
    let weight = prop_oneof![Just(0_u32), 1_u32..5, Just(u32::MAX)];
    let cluster = (prop::sample::select(vec!["a", "b", "empty", "missing"]), weight, headers())
        .prop_map(|(name, weight, add)| json!({"name": name, "weight": weight, "requestHeadersToAdd": add}));
    let duration = prop::sample::select(vec!["0s", "0.5s", "2s", "-1s", "9000000000s"]);
    let retries = (text(), 0_u32..300, duration.clone())
        .prop_map(|(on, count, per_try)| json!({"retryOn": format!("5xx,{on}"), "numRetries": count, "perTryTimeout": per_try}));
    let route = (prop::collection::vec(cluster, 1..4), duration, prop::option::of(retries), text(), text(), text()).prop_map(|(clusters, timeout, retries, prefix, pattern, substitution)| {
        let regex = if pattern.len() % 2 == 0 { json!({"pattern": {"regex": pattern}, "substitution": substitution}) } else { Value::Null };
        json!({"route": {"weightedClusters": {"clusters": clusters}, "timeout": timeout, "retryPolicy": retries, "prefixRewrite": prefix, "regexRewrite": regex,
            "requestMirrorPolicies": [{"cluster": "b"}]}})
    });
    let redirect = (text(), text(), prop::option::of(any::<u32>()))
        .prop_map(|(host, path, port)| json!({"redirect": {"hostRedirect": host, "pathRedirect": path, "portRedirect": port}}));
    prop_oneof![4 => route, 1 => redirect, 1 => any::<u32>().prop_map(|status| json!({"directResponse": {"status": status}}))]
}

fn fault() -> impl Strategy<Value = Value> {
    (any::<u32>(), 0_u32..200, 0_u32..200).prop_map(|(status, abort, delay)| {
        json!({"@type": super::FAULT, "abort": {"httpStatus": status, "percentage": {"numerator": abort}}, "delay": {"fixedDelay": "1s", "percentage": {"numerator": delay}}})
    })
}

fn some_proxy() -> impl Strategy<Value = ProxyConfig> {
    let route = (rule(), action(), headers(), prop::option::of(fault())).prop_map(|(rule, action, add, fault)| {
        let mut route = json!({"match": rule, "responseHeadersToAdd": add, "typedPerFilterConfig": fault.map_or(json!({}), |fault| json!({"envoy.filters.http.fault": fault}))});
        route.as_object_mut().unwrap().extend(action.as_object().unwrap().clone());
        route
    });
    let host = (prop::collection::vec(text(), 0..3), prop::collection::vec(route, 0..4))
        .prop_map(|(domains, routes)| json!({"name": "h", "domains": domains, "routes": routes}));
    let outliers = (0_u32..4, 0_u32..150)
        .prop_map(|(errors, cap)| json!({"consecutive5xx": errors, "maxEjectionPercent": cap, "interval": "0s", "baseEjectionTime": "-5s"}));
    let limits =
        (0_u32..3, 0_u32..3).prop_map(|(connections, pending)| json!({"thresholds": [{"maxConnections": connections, "maxPendingRequests": pending}]}));
    (prop::collection::vec(host, 0..3), any::<bool>(), outliers, limits).prop_map(|(hosts, ignore_port, outliers, limits)| {
        let mut many = cluster("a", 3);
        many["outlierDetection"] = outliers;
        many["circuitBreakers"] = limits;
        config(&json!({"listeners": [listener("0.0.0.0", 80, &json!([http_chain()])), listener("0.0.0.0", 81, &json!([tcp_chain("a")]))],
            "routes": [{"name": "80", "ignorePortInHostMatching": ignore_port, "virtualHosts": hosts}], "clusters": [many, cluster("b", 1), cluster("empty", 0)], "endpoints": []}))
    })
}

fn some_call() -> impl Strategy<Value = Call> {
    let answer = prop_oneof![(0_u16..700).prop_map(|status| json!(status)), Just(json!("refused")), Just(json!("reset"))];
    let upstream = prop::option::of(
        (prop::collection::vec(answer, 0..3), prop::sample::select(vec!["0s", "1s", "-1s", "100h"]))
            .prop_map(|(status, delay)| json!({"status": status, "delay": delay})),
    );
    let several = (prop::option::of(0_u32..12), prop::option::of(0_u32..6));
    (
        text(),
        text(),
        text(),
        prop::collection::btree_map(text(), text(), 0..3),
        upstream,
        several,
        80_u32..83,
        prop::sample::select(vec!["http", "http2", "tcp"]),
    )
        .prop_map(|(host, path, method, headers, upstream, (repeat, concurrency), port, protocol)| {
            serde_json::from_value(
                json!({"host": host, "path": path, "method": method, "headers": headers, "upstream": upstream, "repeat": repeat, "concurrency": concurrency,
                "port": port, "protocol": protocol}),
            )
            .unwrap()
        })
}

proptest! {
    #[test]
    fn every_call_has_one_answer_whose_shares_add_up(proxy in some_proxy(), call in some_call()) {
        let outcome = envoy::run(&proxy, &call);
        prop_assert_eq!(&outcome, &envoy::run(&proxy, &call));
        let whole = |shares: Vec<f64>| shares.is_empty() || (shares.iter().sum::<f64>() - 1.0).abs() < 1e-6;
        prop_assert!(whole(outcome.clusters.iter().map(|cluster| cluster.share).collect()), "{:?}", outcome.clusters);
        prop_assert!(whole(outcome.response.statuses.values().copied().collect()), "{:?}", outcome.response);
        prop_assert!(outcome.clusters.iter().all(|cluster| (0.0..=1.0).contains(&cluster.share)));
        prop_assert!(outcome.trace.len() < 500);
        prop_assert!(outcome.trace.iter().all(|step| step.reason.ends_with('.')), "{:?}", outcome.trace);
        prop_assert!(serde_json::to_string(&outcome).is_ok());
    }
}

#[test]
fn a_thousand_routes_make_a_trace_that_can_be_read() {
    let routes: Vec<Value> = (0..1000).map(|at| json!({"name": format!("r{at}"), "match": {"path": format!("/{at}")}, "route": {"cluster": "a"}})).collect();
    let outcome = run(&proxy(&routes.into()), &json!({"path": "/990"}));
    assert_eq!(outcome.route, "r990");
    assert!(outcome.trace.len() < 250, "{}", outcome.trace.len());
    assert!(outcome.trace.iter().any(|step| step.subject == "r990"));
    assert!(outcome.trace.last().unwrap().subject.starts_with("… "));
}

#[test]
fn a_million_runs_are_cut_short() {
    let outcome = run(&proxy(&super::everything(&json!({"route": {"cluster": "a"}}))), &json!({"repeat": 1_000_000, "concurrency": 1_000_000}));
    assert_eq!(outcome.runs.unwrap().len(), 1000);
}
