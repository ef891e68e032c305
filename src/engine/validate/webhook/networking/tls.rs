//! TLS settings of servers (`validateTLSOptions`) and of clients (`ValidateTLS`).

use std::collections::BTreeSet;

use crate::engine::validate::webhook::part::{Context, Part};

/// The suites that istiod lets through to Envoy (`pkg/config/security/security.go`).
const CIPHER_SUITES: &[&str] = &[
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-SHA",
    "AES256-SHA",
    "DES-CBC3-SHA",
];

/// A server's settings, in a Gateway or a Sidecar.
pub(super) fn check_server(context: &mut Context<'_, '_>, tls: &Part<'_>) {
    if !tls.is_set() {
        return;
    }
    check_versions(context, tls);
    let mode = tls.get("mode").text();
    let has = |key: &'static str| !tls.get(key).text().is_empty();
    match mode {
        "ISTIO_MUTUAL" => {
            for key in ["serverCertificate", "privateKey", "caCertificates", "credentialName"] {
                if has(key) {
                    context.refuse(&tls.get(key), format!("with ISTIO_MUTUAL the mesh's own certificates are used; remove {key}"));
                }
            }
        }
        "" | "PASSTHROUGH" | "AUTO_PASSTHROUGH" => {
            let unused = ["caCrl", "serverCertificate", "privateKey", "caCertificates", "credentialName"].into_iter().find(|key| has(key));
            if let Some(key) = unused {
                let gist = format!("unused in {}", if mode.is_empty() { "PASSTHROUGH" } else { mode });
                let mode = if mode.is_empty() { "PASSTHROUGH (the default)" } else { mode };
                context.warn_as(gist, &tls.get(key), format!("{mode} passes TLS on unopened, so {key} is not used; to terminate TLS set mode: SIMPLE"));
            }
            check_revocation(context, tls, mode);
        }
        "SIMPLE" | "MUTUAL" | "OPTIONAL_MUTUAL" if !has("credentialName") => {
            let needed: &[&str] = if mode == "SIMPLE" { &["serverCertificate", "privateKey"] } else { &["serverCertificate", "privateKey", "caCertificates"] };
            for key in needed {
                if !has(key) {
                    let gist = format!("{} needs {key}", mode.trim_start_matches("OPTIONAL_"));
                    context.refuse_as(gist, &tls.get(key), format!("mode {mode} needs {key}, or a Secret named by credentialName"));
                }
            }
            check_revocation(context, tls, mode);
        }
        _ => {}
    }
}

fn check_revocation(context: &mut Context<'_, '_>, tls: &Part<'_>, mode: &str) {
    let list = tls.get("caCrl");
    if list.text().is_empty() {
        return;
    }
    if !tls.get("credentialName").text().is_empty() {
        context.refuse(&list, "with credentialName the revocation list stands in the Secret; remove caCrl");
    }
    if mode == "SIMPLE" {
        context.refuse(&list, "mode SIMPLE asks clients for no certificate, so there is nothing to revoke; remove caCrl");
    }
}

fn check_versions(context: &mut Context<'_, '_>, tls: &Part<'_>) {
    let suites = tls.get("cipherSuites");
    let lowest = tls.get("minProtocolVersion");
    if matches!(lowest.text(), "TLSV1_0" | "TLSV1_1") && !suites.is_set() {
        context.warn_as("old TLS", &lowest, format!("{} needs cipherSuites: none of the default ones work below TLS 1.2", lowest.text()));
    }
    let is_known = |name: &str| {
        let is_expression = name.is_empty() || name == "ALL" || !name.starts_with(char::is_alphanumeric);
        is_expression || CIPHER_SUITES.contains(&name)
    };
    // istiod warns once of all of a list.
    let unknown: BTreeSet<&str> = suites.items().map(|suite| suite.text()).filter(|name| !is_known(name)).collect();
    let (mut seen, mut repeated) = (BTreeSet::new(), BTreeSet::new());
    repeated.extend(suites.items().map(|suite| suite.text()).filter(|name| is_known(name) && !seen.insert(*name)));
    seen.clear();
    for suite in suites.items() {
        let name = suite.text();
        if !is_known(name) {
            context.warn_as(format!("unknown suites {unknown:?}"), &suite, format!("{name:?} is no cipher suite that Istio passes on; it is ignored"));
        } else if !seen.insert(name) {
            context.warn_as(format!("repeated suites {repeated:?}"), &suite, format!("{name:?} stands here already; it is ignored"));
        }
    }
}

/// A client's settings, in a traffic policy.
pub(super) fn check_client(context: &mut Context<'_, '_>, tls: &Part<'_>) {
    if !tls.is_set() {
        return;
    }
    let mode = tls.get("mode").text();
    let has = |key: &'static str| !tls.get(key).text().is_empty();
    check_config_map(context, &tls.get("credentialName"));
    if tls.get("insecureSkipVerify").flag() {
        let clashing: &[&str] = match mode {
            "SIMPLE" => &["caCertificates", "credentialName"],
            "MUTUAL" => &["caCertificates"],
            _ => &[],
        };
        for key in clashing.iter().filter(|key| has(key)) {
            context.refuse_as(
                format!("unverified {mode}"),
                &tls.get(key),
                format!("insecureSkipVerify leaves the server unverified, so {key} contradicts it; remove one of the two"),
            );
        }
        if matches!(mode, "SIMPLE" | "MUTUAL") && tls.get("subjectAltNames").is_set() {
            context.refuse_as(
                format!("unverified {mode}"),
                &tls.get("subjectAltNames"),
                "insecureSkipVerify leaves the server unverified, so subjectAltNames contradicts it; remove one of the two",
            );
        }
    }
    if matches!(mode, "SIMPLE" | "MUTUAL") && has("credentialName") {
        for key in ["clientCertificate", "caCertificates", "privateKey", "caCrl"] {
            if has(key) {
                context.refuse_as("files beside credentialName", &tls.get(key), format!("credentialName takes everything from a Secret; remove {key}"));
            }
        }
    } else if mode == "MUTUAL" {
        for key in ["clientCertificate", "privateKey"] {
            if !has(key) {
                context.refuse(&tls.get(key), format!("mode MUTUAL shows a client certificate, so it needs {key}, or a Secret named by credentialName"));
            }
        }
    }
}

/// `configmap://namespace/name`, in the rule's own namespace.
fn check_config_map(context: &mut Context<'_, '_>, credential: &Part<'_>) {
    let Some(reference) = credential.text().strip_prefix("configmap://") else { return };
    let mut parts = reference.split('/');
    let (namespace, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if namespace.is_empty() || name.is_empty() {
        let gist = format!("ConfigMap {reference}");
        context.refuse_as(gist, credential, "a ConfigMap is named as configmap://namespace/name");
    } else if namespace != context.namespace {
        let message = format!("the ConfigMap must be in the rule's own namespace {}, not in {namespace}", context.namespace);
        context.refuse_as("foreign ConfigMap", credential, message);
    }
}
