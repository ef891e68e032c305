//! AuthorizationPolicy (`pilot/pkg/security/authz/`, `pilot/pkg/model/authorization.go`, `pilot/pkg/networking/core/listener_builder.go`).

use meshwright::engine::envoy::{self, Call, Outcome, Protocol, Tls};

use meshwright::engine::xds::{ProxyConfig, TypedConfig};

use super::{cluster, document, gateway, inbound, push, sidecar};

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

/// What the filters of the workload's own port decide by, in their order.
fn deciding(config: &ProxyConfig) -> Vec<String> {
    let chains = config.listeners.iter().filter(|listener| listener.name == "virtualInbound").flat_map(|listener| &listener.filter_chains);
    let manager = chains.flat_map(|chain| &chain.filters).find_map(|filter| match &filter.typed_config {
        Some(TypedConfig::HttpConnectionManager(manager)) => Some(manager),
        _ => None,
    });
    let word = |config: &TypedConfig| match config {
        TypedConfig::HttpRbac(rbac) => match (&rbac.rules, &rbac.shadow_rules) {
            (None, Some(shadow)) => Some(format!("whether {}", shadow.policies.keys().next()?)),
            (rules, _) => Some(rules.as_ref()?.policies.keys().next()?.clone()),
        },
        TypedConfig::JwtAuthentication(_) => Some("tokens".to_owned()),
        other => other.other_type().filter(|name| *name == "ExtAuthz").map(|_| "the authorizer".to_owned()),
    };
    manager.unwrap().http_filters.iter().filter_map(|filter| word(filter.typed_config.as_ref()?)).collect()
}

/// `buildHTTPConnectionManager` in `pilot/pkg/networking/core/listener_builder.go`: CUSTOM, then tokens, then what `build` in
/// `pilot/pkg/security/authz/builder/builder.go` makes: AUDIT, DENY, ALLOW.
#[test]
fn custom_comes_first_then_tokens_then_audit_then_denials_then_permissions() {
    let mesh = serde_json::json!({"extensionProviders": [{"name": "ask", "envoyExtAuthzHttp": {"service": "cart.shop.svc.cluster.local", "port": 80}}]});
    let text = policy("allow", "shop", "{rules: [{}]}")
        + &policy("deny", "shop", &format!("{{action: DENY, {FOR_PUT}}}"))
        + &policy("audit", "shop", "{action: AUDIT, rules: [{}]}")
        + &policy("custom", "shop", "{action: CUSTOM, provider: {name: ask}, rules: [{}]}")
        + &document("security", "RequestAuthentication", "t", "shop", "{jwtRules: [{issuer: me, jwks: '{\"keys\":[]}'}]}");
    let world = crate::engine::istiod::cluster_with(&text, serde_json::from_value(mesh).unwrap());
    let name = |policy: &str| format!("ns[shop]-policy[{policy}]-rule[0]");
    let wanted = [format!("whether istio-ext-authz-{}", name("custom")), "the authorizer".into(), "tokens".into(), name("audit"), name("deny"), name("allow")];
    assert_eq!(deciding(&push(&world, "shop", "web-1")), wanted);
}

/// `ShouldAttachPolicy` in `pilot/pkg/model/policyattachment.go`: a waypoint is meant by its name alone, whatever labels its pod bears.
#[test]
fn a_selector_binds_no_waypoint() {
    let waypoint = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: way, namespace: shop}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}\n";
    let bound = |spec: &str| {
        let world = cluster(&(waypoint.to_owned() + &policy("p", "shop", spec)));
        serde_json::to_string(&push(&world, "shop", "way").listeners).unwrap().contains("policy[p]")
    };
    assert!(!bound("{selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: way}}, rules: [{}]}"));
    assert!(!bound("{rules: [{}]}"), "nor does a policy for the whole namespace");
    assert!(bound("{targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: way}], rules: [{}]}"));
}
