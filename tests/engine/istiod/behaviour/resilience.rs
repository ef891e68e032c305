//! Retries (`pilot/pkg/networking/core/route/retry/retry.go`), timeouts and mirrors (`pilot/pkg/networking/core/route/route.go`).

use meshwright::engine::{
    envoy::{self, Call, Outcome},
    xds::{ProxyConfig, RetryPolicy, RouteAction},
};
use serde_json::json;

use super::{CART_80, get, out, sidecar, virtual_host, virtual_service};

fn with(more: &str) -> ProxyConfig {
    sidecar(&virtual_service("v", "shop", &format!("{{hosts: [cart], http: [{{{more}route: [{{destination: {{host: cart}}}}]}}]}}")))
}

fn action(config: &ProxyConfig) -> RouteAction {
    *virtual_host(config, "80", CART_80).routes[0].route.clone().unwrap()
}

fn policy(config: &ProxyConfig) -> Option<RetryPolicy> {
    action(config).retry_policy
}

/// What comes of a request whose attempts are answered so, and how many there were.
fn tried(config: &ProxyConfig, statuses: &serde_json::Value) -> (Option<u16>, String) {
    let call = Call { upstream: Some(serde_json::from_value(json!({"status": statuses})).unwrap()), ..out("10.96.0.2", 80, "cart", "/") };
    let outcome = envoy::run(config, &call);
    let attempts = outcome.upstream.map(|upstream| upstream.headers.get("x-envoy-attempt-count").cloned().unwrap_or_default()).unwrap_or_default();
    (outcome.response.status, attempts)
}

const DEFAULT: &str = "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";

/// `DefaultPolicy` in `pilot/pkg/networking/core/route/retry/retry.go`.
#[test]
fn without_a_policy_two_more_attempts_are_made_where_no_connection_comes_about() {
    for config in [sidecar(""), with("")] {
        let policy = policy(&config).unwrap();
        assert_eq!((policy.retry_on.as_ref(), policy.num_retries), (DEFAULT, Some(2)));
    }
    assert_eq!(tried(&sidecar(""), &json!(["refused", "refused", 200])).0, Some(200));
    assert_eq!(tried(&sidecar(""), &json!(["refused", "refused", "refused", 200])).0, Some(503));
}

/// `defaultPolicy` in `pilot/pkg/networking/core/route/retry/retry.go`: `EXCLUDE_UNSAFE_503_FROM_DEFAULT_RETRY` is on.
#[test]
fn a_503_of_the_backend_is_not_tried_again_by_default() {
    assert!(policy(&sidecar("")).unwrap().retriable_status_codes.is_empty());
    assert_eq!(tried(&sidecar(""), &json!([503, 200])).0, Some(503));
}

/// `DefaultPolicy` in `pilot/pkg/networking/core/route/retry/retry.go`: `RetryHostPredicate`.
#[test]
fn another_host_is_tried_first() {
    let predicates = serde_json::to_string(&policy(&sidecar("")).unwrap().retry_host_predicate).unwrap();
    assert!(predicates.contains("previous_hosts"), "{predicates}");
}

/// `ConvertPolicy` in `pilot/pkg/networking/core/route/retry/retry.go`.
#[test]
fn no_attempts_are_no_policy() {
    let config = with("retries: {attempts: 0}, ");
    assert_eq!(policy(&config), None);
    assert_eq!(tried(&config, &json!(["refused", 200])).0, Some(503));
}

/// `ConvertPolicy` and `parseRetryOn` in `pilot/pkg/networking/core/route/retry/retry.go`.
#[test]
fn numbers_among_the_conditions_are_status_codes_and_bring_their_condition_along() {
    let config = with("retries: {attempts: 1, retryOn: '429,reset'}, ");
    let own = policy(&config).unwrap();
    assert_eq!((own.retry_on.as_ref(), own.retriable_status_codes.as_slice()), ("reset,retriable-status-codes", &[429][..]));
    assert_eq!(tried(&config, &json!([429, 200])), (Some(200), "2".into()));
}

/// `ConvertPolicy` in `pilot/pkg/networking/core/route/retry/retry.go`: what is left open is the default's.
#[test]
fn a_policy_without_conditions_has_the_default_ones() {
    let own = policy(&with("retries: {attempts: 5}, ")).unwrap();
    assert_eq!((own.retry_on.as_ref(), own.num_retries), (DEFAULT, Some(5)));
}

/// `setTimeout` in `pilot/pkg/networking/core/route/route.go`.
#[test]
fn without_a_timeout_a_request_may_take_for_ever() {
    for config in [sidecar(""), with("")] {
        assert_eq!(action(&config).timeout.unwrap().to_string(), "0s");
    }
    let slow = Call { upstream: Some(serde_json::from_value(json!({"delay": "3600s"})).unwrap()), ..out("10.96.0.2", 80, "cart", "/") };
    assert_eq!(envoy::run(&sidecar(""), &slow).response.status, Some(200));
}

/// `setTimeout` in `pilot/pkg/networking/core/route/route.go`: `MaxGrpcTimeout`.
#[test]
fn the_time_of_a_grpc_call_is_that_of_the_route_too() {
    let time = |config: &ProxyConfig| serde_json::to_value(action(config)).unwrap()["maxGrpcTimeout"].clone();
    assert_eq!((time(&sidecar("")), time(&with("timeout: 3s, "))), (json!("0s"), json!("3s")));
}

/// `ConvertPolicy` in `pilot/pkg/networking/core/route/retry/retry.go`: Envoy takes the route's time where a try has none of its own.
#[test]
fn a_try_without_a_time_of_its_own_has_the_routes() {
    let config = with("timeout: 3s, retries: {attempts: 2, retryOn: 5xx}, ");
    assert_eq!(policy(&config).unwrap().per_try_timeout, None);
    let slow = Call { upstream: Some(serde_json::from_value(json!({"delay": ["5s", "0s"]})).unwrap()), ..out("10.96.0.2", 80, "cart", "/") };
    assert_eq!(envoy::run(&config, &slow).response.status, Some(504), "the first try takes all of the route's time");
}

fn mirrored(percentage: &str) -> Outcome {
    get(&with(&format!("mirror: {{host: web}}, {percentage}")), "/")
}

/// `MirrorPercent` in `pilot/pkg/networking/core/route/route.go`.
#[test]
fn a_mirror_gets_all_where_no_share_is_named_and_none_where_it_is_0() {
    let share = |percentage: &str| mirrored(percentage).mirrors.first().map(|mirror| mirror.share);
    assert_eq!(share(""), Some(1.0));
    assert_eq!(share("mirrorPercentage: {value: 12.5}, "), Some(0.125));
    assert_eq!(share("mirrorPercentage: {value: 0}, "), None);
}

/// `TranslateRequestMirrorPolicy` in `pilot/pkg/networking/core/route/route.go`; the answer is that of the route.
#[test]
fn what_a_mirror_answers_is_nobodys() {
    let outcome = mirrored("");
    assert_eq!((super::clusters(&outcome), outcome.response.status), (vec!["outbound|80||cart.shop.svc.cluster.local"], Some(200)));
    assert_eq!(outcome.mirrors[0].name, "outbound|80||web.shop.svc.cluster.local");
}

/// `TranslateRequestMirrorPolicy` in `pilot/pkg/networking/core/route/route.go`: nothing keeps Envoy from adding `-shadow` to the host, before the port
/// (`shadowAppendedHost` in its `source/common/router/shadow_writer_impl.cc`).
#[test]
fn a_copy_is_marked_in_its_host() {
    let config = with("mirror: {host: web}, ");
    assert!(action(&config).request_mirror_policies.iter().all(|mirror| !mirror.disable_shadow_host_suffix_append));
    for (host, seen) in [("cart", "cart-shadow"), ("cart:80", "cart-shadow:80"), ("10.96.0.2:80", "10.96.0.2-shadow:80")] {
        let outcome = envoy::run(&config, &out("10.96.0.2", 80, host, "/"));
        assert_eq!((outcome.mirrors[0].authority.as_str(), outcome.upstream.unwrap().authority.as_str()), (seen, host));
    }
    let renamed = with("mirror: {host: web}, rewrite: {authority: 'other:8080'}, ");
    assert_eq!(get(&renamed, "/").mirrors[0].authority, "other-shadow:8080", "a copy is one of the request as it goes on");
}
