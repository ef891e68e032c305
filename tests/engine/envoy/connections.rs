//! Listeners, filter chains, TLS and TCP.

use meshwright::engine::{envoy::CallError, xds::ProxyConfig};
use serde_json::{Value, json};

use super::{cluster, config, listener, run, shares, tcp_chain};

fn named(mut chain: Value, name: &str, wants: &Value) -> Value {
    chain["name"] = name.into();
    chain["filterChainMatch"] = wants.clone();
    chain
}

fn terminating(mut chain: Value, requires_certificate: bool) -> Value {
    chain["transportSocket"] = json!({"name": "envoy.transport_sockets.tls", "typedConfig": {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext", "requireClientCertificate": requires_certificate,
        "commonTlsContext": {"tlsCertificateSdsSecretConfigs": [{"name": "kubernetes://cert"}],
            "combinedValidationContext": {"defaultValidationContext": {"matchSubjectAltNames": [{"prefix": "spiffe://cluster.local/"}]}}}}});
    chain
}

fn with_listeners(listeners: &Value) -> ProxyConfig {
    config(&json!({"listeners": listeners, "routes": [], "clusters": [cluster("a", 1), cluster("b", 1), cluster("empty", 0)], "endpoints": []}))
}

#[test]
fn outbound_prefers_the_very_address_then_the_port_then_the_rest() {
    let proxy = with_listeners(&json!([
        listener("10.0.0.9", 81, &json!([tcp_chain("a")])),
        listener("0.0.0.0", 81, &json!([tcp_chain("b")])),
        {"name": "virtualOutbound", "address": {"socketAddress": {"address": "0.0.0.0", "portValue": 15001}}, "filterChains": [tcp_chain("empty")]},
    ]));
    for (address, port, wanted) in [("10.0.0.9", 81, "10.0.0.9_81"), ("10.0.0.8", 81, "0.0.0.0_81"), ("10.0.0.9", 82, "virtualOutbound")] {
        assert_eq!(run(&proxy, &json!({"address": address, "port": port, "protocol": "tcp"})).listener, wanted);
    }
    assert_eq!(run(&proxy, &json!({"port": 82, "protocol": "tcp"})).error, Some(CallError::ConnectionClosed));
    assert_eq!(run(&proxy, &json!({"port": 82, "mode": "gateway"})).error, Some(CallError::NoListener));
    assert_eq!(run(&proxy, &json!({"port": 82, "mode": "inbound"})).error, Some(CallError::NoListener));
}

#[test]
fn filter_chains_are_sieved_by_what_the_inspectors_see() {
    let mut all = listener(
        "0.0.0.0",
        443,
        &json!([
            named(tcp_chain("a"), "exact", &json!({"serverNames": ["x.io"]})),
            named(tcp_chain("a"), "long", &json!({"serverNames": ["*.y.io"]})),
            named(tcp_chain("a"), "short", &json!({"serverNames": ["*.io"]})),
            named(tcp_chain("a"), "istio", &json!({"transportProtocol": "tls", "applicationProtocols": ["istio"]})),
            named(tcp_chain("a"), "tls", &json!({"transportProtocol": "tls"})),
            named(tcp_chain("a"), "near", &json!({"prefixRanges": [{"addressPrefix": "10.1.0.0", "prefixLen": 16}]})),
        ]),
    );
    all["listenerFilters"] = json!([{"name": "envoy.filters.listener.tls_inspector", "filterDisabled": {"destinationPortRange": {"start": 1, "end": 2}}}]);
    let proxy = with_listeners(&json!([all]));
    for (changes, wanted) in [
        (json!({"tls": "tls", "sni": "X.io"}), "exact"),
        (json!({"tls": "tls", "sni": "a.b.y.io"}), "long"),
        (json!({"tls": "tls", "sni": "y.io"}), "short"),
        (json!({"tls": "mtls", "sni": ""}), "istio"),
        (json!({"tls": "tls", "sni": ""}), "tls"),
        (json!({"tls": "tls", "sni": "x.io", "address": "10.1.2.3"}), "near"),
        (json!({"tls": "plaintext"}), ""),
    ] {
        let mut changes = changes;
        changes["port"] = 443.into();
        assert_eq!(run(&proxy, &changes).filter_chain, wanted, "{changes}");
    }
    assert_eq!(run(&proxy, &json!({"port": 443})).error, Some(CallError::NoFilterChain));
}

#[test]
fn a_handshake_needs_both_sides_and_the_certificate() {
    let mut proxy = with_listeners(&json!([listener("0.0.0.0", 443, &json!([terminating(tcp_chain("a"), true)]))]));
    let error = |proxy: &ProxyConfig, changes: &Value| {
        let mut changes = changes.clone();
        changes["port"] = 443.into();
        run(proxy, &changes).error
    };
    assert_eq!(error(&proxy, &json!({"tls": "plaintext"})), Some(CallError::TlsError));
    assert_eq!(error(&proxy, &json!({"tls": "tls"})), Some(CallError::MtlsError));
    assert_eq!(error(&proxy, &json!({"tls": "mtls"})), None);
    assert_eq!(error(&proxy, &json!({"tls": "mtls", "peer": {"principal": "cluster.local/ns/a/sa/b", "trusted": false}})), Some(CallError::MtlsError));
    assert_eq!(error(&proxy, &json!({"tls": "mtls", "peer": {"principal": "other.local/ns/a/sa/b"}})), Some(CallError::MtlsError));
    proxy.secrets = Some(["kubernetes://cert".to_owned()].into());
    assert_eq!(error(&proxy, &json!({"tls": "mtls"})), None);
    proxy.secrets = Some([].into());
    assert_eq!(error(&proxy, &json!({"tls": "mtls"})), Some(CallError::TlsError));
}

#[test]
fn tcp_goes_by_weight_and_http_passes_through_it_unseen() {
    let weighted = json!({"filters": [{"name": "tcp", "typedConfig": {"@type": super::TCP_PROXY,
        "weightedClusters": {"clusters": [{"name": "a", "weight": 3}, {"name": "b", "weight": 1}]}}}]});
    let proxy = with_listeners(&json!([listener("0.0.0.0", 81, &json!([weighted]))]));
    let bytes = run(&proxy, &json!({"port": 81, "protocol": "tcp"}));
    assert_eq!((shares(&bytes), bytes.error, bytes.response.status), (vec![("a", 0.75), ("b", 0.25)], None, None));
    let http = run(&proxy, &json!({"port": 81, "path": "/x/../y"}));
    assert_eq!((http.response.status, http.upstream.unwrap().path.as_str()), (Some(200), "/x/../y"));
}

#[test]
fn a_filter_that_is_not_modelled_is_named() {
    let mut chain = tcp_chain("a");
    chain["filters"].as_array_mut().unwrap().insert(
        0,
        json!({"name": "envoy.filters.network.ratelimit", "typedConfig": {"@type": "type.googleapis.com/envoy.extensions.filters.network.ratelimit.v3.RateLimit"}}),
    );
    let outcome = run(&with_listeners(&json!([listener("0.0.0.0", 81, &json!([chain]))])), &json!({"port": 81}));
    assert!(outcome.trace.iter().any(|step| step.subject == "envoy.filters.network.ratelimit" && step.reason.contains("not modelled")), "{:?}", outcome.trace);
}
