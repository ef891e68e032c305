//! PeerAuthentication (`ComposePeerAuthentication` in `pilot/pkg/security/authn/policy_applier.go`, `pilot/pkg/model/authentication.go`).

use meshwright::engine::{
    envoy::{self, Call, CallError, Outcome, Protocol, Tls},
    xds::ProxyConfig,
};

use super::{cluster, document, document_with, inbound, made, push, sidecar};

fn policy(name: &str, namespace: &str, spec: &str) -> String {
    document("security", "PeerAuthentication", name, namespace, spec)
}

fn mode(mode: &str) -> String {
    format!("{{mtls: {{mode: {mode}}}}}")
}

fn chosen(mode: &str, more: &str) -> String {
    format!("{{selector: {{matchLabels: {{app: web}}}}, mtls: {{mode: {mode}}}{more}}}")
}

fn answered(outcome: &Outcome) -> bool {
    outcome.response.status == Some(200)
}

/// Whether plain text and mTLS get an answer.
fn takes(config: &ProxyConfig) -> (bool, bool) {
    let answer = |tls| answered(&envoy::run(config, &inbound(8080, tls)));
    (answer(Tls::Plaintext), answer(Tls::Mtls))
}

const BOTH: (bool, bool) = (true, true);
const MTLS: (bool, bool) = (false, true);
const PLAIN: (bool, bool) = (true, false);

/// `ComposePeerAuthentication` in `pilot/pkg/security/authn/policy_applier.go`.
#[test]
fn without_a_policy_a_workload_takes_both() {
    assert_eq!(takes(&sidecar("")), BOTH);
}

/// `ComposePeerAuthentication` in `pilot/pkg/security/authn/policy_applier.go`.
#[test]
fn a_policy_of_the_workload_goes_before_that_of_the_namespace_and_that_before_that_of_the_mesh() {
    let mesh = policy("of-mesh", "istio-system", &mode("STRICT"));
    assert_eq!(takes(&sidecar(&mesh)), MTLS);
    let namespace = mesh + &policy("of-all", "shop", &mode("DISABLE"));
    assert_eq!(takes(&sidecar(&namespace)), PLAIN);
    assert_eq!(takes(&sidecar(&(namespace + &policy("of-web", "shop", &chosen("PERMISSIVE", ""))))), BOTH);
}

/// `addPeerAuthentication` in `pilot/pkg/model/authentication.go`, sorted by the time at which they were made.
#[test]
fn the_oldest_policy_of_each_level_wins() {
    let at = |name: &str, namespace: &str, day, spec: &str| document_with("security", "PeerAuthentication", &made(name, namespace, day), spec);
    for (namespace, strict, disable) in
        [("istio-system", mode("STRICT"), mode("DISABLE")), ("shop", mode("STRICT"), mode("DISABLE")), ("shop", chosen("STRICT", ""), chosen("DISABLE", ""))]
    {
        assert_eq!(takes(&sidecar(&(at("a", namespace, 2, &disable) + &at("b", namespace, 1, &strict)))), MTLS, "{namespace}");
        assert_eq!(takes(&sidecar(&(at("a", namespace, 1, &disable) + &at("b", namespace, 2, &strict)))), PLAIN, "{namespace}");
    }
}

/// `isMtlsModeUnset` in `pilot/pkg/security/authn/policy_applier.go`.
#[test]
fn what_is_unset_is_inherited() {
    let text = policy("of-mesh", "istio-system", &mode("STRICT")) + &policy("of-all", "shop", &mode("UNSET")) + &policy("of-web", "shop", &chosen("UNSET", ""));
    assert_eq!(takes(&sidecar(&text)), MTLS);
}

/// `getConfigsForWorkload` in `pilot/pkg/model/authentication.go`.
#[test]
fn a_policy_with_a_selector_in_the_root_namespace_selects_nobody() {
    assert_eq!(takes(&sidecar(&policy("of-web", "istio-system", &chosen("STRICT", "")))), BOTH);
}

/// `ComposePeerAuthentication` in `pilot/pkg/security/authn/policy_applier.go`: `PerPort`, by the port of the workload.
#[test]
fn ports_are_those_of_the_workload_and_not_of_the_service() {
    assert_eq!(takes(&sidecar(&policy("of-web", "shop", &chosen("STRICT", ", portLevelMtls: {8080: {mode: DISABLE}}")))), PLAIN);
    assert_eq!(takes(&sidecar(&policy("of-web", "shop", &chosen("STRICT", ", portLevelMtls: {80: {mode: DISABLE}}")))), MTLS);
}

/// `BuildInboundTLS` in `pilot/pkg/security/authn/utils/utils.go`; the filter that passes bytes on does not read them.
#[test]
fn where_mtls_is_off_its_bytes_pass_to_a_tcp_port() {
    let world = cluster(&policy("of-all", "shop", &mode("DISABLE")));
    let config = push(&world, "shop", "web-1");
    let outcome = envoy::run(&config, &Call { protocol: Protocol::Tcp, ..inbound(9999, Tls::Mtls) });
    assert_eq!((outcome.error, super::clusters(&outcome)), (None, vec!["InboundPassthroughCluster"]));
}

/// `BuildInboundTLS` in `pilot/pkg/security/authn/utils/utils.go`; the filter that reads HTTP finds none.
#[test]
fn where_mtls_is_off_its_bytes_break_an_http_port() {
    let outcome = envoy::run(&sidecar(&policy("of-all", "shop", &mode("DISABLE"))), &inbound(8080, Tls::Mtls));
    assert_eq!(outcome.error, Some(CallError::TlsError));
}
