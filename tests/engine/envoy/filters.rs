//! The HTTP filters: faults and cross-origin requests.

use serde_json::{Value, json};

use meshwright::engine::envoy::Stage;

use super::{everything, proxy, run};

fn with_filter(name: &str, typed: &str, policy: &Value) -> meshwright::engine::xds::ProxyConfig {
    let mut policy = policy.clone();
    policy["@type"] = typed.into();
    proxy(&everything(&json!({"route": {"cluster": "a"}, "typedPerFilterConfig": {format!("envoy.filters.http.{name}"): policy}})))
}

#[test]
fn delays_and_aborts_part_the_requests_exactly() {
    let fault = json!({"delay": {"fixedDelay": "5s", "percentage": {"numerator": 50}}, "abort": {"httpStatus": 418, "percentage": {"numerator": 20}}});
    let outcome = run(&with_filter("fault", super::FAULT, &fault), &json!({}));
    let statuses: Vec<(u16, f64)> = outcome.response.statuses.into_iter().collect();
    assert_eq!(statuses, [(200, 0.8), (418, 0.2)]);
    let told = outcome.trace.iter().filter(|step| step.stage == Stage::Filter && step.reason.contains("status 418")).count();
    assert_eq!(told, 1, "{:#?}", outcome.trace);
    assert_eq!(outcome.upstream.unwrap().path, "/");
}

#[test]
fn an_abort_without_percentage_is_for_nobody_and_one_of_a_hundred_for_all() {
    let status = |percentage: Value| {
        let outcome = run(&with_filter("fault", super::FAULT, &json!({"abort": {"httpStatus": 500, "percentage": percentage}})), &json!({}));
        (outcome.response.status.unwrap(), outcome.response.flags)
    };
    assert_eq!(status(json!({})), (200, vec![]));
    assert_eq!(status(json!({"numerator": 100})), (500, vec!["FI".to_owned()]));
    assert_eq!(status(json!({"numerator": 1_000_000, "denominator": "MILLION"})), (500, vec!["FI".to_owned()]));
}

#[test]
fn grpc_gets_its_own_kind_of_answer() {
    let proxy = with_filter("fault", super::FAULT, &json!({"abort": {"grpcStatus": 14, "percentage": {"numerator": 100}}}));
    let grpc = run(&proxy, &json!({"headers": {"content-type": "application/grpc"}, "protocol": "http2"}));
    assert_eq!((grpc.response.status, grpc.response.headers["grpc-status"].as_str()), (Some(200), "14"));
    assert_eq!(run(&proxy, &json!({})).response.status, Some(200));
    let missing = super::proxy(&everything(&json!({"route": {"cluster": "missing"}})));
    assert_eq!(run(&missing, &json!({"headers": {"content-type": "application/grpc+proto"}})).response.headers["grpc-status"], "14");
}

#[test]
fn preflights_are_answered_and_strangers_learn_nothing() {
    let policy = json!({"allowOriginStringMatch": [{"exact": "https://shop"}], "allowMethods": "GET", "maxAge": "60", "exposeHeaders": "x-id", "allowCredentials": true,
        "forwardNotMatchingPreflights": false, "filterEnabled": {"defaultValue": {"numerator": 100}}});
    let proxy = with_filter("cors", super::CORS, &policy);
    let headers = |origin: &str, method: &str| run(&proxy, &json!({"method": method, "headers": {"origin": origin, "access-control-request-method": "GET"}}));
    let preflight = headers("https://shop", "OPTIONS");
    assert_eq!((preflight.response.headers["access-control-allow-origin"].as_str(), preflight.upstream), ("https://shop", None));
    assert_eq!(preflight.response.headers["access-control-max-age"], "60");
    let stranger = headers("https://evil", "OPTIONS");
    assert_eq!((stranger.response.status, stranger.upstream.is_some()), (Some(200), false));
    assert!(!stranger.response.headers.contains_key("access-control-allow-origin"));
    let actual = headers("https://shop", "GET");
    assert_eq!((actual.response.headers["access-control-expose-headers"].as_str(), actual.upstream.is_some()), ("x-id", true));
    assert!(!actual.response.headers.contains_key("access-control-allow-methods"));
}

/// `decodeHeaders` in `source/extensions/filters/http/cors/cors_filter.cc` of envoyproxy/envoy: the answer is handed over as it is.
#[test]
fn the_answer_to_a_preflight_has_no_headers_of_the_route_and_repeats_what_is_asked_for_a_star() {
    let policy = json!({"allowOriginStringMatch": [{"exact": "http://a.example"}], "allowMethods": "*", "allowHeaders": "*", "filterEnabled": {"defaultValue": {"numerator": 100}}});
    let mut config = with_filter("cors", super::CORS, &policy);
    config.routes[0].virtual_hosts[0].response_headers_to_add = serde_json::from_value(json!([{"header": {"key": "x-route", "value": "1"}}])).unwrap();
    let asked = json!({"origin": "http://a.example", "access-control-request-method": "PUT", "access-control-request-headers": "x-a"});
    let headers = run(&config, &json!({"method": "OPTIONS", "headers": asked})).response.headers;
    assert_eq!((headers["access-control-allow-methods"].as_str(), headers["access-control-allow-headers"].as_str()), ("PUT", "x-a"));
    assert!(!headers.contains_key("x-route"), "{headers:?}");
    assert_eq!(run(&config, &json!({"headers": {"origin": "http://a.example"}})).response.headers["x-route"], "1");
    let nowhere = run(&config, &json!({"method": "OPTIONS", "headers": {"origin": "", "access-control-request-method": "PUT"}}));
    assert_eq!(nowhere.response.headers["x-route"], "1", "an empty origin is none");
}
