//! AuthorizationPolicy (`pilot/pkg/security/authz/`, `pilot/pkg/model/authorization.go`, `pilot/pkg/networking/core/listener_builder.go`).

use meshwright::engine::envoy::{self, Call, Outcome, Protocol, Tls};

use super::{document, gateway, inbound, sidecar};

fn policy(name: &str, namespace: &str, spec: &str) -> String {
    document("security", "AuthorizationPolicy", name, namespace, spec)
}

fn ask(config: &str, method: &str, path: &str) -> Option<u16> {
    envoy::run(&sidecar(config), &Call { method: method.into(), path: path.into(), ..inbound(8080, Tls::Mtls) }).response.status
}

const FOR_PUT: &str = "rules: [{to: [{operation: {methods: [PUT]}}]}]";

/// `build` in `pilot/pkg/security/authz/builder/builder.go`, `BuildHTTP` in `pilot/pkg/networking/plugin/authz/authorization.go`.
#[test]
fn a_denial_goes_before_a_permission() {
    let text = policy("allow", "shop", "{rules: [{}]}") + &policy("deny", "shop", &format!("{{action: DENY, {FOR_PUT}}}"));
    assert_eq!((ask(&text, "PUT", "/"), ask(&text, "GET", "/")), (Some(403), Some(200)));
}

/// `build` in `pilot/pkg/security/authz/builder/builder.go`: `LOG`.
#[test]
fn an_audit_decides_nothing() {
    assert_eq!(ask(&policy("audit", "shop", "{action: AUDIT, rules: [{}]}"), "GET", "/"), Some(200));
}

/// `buildHTTPConnectionManager` in `pilot/pkg/networking/core/listener_builder.go`: CUSTOM stands before the filter that reads tokens.
#[test]
fn an_authorizer_is_asked_before_tokens_are_looked_at() {
    let text = policy("custom", "shop", "{action: CUSTOM, provider: {name: nobody}, rules: [{}]}")
        + &document("security", "RequestAuthentication", "t", "shop", "{jwtRules: [{issuer: me, jwks: '{\"keys\":[]}'}]}");
    let forged = Call { jwt: Some(envoy::Jwt { issuer: "me".into(), valid: Some(false), ..envoy::Jwt::default() }), ..inbound(8080, Tls::Mtls) };
    assert_eq!(envoy::run(&sidecar(&text), &forged).response.status, Some(403), "an authorizer that is not known denies, before 401 is said");
}

/// `New` in `pilot/pkg/security/authz/builder/builder.go`: no filter without a policy.
#[test]
fn without_a_permission_everything_is_allowed() {
    assert_eq!(ask("", "GET", "/"), Some(200));
    assert_eq!(ask(&policy("deny", "shop", &format!("{{action: DENY, {FOR_PUT}}}")), "GET", "/"), Some(200), "a denial is no permission");
}

/// `build` in `pilot/pkg/security/authz/builder/builder.go`: a filter that allows nothing.
#[test]
fn a_permission_without_rules_denies_all() {
    assert_eq!(ask(&policy("nothing", "shop", "{}"), "GET", "/"), Some(403));
}

/// `build` in `pilot/pkg/security/authz/builder/builder.go`: an empty rule matches.
#[test]
fn an_empty_rule_is_for_all() {
    assert_eq!(ask(&policy("all", "shop", "{rules: [{}]}"), "GET", "/"), Some(200));
}

fn connects(config: &str) -> bool {
    let outcome: Outcome = envoy::run(&sidecar(config), &Call { protocol: Protocol::Tcp, ..inbound(9999, Tls::Mtls) });
    outcome.error.is_none()
}

/// `checkError` in `pilot/pkg/security/authz/model/model.go`.
#[test]
fn for_bytes_a_permission_that_asks_for_http_is_dropped() {
    assert!(!connects(&policy("p", "shop", &format!("{{{FOR_PUT}}}"))));
}

/// `checkError` in `pilot/pkg/security/authz/model/model.go`.
#[test]
fn for_bytes_a_denial_loses_what_asks_for_http_and_keeps_the_rest() {
    assert!(!connects(&policy("p", "shop", &format!("{{action: DENY, {FOR_PUT}}}"))), "nothing is left of it, so that it is for all");
    let from = |principal: &str| {
        policy(
            "p",
            "shop",
            &format!("{{action: DENY, rules: [{{to: [{{operation: {{methods: [PUT]}}}}], from: [{{source: {{principals: [{principal}]}}}}]}}]}}"),
        )
    };
    assert!(connects(&from("cluster.local/ns/shop/sa/nobody")));
}

/// `ListAuthorizationPolicies` in `pilot/pkg/model/authorization.go`.
#[test]
fn policies_of_the_root_namespace_count_beside_those_of_the_workloads() {
    let root = policy("root", "istio-system", &format!("{{action: DENY, {FOR_PUT}}}"));
    let own = policy("own", "shop", "{action: DENY, rules: [{to: [{operation: {methods: [POST]}}]}]}");
    let other = policy("other", "other", "{action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]}");
    let text = root + &own + &other;
    assert_eq!(["PUT", "POST", "GET"].map(|method| ask(&text, method, "/")), [Some(403), Some(403), Some(200)]);
}

/// `ShouldAttachPolicy` in `pilot/pkg/model/policyattachment.go`: only gateways of the Gateway API and waypoints can be targets.
#[test]
fn a_target_binds_no_sidecar_and_no_gateway_of_istios_own() {
    let target = "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: edge}]";
    let text = policy("p", "istio-system", &format!("{{{target}}}")) + &policy("p", "shop", &format!("{{{target}}}"));
    assert_eq!(ask(&text, "GET", "/"), Some(200));
    let server = document(
        "networking",
        "Gateway",
        "edge",
        "istio-system",
        "{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}",
    );
    let pushed = serde_json::to_string(&gateway(&(text + &server)).listeners).unwrap();
    assert!(!pushed.contains("policy[p]"), "the gateway's pod bears no label of a Gateway API gateway");
}

/// `PathMatcher` in `pilot/pkg/security/authz/matcher/header.go`, `StringMatcher` in `pilot/pkg/security/authz/matcher/string.go`.
#[test]
fn paths_of_a_rule_are_whole_begin_end_or_are_there() {
    let status = |path: &str, asked: &str| ask(&policy("p", "shop", &format!("{{rules: [{{to: [{{operation: {{paths: ['{path}']}}}}]}}]}}")), "GET", asked);
    for (path, asked, allowed) in
        [("/a", "/a?x=1", true), ("/a", "/a/b", false), ("/a*", "/ab", true), ("*.txt", "/x.txt", true), ("*.txt", "/x.txt/", false), ("*", "/any", true)]
    {
        assert_eq!(status(path, asked), Some(if allowed { 200 } else { 403 }), "{path} {asked}");
    }
}
