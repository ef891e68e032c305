//! The filter chains of a port by what it takes: mTLS, plain text or both.
//!
//! `pilot/pkg/networking/core/filterchain_options.go` and `pilot/pkg/security/authn/utils/utils.go`.

use serde_json::json;

use super::Scope;
use crate::engine::{
    cluster::{ListenerProtocol, MtlsMode},
    istiod::{
        clusters::{agent_secret, validation},
        inbound::{CIPHERS, downstream_tls},
    },
    xds::ExtensionConfig,
};

const MTLS_HTTP: &[&str] = &["istio-http/1.0", "istio-http/1.1", "istio-h2"];
const MTLS_TCP: &[&str] = &["istio-peer-exchange", "istio"];
const MTLS_ANY: &[&str] = &["istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2"];
const PLAIN_HTTP: &[&str] = &["http/1.1", "h2c"];

/// What one chain of a port takes.
pub(in crate::engine::istiod) struct Chain {
    /// Protocols told by the client; any where it is empty.
    pub protocols: &'static [&'static str],
    /// `tls` or `raw_buffer`.
    pub transport: &'static str,
    /// Whether mTLS ends here.
    pub ends_mtls: bool,
    pub is_http: bool,
}

fn mtls(protocols: &'static [&'static str], is_http: bool) -> Chain {
    Chain { protocols, transport: "tls", ends_mtls: true, is_http }
}

fn plain(protocols: &'static [&'static str], is_http: bool) -> Chain {
    Chain { protocols, transport: "raw_buffer", ends_mtls: false, is_http }
}

/// TLS that the workload ends itself.
fn foreign() -> Chain {
    Chain { protocols: &[], transport: "tls", ends_mtls: false, is_http: false }
}

/// The chains of a port.
pub(in crate::engine::istiod) fn chains(protocol: ListenerProtocol, mode: MtlsMode) -> Vec<Chain> {
    match (protocol, mode) {
        (ListenerProtocol::Http, MtlsMode::Strict) => vec![mtls(&[], true)],
        (ListenerProtocol::Http, MtlsMode::Permissive) => vec![mtls(MTLS_ANY, true), plain(&[], true)],
        (ListenerProtocol::Http, MtlsMode::Disable) => vec![plain(&[], true)],
        (ListenerProtocol::Auto, MtlsMode::Strict) => vec![mtls(MTLS_HTTP, true), mtls(&[], false)],
        (ListenerProtocol::Auto, MtlsMode::Permissive) => {
            vec![mtls(MTLS_HTTP, true), plain(PLAIN_HTTP, true), mtls(MTLS_TCP, false), plain(&[], false), foreign()]
        }
        (ListenerProtocol::Auto, MtlsMode::Disable) => vec![plain(PLAIN_HTTP, true), plain(&[], false)],
        (ListenerProtocol::Tcp | ListenerProtocol::None, MtlsMode::Strict) => vec![mtls(&[], false)],
        (ListenerProtocol::Tcp | ListenerProtocol::None, MtlsMode::Permissive) => vec![mtls(MTLS_ANY, false), foreign(), plain(&[], false)],
        (ListenerProtocol::Tcp | ListenerProtocol::None, MtlsMode::Disable) => vec![plain(&[], false)],
    }
}

/// The socket that asks other workloads for their certificates.
pub(in crate::engine::istiod) fn peer_socket(scope: &Scope, is_http: bool) -> ExtensionConfig {
    let alpn: &[&str] = if is_http { &["h2", "http/1.1"] } else { &["istio-peer-exchange", "h2", "http/1.1"] };
    let tls = &scope.mesh().mesh_mtls;
    let lowest = if tls.min_protocol_version == "TLSV1_3" { "TLSv1_3" } else { "TLSv1_2" };
    let ciphers: Vec<&str> = if tls.cipher_suites.is_empty() { CIPHERS.to_vec() } else { tls.cipher_suites.iter().map(String::as_str).collect() };
    let mut domains: Vec<String> = Vec::new();
    for prefix in scope.mesh().trust_domains().map(|domain| format!("spiffe://{domain}/")) {
        if !domains.contains(&prefix) {
            domains.push(prefix);
        }
    }
    let mut trusted = validation(&[]);
    trusted.insert("matchSubjectAltNames".into(), domains.iter().map(|prefix| json!({ "prefix": prefix })).collect());
    downstream_tls(json!({
        "commonTlsContext": {
            "tlsParams": {"tlsMinimumProtocolVersion": lowest, "tlsMaximumProtocolVersion": "TLSv1_3", "cipherSuites": ciphers},
            "tlsCertificateSdsSecretConfigs": [agent_secret("default")],
            "combinedValidationContext": {"defaultValidationContext": trusted, "validationContextSdsSecretConfig": agent_secret("ROOTCA")},
            "alpnProtocols": alpn,
        },
        "requireClientCertificate": true,
    }))
}
