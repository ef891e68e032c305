//! What ztunnel is told of policies, and what it makes of them: `authorization.go` in
//! `pilot/pkg/serviceregistry/kube/controller/ambient`, and `src/rbac.rs` and `assert_rbac` of `src/state.rs` in ztunnel.

use meshwright::engine::{
    istiod,
    ztunnel::{Action, Connection, Ruling, Scope, State, inbound},
};

use super::cluster;

#[track_caller]
fn state(config: &str) -> State {
    istiod::ztunnel_state(&cluster(config))
}

fn policy(name: &str, spec: &str) -> String {
    format!("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{{spec}}}\n---\n")
}

fn peers(name: &str, namespace: &str, spec: &str) -> String {
    format!("apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{{spec}}}\n---\n")
}

/// Whether `cart-1` is reached on a port, by `web` through a tunnel or by nobody in plain text.
fn lets(state: &State, account: Option<&str>, port: u32) -> bool {
    let connection = Connection {
        source: "10.1.0.3".parse().ok(),
        identity: account.map(|account| format!("cluster.local/ns/shop/sa/{account}")),
        destination: "10.1.0.1".parse().ok(),
        port,
    };
    inbound(state, state.workload("10.1.0.1").unwrap(), &connection).0 == Ruling::Allowed
}

#[test]
fn scopes_are_those_of_selector_and_namespace() {
    let root = policy("all", "rules: [{}]").replace("namespace: shop", "namespace: istio-system");
    let state = state(&(policy("some", "selector: {matchLabels: {app: cart}}, rules: [{}]") + &policy("home", "rules: [{}]") + &root));
    let scopes: Vec<_> = state.policies.iter().map(|policy| (policy.key(), policy.scope)).collect();
    assert!(scopes.contains(&("shop/some".into(), Scope::Workload)));
    assert!(scopes.contains(&("shop/home".into(), Scope::Namespace)));
    assert!(scopes.contains(&("istio-system/all".into(), Scope::Global)));
    let bound = |address: &str| state.workload(address).unwrap().policies.iter().map(|policy| policy.key.clone()).collect::<Vec<_>>();
    assert_eq!(bound("10.1.0.1"), ["shop/some"]);
    assert!(bound("10.1.0.3").is_empty());
}

#[test]
fn what_is_for_waypoints_or_unknown_there_is_not_sent() {
    let target = policy("target", "targetRefs: [{kind: Service, group: '', name: cart}], rules: [{}]");
    let audit = policy("audit", "action: AUDIT, rules: [{}]");
    let custom = policy("custom", "action: CUSTOM, provider: {name: x}, rules: [{}]");
    let dry = policy("dry", "rules: [{}]").replace("metadata: {", "metadata: {annotations: {istio.io/dry-run: 'true'}, ");
    assert!(state(&(target + &audit + &custom + &dry)).policies.is_empty());
}

/// `handleRule`: an ALLOW rule that asks for HTTP is left out, so it allows nobody.
#[test]
fn an_allow_rule_that_asks_for_http_never_matches() {
    let state = state(&policy("get", "rules: [{from: [{source: {principals: ['cluster.local/ns/shop/sa/web']}}], to: [{operation: {methods: [GET]}}]}]"));
    let [policy] = state.policies.as_slice() else { panic!("{:?}", state.policies) };
    assert_eq!((policy.action, policy.groups.len(), policy.omitted), (Action::Allow, 0, 1));
    assert!(!lets(&state, Some("web"), 8080));
    // Another rule of the same policy stays.
    let both = self::state(&super::policies::policy("get", "rules: [{to: [{operation: {methods: [GET]}}]}, {from: [{source: {namespaces: [shop]}}]}]"));
    assert!(lets(&both, Some("web"), 8080));
    assert!(!lets(&both, None, 8080));
}

/// `handleRule`: a DENY rule loses what asks for HTTP, so it denies more than it says.
#[test]
fn a_deny_rule_keeps_what_does_not_ask_for_http() {
    let state =
        state(&policy("post", "action: DENY, rules: [{from: [{source: {principals: ['*/sa/web']}}], to: [{operation: {methods: [POST], ports: ['8080']}}]}]"));
    assert!(!lets(&state, Some("web"), 8080));
    assert!(lets(&state, Some("web"), 7000));
    assert!(lets(&state, Some("other"), 8080));
}

/// `Authorization::matches`: a match with nothing in it never holds, see also issue 61126 of istio/istio.
#[test]
fn a_deny_rule_of_http_alone_denies_nobody() {
    let state = state(&policy("post", "action: DENY, rules: [{to: [{operation: {methods: [POST]}}]}]"));
    assert_eq!(state.policies[0].groups.len(), 1);
    assert!(lets(&state, Some("web"), 8080));
}

#[test]
fn without_a_rule_allow_lets_nobody_in_and_an_empty_rule_everybody() {
    assert!(!lets(&state(&policy("nobody", "")), Some("web"), 8080));
    assert!(lets(&state(&policy("everybody", "rules: [{}]")), None, 8080));
    assert!(!lets(&state(&policy("closed", "action: DENY, rules: [{}]")), Some("web"), 8080));
}

#[test]
fn matches_of_layer_4_are_all_asked() {
    let allow = |source: &str| lets(&state(&policy("some", &format!("rules: [{{from: [{{source: {{{source}}}}}]}}]"))), Some("web"), 8080);
    assert!(allow("principals: ['cluster.local/ns/shop/sa/web']"));
    assert!(allow("principals: ['cluster.local/*']"));
    assert!(allow("principals: ['*/web']"));
    assert!(allow("notPrincipals: ['*/cart']"));
    assert!(allow("namespaces: [shop]"));
    assert!(!allow("notNamespaces: [shop]"));
    assert!(allow("serviceAccounts: [web]"));
    assert!(allow("serviceAccounts: [shop/web]"));
    assert!(!allow("serviceAccounts: [other/web]"));
    assert!(allow("ipBlocks: [10.1.0.0/16]"));
    assert!(!allow("notIpBlocks: [10.1.0.3]"));
    let when =
        |key: &str, value: &str| lets(&state(&policy("some", &format!("rules: [{{when: [{{key: '{key}', values: ['{value}']}}]}}]"))), Some("web"), 8080);
    assert!(when("destination.port", "8080"));
    assert!(!when("destination.port", "7000"));
    assert!(when("destination.ip", "10.1.0.1"));
    assert!(!when("request.headers[x]", "1"), "HTTP is left out, and with it the rule");
}

/// `convertedSelectorPeerAuthentications`: one policy stands for STRICT.
#[test]
fn strict_denies_plain_text() {
    let open = state(&peers("default", "shop", "mtls: {mode: PERMISSIVE}"));
    assert!(lets(&open, None, 8080) && lets(&open, Some("web"), 8080));
    for home in ["shop", "istio-system"] {
        let strict = state(&peers("default", home, "mtls: {mode: STRICT}"));
        assert!(!lets(&strict, None, 8080), "{home}");
        assert!(lets(&strict, Some("web"), 8080), "{home}");
        let bound = &strict.workload("10.1.0.1").unwrap().policies;
        assert_eq!(bound.iter().map(|policy| policy.key.as_str()).collect::<Vec<_>>(), ["istio-system/istio_converted_static_strict"]);
    }
    // The narrower one counts.
    let but = peers("default", "istio-system", "mtls: {mode: STRICT}") + &peers("default", "shop", "mtls: {mode: DISABLE}");
    assert!(lets(&state(&but), None, 8080));
}

/// `convertPeerAuthentication`: modes by port are a policy of their own.
#[test]
fn strict_by_port_is_a_policy_of_its_own() {
    let one = state(&peers("cart", "shop", "selector: {matchLabels: {app: cart}}, portLevelMtls: {8080: {mode: STRICT}}"));
    assert_eq!(one.workload("10.1.0.1").unwrap().policies[0].key, "shop/converted_peer_authentication_cart");
    assert!(!lets(&one, None, 8080) && lets(&one, None, 7000) && lets(&one, Some("web"), 8080));
    let but = state(&peers("cart", "shop", "selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}, portLevelMtls: {7000: {mode: PERMISSIVE}}"));
    assert!(!lets(&but, None, 8080) && lets(&but, None, 7000));
}

/// `src/proxy/inbound.rs`: nobody is let through to ztunnel's own ports.
#[test]
fn ztunnels_own_ports_are_closed() {
    assert!([15001, 15006, 15008].iter().all(|port| !lets(&state(""), Some("web"), *port)));
}
