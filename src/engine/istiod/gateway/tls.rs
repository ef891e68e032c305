//! The TLS side of a server that ends TLS.

use serde_json::{Map, Value, json};

use super::merge::{Server, tls_mode};
use crate::engine::{
    istiod::{
        clusters::{agent_secret, cluster_secret, validation},
        inbound::{CIPHERS, downstream_tls},
    },
    resource::ServerTlsSettings,
    xds::ExtensionConfig,
};

/// The socket of a server; none where it passes TLS through or has none.
pub(super) fn server_socket(server: &Server) -> Option<ExtensionConfig> {
    let tls = server.spec.tls.as_ref().filter(|_| !server.passes_tls_through())?;
    let mode = tls_mode(tls);
    let requires_client = matches!(mode, "MUTUAL" | "ISTIO_MUTUAL");
    let alpn: &[&str] = if mode == "ISTIO_MUTUAL" && !server.speaks_http() { &["istio-peer-exchange", "h2", "http/1.1"] } else { &["h2", "http/1.1"] };
    let mut common = Map::new();
    let params = if mode == "ISTIO_MUTUAL" { Map::new() } else { tls_params(tls) };
    if !params.is_empty() {
        common.insert("tlsParams".into(), params.into());
    }
    secrets(tls, mode, requires_client || mode == "OPTIONAL_MUTUAL", &mut common);
    common.insert("alpnProtocols".into(), json!(alpn));
    Some(downstream_tls(json!({"commonTlsContext": common, "requireClientCertificate": requires_client})))
}

/// The server's own certificate, and by what clients' are checked.
fn secrets(tls: &ServerTlsSettings, mode: &str, checks_clients: bool, common: &mut Map<String, Value>) {
    let by_credential = mode != "ISTIO_MUTUAL" && !tls.credential_name.is_empty();
    let by_files = mode != "ISTIO_MUTUAL" && !by_credential;
    let file = |text: &str, name: String, fallback: &str| if by_files && !text.is_empty() { agent_secret(&name) } else { agent_secret(fallback) };
    let (certificate, root) = if by_credential {
        (cluster_secret(&tls.credential_name), cluster_secret(&format!("{}-cacert", tls.credential_name)))
    } else {
        (
            file(&tls.server_certificate, format!("file-cert:{}~{}", tls.server_certificate, tls.private_key), "default"),
            file(&tls.ca_certificates, format!("file-root:{}", tls.ca_certificates), "ROOTCA"),
        )
    };
    common.insert("tlsCertificateSdsSecretConfigs".into(), json!([certificate]));
    let mut checks = validation(&tls.subject_alt_names);
    if checks_clients {
        if by_credential {
            for (key, values) in [("verifyCertificateSpki", &tls.verify_certificate_spki), ("verifyCertificateHash", &tls.verify_certificate_hash)] {
                if !values.is_empty() {
                    checks.insert(key.into(), json!(values));
                }
            }
        } else if !tls.ca_crl.is_empty() {
            checks.insert("crl".into(), json!({"filename": tls.ca_crl}));
        }
        common.insert("combinedValidationContext".into(), json!({"defaultValidationContext": checks, "validationContextSdsSecretConfig": root}));
    } else if by_credential && !checks.is_empty() {
        common.insert("validationContext".into(), checks.into());
    }
}

fn tls_params(tls: &ServerTlsSettings) -> Map<String, Value> {
    let mut params = Map::new();
    for (key, version) in [("tlsMinimumProtocolVersion", &tls.min_protocol_version), ("tlsMaximumProtocolVersion", &tls.max_protocol_version)] {
        let name = match version.as_deref() {
            Some("TLSV1_0") => "TLSv1_0",
            Some("TLSV1_1") => "TLSv1_1",
            Some("TLSV1_2") => "TLSv1_2",
            Some("TLSV1_3") => "TLSv1_3",
            _ => continue,
        };
        params.insert(key.into(), name.into());
    }
    let known: Vec<&String> = tls.cipher_suites.iter().filter(|suite| is_known_cipher(suite)).collect();
    if !known.is_empty() {
        params.insert("cipherSuites".into(), json!(known));
    }
    params
}

/// Whether Envoy knows a cipher suite; others are left out.
fn is_known_cipher(suite: &str) -> bool {
    const MORE: [&str; 14] = [
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-PSK-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-SHA",
        "ECDHE-RSA-AES128-SHA",
        "ECDHE-PSK-AES128-CBC-SHA",
        "ECDHE-ECDSA-AES256-SHA",
        "ECDHE-RSA-AES256-SHA",
        "ECDHE-PSK-AES256-CBC-SHA",
        "AES128-SHA",
        "AES256-SHA",
        "PSK-AES128-CBC-SHA",
        "PSK-AES256-CBC-SHA",
        "DES-CBC3-SHA",
    ];
    CIPHERS.contains(&suite) || MORE.contains(&suite)
}
