//! RBAC, JWT and external authorization, from xDS alone.

use meshwright::engine::{envoy::Outcome, xds::ProxyConfig};
use serde_json::{Value, json};

use super::{HCM, TCP_PROXY, cluster, config, everything, listener, losses, run};

const RBAC: &str = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC";
const NETWORK_RBAC: &str = "type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC";
const JWT: &str = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication";
const EXT_AUTHZ: &str = "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz";

/// A proxy with HTTP filters in front of the route to cluster `a`.
fn proxy(filters: &[Value], route: &Value) -> ProxyConfig {
    let filters: Vec<Value> = filters.iter().map(|config| json!({"name": "f", "typedConfig": config})).collect();
    let chain = json!({"filters": [{"name": "hcm", "typedConfig": {"@type": HCM, "rds": {"routeConfigName": "80"}, "httpFilters": filters}}]});
    config(&json!({
        "listeners": [listener("0.0.0.0", 80, &json!([chain]))],
        "routes": [{"name": "80", "virtualHosts": [{"name": "web", "domains": ["*"], "routes": route}]}],
        "clusters": [cluster("a", 1)],
        "endpoints": [],
    }))
}

fn to_a() -> Value {
    everything(&json!({"route": {"cluster": "a"}}))
}

fn rbac(action: &str, name: &str, permission: &Value, principal: &Value) -> Value {
    json!({"@type": RBAC, "rules": {"action": action, "policies": {name: {"permissions": [permission], "principals": [principal]}}}})
}

fn any() -> Value {
    json!({"any": true})
}

fn method(method: &str) -> Value {
    json!({"header": {"name": ":method", "stringMatch": {"exact": method}}})
}

fn status(outcome: &Outcome) -> u16 {
    outcome.response.status.unwrap()
}

/// <https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto>.
#[test]
fn deny_goes_before_allow_and_says_which_rule_it_was() {
    let proxy = proxy(&[rbac("DENY", "no-put", &method("PUT"), &any()), rbac("ALLOW", "all", &any(), &any())], &to_a());
    let denied = run(&proxy, &json!({"method": "PUT"}));
    assert_eq!(status(&denied), 403);
    assert!(denied.trace.iter().any(|step| step.subject == "no-put" && step.reason.contains("DENY")), "{:#?}", denied.trace);
    assert_eq!(status(&run(&proxy, &json!({}))), 200);
}

#[test]
fn allow_without_rules_denies_all() {
    let proxy = proxy(&[json!({"@type": RBAC, "rules": {}})], &to_a());
    assert_eq!(status(&run(&proxy, &json!({}))), 403);
}

#[test]
fn rules_that_only_take_notes_change_nothing() {
    let shadow = json!({"@type": RBAC, "shadowRules": {"action": "DENY", "policies": {"x": {"permissions": [any()], "principals": [any()]}}}});
    assert_eq!(status(&run(&proxy(&[shadow], &to_a()), &json!({}))), 200);
}

#[test]
fn a_denied_grpc_call_is_answered_in_grpc() {
    let proxy = proxy(&[rbac("DENY", "all", &any(), &any())], &to_a());
    let outcome = run(&proxy, &json!({"headers": {"content-type": "application/grpc"}}));
    assert_eq!(status(&outcome), 200);
    assert_eq!(outcome.response.headers["grpc-status"], "7");
    assert_eq!(outcome.response.headers["grpc-message"], "RBAC: access denied");
}

#[test]
fn who_is_not_known_by_a_certificate_is_nobody() {
    let principal = json!({"authenticated": {"principalName": {"safeRegex": {"regex": ".*/ns/foo/.*"}}}});
    let proxy = proxy(&[rbac("ALLOW", "foo", &any(), &principal)], &to_a());
    let outcome = run(&proxy, &json!({"peer": {"principal": "cluster.local/ns/foo/sa/a"}}));
    assert_eq!(status(&outcome), 403, "plain text shows no certificate");
    assert!(losses(&outcome).iter().any(|reason| reason.contains("no mTLS")), "{:?}", losses(&outcome));
}

#[test]
fn matchers_of_paths_and_addresses() {
    let template = json!({"uriTemplate": {"name": "t", "typedConfig":
        {"@type": "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig", "pathTemplate": "/a/*/c/**"}}});
    let range = json!({"directRemoteIp": {"addressPrefix": "10.1.0.0", "prefixLen": 16}});
    let proxy = proxy(&[rbac("ALLOW", "p", &template, &range)], &to_a());
    for (path, source, wanted) in [("/a/b/c/d/e?x=1", "10.1.2.3", 200), ("/a/b/b/c/d", "10.1.2.3", 403), ("/a/b/c/d", "10.2.0.1", 403)] {
        assert_eq!(status(&run(&proxy, &json!({"path": path, "source_ip": source}))), wanted, "{path} {source}");
    }
}

#[test]
fn a_network_filter_closes_the_connection() {
    let deny =
        json!({"@type": NETWORK_RBAC, "rules": {"action": "DENY", "policies": {"p": {"permissions": [{"destinationPort": 80}], "principals": [any()]}}}});
    let chain = json!({"filters": [{"name": "rbac", "typedConfig": deny}, {"name": "tcp", "typedConfig": {"@type": TCP_PROXY, "cluster": "a"}}]});
    let config = config(&json!({"listeners": [listener("0.0.0.0", 80, &json!([chain]))], "routes": [], "clusters": [cluster("a", 1)], "endpoints": []}));
    let outcome = run(&config, &json!({"protocol": "tcp"}));
    assert_eq!(serde_json::to_value(outcome.error).unwrap(), "connection_closed");
    assert!(outcome.clusters.is_empty());
}

fn tokens(extra: &Value) -> Value {
    let mut provider = json!({"issuer": "me", "payloadInMetadata": "payload", "localJwks": {"inlineString": "{\"keys\":[{}]}"}});
    provider.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let requires = json!({"requiresAny": {"requirements": [{"providerName": "p"}, {"allowMissing": {}}]}});
    json!({"@type": JWT, "providers": {"p": provider}, "rules": [{"match": {"prefix": "/"}, "requires": requires}]})
}

/// <https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/jwt_authn/v3/config.proto>.
#[test]
fn a_token_may_be_missing_and_must_not_be_bad() {
    let proxy = proxy(&[tokens(&json!({"audiences": ["https://shop/"]}))], &to_a());
    let cases = [
        (json!({}), 200),
        (json!({"jwt": {"issuer": "me", "audiences": ["shop"]}}), 200),
        (json!({"jwt": {"issuer": "me", "audiences": ["shop"], "valid": false}}), 401),
        (json!({"jwt": {"issuer": "me", "audiences": ["shop"], "expired": true}}), 401),
        (json!({"jwt": {"issuer": "you", "audiences": ["shop"]}}), 401),
        (json!({"jwt": {"issuer": "me", "audiences": ["other"]}}), 403),
        (json!({"headers": {"authorization": "Bearer a.b"}}), 401),
        (json!({"headers": {"authorization": "Basic YTpi"}}), 200),
    ];
    for (changes, wanted) in cases {
        assert_eq!(status(&run(&proxy, &changes)), wanted, "{changes}");
    }
    let refused = run(&proxy, &json!({"path": "/x", "jwt": {"issuer": "you"}}));
    assert_eq!(refused.response.headers["www-authenticate"], "Bearer realm=\"http://web/x\", error=\"invalid_token\"");
}

#[test]
fn claims_reach_headers_rules_and_routes_and_the_token_does_not() {
    let claim = |name: &str, value: &str| json!({"filter": "envoy.filters.http.jwt_authn", "path": [{"key": "payload"}, {"key": name}], "value": {"listMatch": {"oneOf": {"stringMatch": {"exact": value}}}}});
    let filters = [
        tokens(
            &json!({"claimToHeaders": [{"headerName": "x-sub", "claimName": "sub"}], "clearRouteCache": true, "normalizePayloadInMetadata": {"spaceDelimitedClaims": ["scope"]}}),
        ),
        rbac("ALLOW", "readers", &any(), &json!({"metadata": claim("scope", "read")})),
    ];
    let routes = json!([
        {"name": "staff", "match": {"prefix": "/", "dynamicMetadata": [claim("groups", "staff")]}, "route": {"cluster": "a"}},
        {"name": "rest", "match": {"prefix": "/"}, "route": {"cluster": "a"}},
    ]);
    let proxy = proxy(&filters, &routes);
    let outcome = run(&proxy, &json!({"jwt": {"issuer": "me", "subject": "ann", "claims": {"scope": "write read", "groups": ["staff"]}}}));
    assert_eq!((status(&outcome), outcome.route.as_str()), (200, "staff"));
    let headers = outcome.upstream.unwrap().headers;
    assert_eq!((headers["x-sub"].as_str(), headers.contains_key("authorization")), ("ann", false));
    assert_eq!(run(&proxy, &json!({"jwt": {"issuer": "me", "claims": {"scope": "read"}}})).route, "rest");
    assert_eq!(status(&run(&proxy, &json!({"jwt": {"issuer": "me", "claims": {"scope": "write"}}}))), 403);
}

/// Only where a CUSTOM rule has matched in the filter before; `generateFilterMatcher` in `pilot/pkg/security/authz/builder/extauthz.go`.
#[test]
fn an_external_authorizer_is_asked_where_a_rule_says_so() {
    let shadow = json!({"@type": RBAC, "shadowRulesStatPrefix": "istio_ext_authz_",
        "shadowRules": {"action": "DENY", "policies": {"istio-ext-authz-x": {"permissions": [method("PUT")], "principals": [any()]}}}});
    let wanted = json!({"filter": "envoy.filters.http.rbac", "path": [{"key": "istio_ext_authz_shadow_effective_policy_id"}],
        "value": {"stringMatch": {"prefix": "istio-ext-authz"}}});
    let strict = json!({"@type": EXT_AUTHZ, "filterEnabledMetadata": wanted, "statusOnError": {"code": "ServiceUnavailable"}});
    let open = json!({"@type": EXT_AUTHZ, "filterEnabledMetadata": wanted, "failureModeAllow": true});
    let ask = |filter: &Value, method: &str, answer: &str| {
        let outcome = run(&proxy(&[shadow.clone(), filter.clone()], &to_a()), &json!({"method": method, "ext_authz": answer}));
        (status(&outcome), outcome.response.flags.join(","))
    };
    assert_eq!(ask(&strict, "GET", "deny"), (200, String::new()));
    assert_eq!(ask(&strict, "PUT", "allow"), (200, String::new()));
    assert_eq!(ask(&strict, "PUT", "deny"), (403, "UAEX".into()));
    assert_eq!(ask(&strict, "PUT", "unreachable"), (503, "UAEX".into()));
    assert_eq!(ask(&open, "PUT", "unreachable"), (200, String::new()));
}
