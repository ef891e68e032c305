//! Retries, time limits, circuit breakers, outlier detection and load balancing.

use meshwright::engine::{envoy::Outcome, xds::ProxyConfig};
use serde_json::{Value, json};

use super::{cluster, everything, proxy_with, run};

fn with_policy(action: &Value, endpoints: usize, settings: &Value) -> ProxyConfig {
    let mut action = action.clone();
    action["cluster"] = "a".into();
    let mut cluster = cluster("a", endpoints);
    cluster.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    proxy_with(&everything(&json!({"route": action})), &json!([cluster]))
}

fn retries(retry_on: &str, count: u32) -> Value {
    json!({"timeout": "0s", "retryPolicy": {"retryOn": retry_on, "numRetries": count, "retriableStatusCodes": [418],
        "retryHostPredicate": [{"name": "envoy.retry_host_predicates.previous_hosts"}]}})
}

/// Status, flags and attempts of a call.
fn seen(outcome: &Outcome) -> (u16, String, String) {
    let attempts = outcome.upstream.as_ref().map(|upstream| upstream.headers["x-envoy-attempt-count"].clone());
    (outcome.response.status.unwrap(), outcome.response.flags.join(","), attempts.unwrap_or_default())
}

fn ends(status: u16, flags: &str, attempts: &str) -> (u16, String, String) {
    (status, flags.into(), attempts.into())
}

#[test]
fn retries_cover_what_they_name() {
    for (retry_on, upstream, wanted) in [
        ("5xx", json!({"status": [500, 503, 200]}), ends(200, "", "3")),
        ("5xx", json!({"status": [500, 500, 500]}), ends(500, "URX", "3")),
        ("gateway-error", json!({"status": [500, 200]}), ends(500, "", "1")),
        ("retriable-4xx", json!({"status": [409, 200]}), ends(200, "", "2")),
        ("retriable-status-codes", json!({"status": [418, 200]}), ends(200, "", "2")),
        ("connect-failure", json!({"status": ["refused", 200]}), ends(200, "", "2")),
        ("connect-failure", json!({"status": ["reset", 200]}), ends(503, "UC", "1")),
        ("reset", json!({"status": ["reset", 200]}), ends(200, "", "2")),
        ("unavailable", json!({"status": [200], "grpc_status": [14, 0]}), ends(200, "", "2")),
        ("", json!({"status": ["refused"]}), ends(503, "UF", "")),
    ] {
        assert_eq!(seen(&run(&with_policy(&retries(retry_on, 2), 1, &json!({})), &json!({"upstream": upstream}))), wanted, "{retry_on} {upstream}");
    }
}

#[test]
fn a_retry_goes_to_another_endpoint() {
    let broken = json!({"upstream": {"by_endpoint": {"10.0.0.1": {"status": [503]}, "10.0.0.2": {"status": [200]}}}});
    let with = run(&with_policy(&retries("5xx", 1), 2, &json!({})), &broken);
    assert_eq!(with.response.statuses.into_iter().collect::<Vec<_>>(), [(200, 1.0)]);
    let without = run(&with_policy(&json!({}), 2, &json!({})), &broken);
    assert_eq!(without.response.statuses.into_iter().collect::<Vec<_>>(), [(200, 0.5), (503, 0.5)]);
}

#[test]
fn time_limits_hold_for_all_attempts_and_for_each() {
    let limits = |timeout: &str, per_try: &str| {
        let mut action = retries("5xx", 2);
        action["timeout"] = timeout.into();
        action["retryPolicy"]["perTryTimeout"] = per_try.into();
        with_policy(&action, 1, &json!({}))
    };
    for (timeout, per_try, delay, wanted) in [
        ("1s", "0s", json!("900ms"), ends(200, "", "1")),
        ("1s", "0s", json!("1100ms"), ends(504, "UT", "1")),
        ("10s", "1s", json!(["2s", "0s"]), ends(200, "", "2")),
        ("2500ms", "1s", json!("5s"), ends(504, "UT", "3")),
        ("1s", "3s", json!(["2s", "0s"]), ends(504, "UT", "1")),
        ("0s", "0s", json!("1h"), ends(200, "", "1")),
    ] {
        assert_eq!(seen(&run(&limits(timeout, per_try), &json!({"upstream": {"delay": delay}}))), wanted, "{timeout} {per_try} {delay}");
    }
}

#[test]
fn endpoints_that_fail_in_a_row_are_thrown_out_within_the_cap() {
    let rules = |cap: u32| json!({"outlierDetection": {"consecutive5xx": 2, "baseEjectionTime": "60s", "maxEjectionPercent": cap}, "commonLbConfig": {"healthyPanicThreshold": {}}});
    let statuses = |endpoints: usize, cap: u32, call: &Value| -> Vec<u16> {
        let runs = run(&with_policy(&json!({}), endpoints, &rules(cap)), call).runs.unwrap();
        runs.iter().filter_map(|run| run.status).collect()
    };
    assert_eq!(statuses(1, 100, &json!({"repeat": 4, "upstream": {"status": [500]}})), [500, 500, 503, 503]);
    assert_eq!(statuses(1, 50, &json!({"repeat": 4, "upstream": {"status": [500]}})), [500; 4]);
    let one_broken = json!({"repeat": 8, "upstream": {"by_endpoint": {"10.0.0.1": {"status": [500]}}}});
    assert_eq!(statuses(2, 50, &one_broken).iter().filter(|&&status| status == 500).count(), 2);
    // It comes back, and its second time out is twice as long.
    let slowly = json!({"repeat": 6, "pause": "45s", "upstream": {"status": [500, 500, 200]}});
    assert_eq!(statuses(1, 100, &slowly), [500, 500, 503, 200, 200, 200]);
}

/// What each of some requests in a row ends with, where one endpoint may be thrown out.
fn in_a_row(rules: &Value, call: &Value) -> Vec<String> {
    let settings = json!({"outlierDetection": rules, "commonLbConfig": {"healthyPanicThreshold": {}}});
    let runs = run(&with_policy(&json!({}), 1, &settings), call).runs.unwrap();
    runs.iter().map(|run| format!("{}{}", run.status.unwrap(), run.flags.join(","))).collect()
}

/// `Filter::onUpstreamHeaders` of Envoy's router reads the gRPC status for a gRPC request alone.
#[test]
fn a_grpc_status_is_held_against_an_endpoint_that_was_asked_in_grpc() {
    let rules = json!({"consecutive5xx": 2, "baseEjectionTime": "60s", "maxEjectionPercent": 100});
    let upstream = json!({"status": [200], "grpc_status": [13]});
    assert_eq!(in_a_row(&rules, &json!({"repeat": 3, "upstream": upstream})), ["200", "200", "200"]);
    let call = json!({"repeat": 3, "upstream": upstream, "headers": {"content-type": "application/grpc"}});
    assert_eq!(in_a_row(&rules, &call), ["200", "200", "200UH"]);
}

/// Each connection that stands is noted as a success (`DetectorHostMonitorImpl::putResultWithLocalExternalSplit`), so that only those
/// that cannot be made follow each other.
#[test]
fn connections_that_break_are_no_failures_in_a_row() {
    let rules = |limit: u32| {
        json!({"splitExternalLocalOriginErrors": true, "consecutiveLocalOriginFailure": limit, "enforcingConsecutiveLocalOriginFailure": 100,
            "baseEjectionTime": "60s", "maxEjectionPercent": 100})
    };
    let call = |answer: &str| json!({"repeat": 4, "upstream": {"status": [answer]}});
    assert_eq!(in_a_row(&rules(2), &call("refused")), ["503UF", "503UF", "503UH", "503UH"]);
    assert_eq!(in_a_row(&rules(2), &call("reset")), ["503UC"; 4]);
    assert_eq!(in_a_row(&rules(1), &call("reset")), ["503UC", "503UH", "503UH", "503UH"]);
}

#[test]
fn circuit_breakers_turn_away_what_is_too_much() {
    let limits = |limits: &Value| json!({"circuitBreakers": {"thresholds": [limits]}});
    let flags = |config: &ProxyConfig, call: &Value| -> Vec<String> {
        run(config, call).runs.unwrap().iter().map(|run| format!("{}{}", run.status.unwrap(), run.flags.join(","))).collect()
    };
    let pool = with_policy(&json!({}), 1, &limits(&json!({"maxConnections": 1, "maxPendingRequests": 1})));
    assert_eq!(flags(&pool, &json!({"concurrency": 3, "upstream": {"delay": "1s"}})), ["200", "200", "503UO"]);
    // Who waits for a connection is no request under way.
    let one_request = |connections: u32| with_policy(&json!({}), 1, &limits(&json!({"maxConnections": connections, "maxRequests": 1})));
    let three = json!({"concurrency": 3, "upstream": {"delay": "1s"}});
    assert_eq!(flags(&one_request(1), &three), ["200", "200", "200"]);
    assert_eq!(flags(&one_request(2), &three), ["200", "503UO", "503UO"]);
    let one_retry = with_policy(&retries("5xx", 1), 1, &limits(&json!({"maxRetries": 1})));
    assert_eq!(flags(&one_retry, &json!({"concurrency": 2, "upstream": {"status": [503, 503, 200], "delay": "1s"}})), ["200", "503UO"]);
}

#[test]
fn lower_priorities_are_used_when_higher_ones_are_not_healthy() {
    let endpoint =
        |address: &str, health: &str| json!({"endpoint": {"address": {"socketAddress": {"address": address, "portValue": 80}}}, "healthStatus": health});
    let groups = json!([{"lbEndpoints": [endpoint("10.0.0.1", "UNHEALTHY"), endpoint("10.0.0.2", "HEALTHY")]}, {"priority": 1, "lbEndpoints": [endpoint("10.0.0.3", "HEALTHY")]}]);
    let cluster = json!({"name": "a", "type": "STATIC", "loadAssignment": {"clusterName": "a", "endpoints": groups}});
    let call = json!({"upstream": {"by_endpoint": {"10.0.0.2": {"status": [202]}, "10.0.0.3": {"status": [203]}}}});
    let outcome = run(&proxy_with(&everything(&json!({"route": {"cluster": "a"}})), &json!([cluster])), &call);
    // Half healthy counts as 70 %.
    let shares: Vec<(u16, f64)> = outcome.response.statuses.iter().map(|(&status, &share)| (status, (share * 1000.0).round() / 1000.0)).collect();
    assert_eq!(shares, [(202, 0.7), (203, 0.3)]);
    assert_eq!(outcome.clusters[0].endpoints, ["10.0.0.2:80", "10.0.0.3:80"]);
}
