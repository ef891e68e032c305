//! PeerAuthentication, RequestAuthentication and AuthorizationPolicy in what a proxy is told.

use meshwright::engine::xds::{FilterChain, HttpConnectionManager, ProxyConfig, TypedConfig};

use super::{cluster, listener, push, sidecar};

fn peer_authentication(name: &str, namespace: &str, made: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: {name}, namespace: {namespace}, creationTimestamp: '{made}'}}\nspec: {spec}\n"
    )
}

fn authorization_policy(name: &str, namespace: &str, spec: &str) -> String {
    format!("---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n")
}

/// Transport of the chains of a port.
fn transports(config: &ProxyConfig, port: Option<u32>) -> Vec<String> {
    let of_port = |chain: &&FilterChain| chain.filter_chain_match.as_ref().is_some_and(|wants| wants.destination_port == port);
    listener(config, "virtualInbound")
        .filter_chains
        .iter()
        .filter(of_port)
        .filter_map(|chain| Some(chain.filter_chain_match.as_ref()?.transport_protocol.clone()))
        .collect()
}

fn http(config: &ProxyConfig) -> &HttpConnectionManager {
    let filters = listener(config, "virtualInbound").filter_chains.iter().rev().flat_map(|chain| &chain.filters);
    let manager = |config: &'_ TypedConfig| matches!(config, TypedConfig::HttpConnectionManager(_));
    match filters.filter_map(|filter| filter.typed_config.as_ref()).find(|config| manager(config)) {
        Some(TypedConfig::HttpConnectionManager(manager)) => manager,
        _ => panic!("no HTTP"),
    }
}

fn http_filters(config: &ProxyConfig) -> Vec<&str> {
    http(config).http_filters.iter().map(|filter| filter.name.trim_start_matches("envoy.filters.http.")).collect()
}

/// `ComposePeerAuthentication` in `pilot/pkg/security/authn/policy_applier.go`.
#[test]
fn the_workload_goes_before_the_namespace_and_that_before_the_mesh() {
    let mesh = peer_authentication("mesh", "istio-system", "2026-01-01T00:00:00Z", "{mtls: {mode: STRICT}}");
    assert_eq!(transports(&sidecar(&mesh), Some(8080)), ["tls"]);
    let namespace = mesh + &peer_authentication("all", "shop", "2026-01-01T00:00:00Z", "{mtls: {mode: DISABLE}}");
    assert_eq!(transports(&sidecar(&namespace), Some(8080)), ["raw_buffer"]);
    let workload = namespace + &peer_authentication("web", "shop", "2026-01-01T00:00:00Z", "{selector: {matchLabels: {app: web}}, mtls: {mode: PERMISSIVE}}");
    assert_eq!(transports(&sidecar(&workload), Some(8080)), ["tls", "raw_buffer"]);
}

#[test]
fn what_is_unset_inherits() {
    let mesh = peer_authentication("mesh", "istio-system", "2026-01-01T00:00:00Z", "{mtls: {mode: STRICT}}");
    let unset = mesh + &peer_authentication("web", "shop", "2026-01-01T00:00:00Z", "{selector: {matchLabels: {app: web}}, mtls: {mode: UNSET}}");
    assert_eq!(transports(&sidecar(&unset), Some(8080)), ["tls"]);
}

#[test]
fn the_oldest_of_a_level_wins() {
    let younger = peer_authentication("a", "shop", "2026-02-01T00:00:00Z", "{mtls: {mode: STRICT}}");
    let both = younger + &peer_authentication("b", "shop", "2026-01-01T00:00:00Z", "{mtls: {mode: DISABLE}}");
    assert_eq!(transports(&sidecar(&both), Some(8080)), ["raw_buffer"]);
}

#[test]
fn a_selector_in_the_root_namespace_selects_nothing() {
    let rooted = peer_authentication("web", "istio-system", "2026-01-01T00:00:00Z", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}");
    assert_eq!(transports(&sidecar(&rooted), Some(8080)), ["tls", "raw_buffer"]);
}

/// Ports are those of the workload; one that no service leads to gets chains of its own (`ForPassthrough` in
/// `pilot/pkg/networking/plugin/authn/authentication.go`).
#[test]
fn mtls_can_be_set_port_by_port() {
    let spec = "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}, 9999: {mode: PERMISSIVE}}}";
    let config = sidecar(&peer_authentication("web", "shop", "2026-01-01T00:00:00Z", spec));
    assert_eq!(transports(&config, Some(8080)), ["raw_buffer"]);
    assert_eq!(transports(&config, Some(9999)).len(), 5);
    assert_eq!(transports(&config, None), ["tls", "tls"]);
}

/// `checkMtlsEnabled` in `pilot/pkg/xds/endpoints/mtls_checker.go`.
#[test]
fn clients_send_plain_text_to_a_workload_that_takes_nothing_else() {
    let off = peer_authentication("cart", "shop", "2026-01-01T00:00:00Z", "{selector: {matchLabels: {app: cart}}, mtls: {mode: DISABLE}}");
    let has_note = |config: &ProxyConfig| {
        let assignment = config.endpoints.iter().find(|a| a.cluster_name == "outbound|80||cart.shop.svc.cluster.local").unwrap();
        let metadata = assignment.endpoints.iter().flat_map(|group| &group.lb_endpoints).filter_map(|endpoint| endpoint.metadata.as_ref());
        metadata.clone().any(|notes| notes.filter_metadata.get("envoy.transport_socket_match").is_some())
    };
    assert!(has_note(&sidecar("")));
    assert!(!has_note(&sidecar(&off)));
}

/// `buildHTTPConnectionManager` in `pilot/pkg/networking/core/listener_builder.go`, and `build` in `authz/builder/builder.go`.
#[test]
fn custom_comes_first_then_tokens_then_audit_deny_and_allow() {
    let all = [
        ("allow", "{rules: [{}]}"),
        ("deny", "{action: DENY, rules: [{to: [{operation: {methods: [PUT]}}]}]}"),
        ("audit", "{action: AUDIT, rules: [{}]}"),
        ("custom", "{action: CUSTOM, provider: {name: nobody}, rules: [{}]}"),
    ];
    let mut yaml: String = all.iter().map(|(name, spec)| authorization_policy(name, "shop", spec)).collect();
    yaml += "---\napiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: t, namespace: shop}\nspec: {jwtRules: [{issuer: me, jwks: '{\"keys\":[]}'}]}\n";
    let config = sidecar(&yaml);
    assert_eq!(&http_filters(&config)[1..6], ["rbac", "jwt_authn", "rbac", "rbac", "rbac"]);
    let actions: Vec<String> = http(&config)
        .http_filters
        .iter()
        .filter_map(|filter| match &filter.typed_config {
            Some(TypedConfig::HttpRbac(rbac)) => Some(format!("{} {}", rbac.rules.as_ref()?.action, rbac.rules.as_ref()?.policies.keys().next()?)),
            _ => None,
        })
        .collect();
    let wanted = [
        "DENY istio-ext-authz-ns[shop]-policy[custom]-rule[0]-deny-due-to-bad-CUSTOM-action",
        "LOG ns[shop]-policy[audit]-rule[0]",
        "DENY ns[shop]-policy[deny]-rule[0]",
        " ns[shop]-policy[allow]-rule[0]",
    ];
    assert_eq!(actions, wanted);
}

/// `checkError` in `pilot/pkg/security/authz/model/model.go`: both actions err on the side of refusing.
#[test]
fn without_http_an_allow_rule_is_dropped_and_a_deny_rule_loses_its_conditions() {
    let policies = |action: &str| {
        let config = sidecar(&authorization_policy("p", "shop", &format!("{{action: {action}, rules: [{{to: [{{operation: {{paths: [/x]}}}}]}}]}}")));
        let filters = listener(&config, "virtualInbound").filter_chains.iter().flat_map(|chain| &chain.filters);
        let rules = filters.filter_map(|filter| match &filter.typed_config {
            Some(TypedConfig::NetworkRbac(rbac)) => Some(rbac.rules.clone().unwrap()),
            _ => None,
        });
        rules.into_iter().next().unwrap().policies
    };
    assert!(policies("ALLOW").is_empty());
    assert!(policies("DENY")["ns[shop]-policy[p]-rule[0]"].permissions[0].and_rules.as_ref().unwrap().rules[0].any);
}

/// `ListAuthorizationPolicies` in `pilot/pkg/model/authorization.go`.
#[test]
fn policies_of_the_root_namespace_bind_every_namespace_and_others_only_their_own() {
    let yaml = authorization_policy("root", "istio-system", "{rules: [{}]}") + &authorization_policy("elsewhere", "other", "{rules: [{}]}");
    let config = sidecar(&yaml);
    let rbac = http(&config).http_filters.iter().find_map(|filter| match &filter.typed_config {
        Some(TypedConfig::HttpRbac(rbac)) => rbac.rules.as_ref(),
        _ => None,
    });
    assert_eq!(rbac.unwrap().policies.keys().collect::<Vec<_>>(), ["ns[istio-system]-policy[root]-rule[0]"]);
}

/// Only what a workload is sent is checked: `BuildHTTP` in `pilot/pkg/networking/plugin/authz/authorization.go`.
#[test]
fn the_way_out_has_no_such_filter() {
    let config = push(&cluster(&authorization_policy("none", "shop", "{}")), "shop", "web-1");
    let outbound = serde_json::to_string(listener(&config, "0.0.0.0_80")).unwrap();
    assert!(!outbound.contains("envoy.filters.http.rbac.v3"));
}
