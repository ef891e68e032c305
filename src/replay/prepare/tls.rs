//! How a filter chain ends TLS: as pushed, with throw-away certificates in place of those that istiod or the agent would deliver.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::ReplayError;
use crate::{
    engine::{
        envoy::missing_secret,
        xds::{ExtensionConfig, TypedConfig},
    },
    replay::{certificates::Certificates, folder::Folder},
};

const TYPE: &str = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";

/// The transport socket; none for one that does not end TLS.
pub(super) fn server(
    socket: &ExtensionConfig,
    secrets: Option<&BTreeSet<String>>,
    certificates: &Certificates,
    folder: &Folder,
) -> Result<Option<Value>, ReplayError> {
    let Some(TypedConfig::Other(context)) = &socket.typed_config else { return Ok(None) };
    if context["@type"] != TYPE {
        return Ok(None);
    }
    let pushed = &context["commonTlsContext"];
    let mut common = json!({});
    for field in ["tlsParams", "alpnProtocols"] {
        if let Some(value) = pushed.get(field) {
            common[field] = value.clone();
        }
    }
    if missing_secret(pushed, secrets).is_some() {
        // The certificate never comes, so the chain closes every connection, as a gateway does without its Secret.
        folder.write_no_secrets(&json!({"versionInfo": "0", "resources": []}))?;
        let source = json!({"pathConfigSource": {"path": folder.no_secrets()}, "initialFetchTimeout": "0.001s", "resourceApiVersion": "V3"});
        common["tlsCertificateSdsSecretConfigs"] = json!([{"name": "missing", "sdsConfig": source}]);
    } else {
        let (certificate, key) = certificates.server();
        common["tlsCertificates"] = json!([{"certificateChain": {"inlineString": certificate}, "privateKey": {"inlineString": key}}]);
    }
    if let Some(wanted) = validation(pushed) {
        common["validationContext"] = json!({"trustedCa": {"inlineString": certificates.authority()}});
        for field in ["matchSubjectAltNames", "matchTypedSubjectAltNames"] {
            if let Some(value) = wanted.get(field) {
                common["validationContext"][field] = value.clone();
            }
        }
    }
    let mut out = json!({"@type": TYPE, "commonTlsContext": common});
    if let Some(value) = context.get("requireClientCertificate") {
        out["requireClientCertificate"] = value.clone();
    }
    Ok(Some(json!({"name": "envoy.transport_sockets.tls", "typedConfig": out})))
}

/// What is demanded of a client's certificate; none where nobody looks at it.
fn validation(common: &Value) -> Option<&Value> {
    if let Some(combined) = common.get("combinedValidationContext") {
        return Some(combined.get("defaultValidationContext").unwrap_or(combined));
    }
    common.get("validationContext").or_else(|| common.get("validationContextSdsSecretConfig"))
}
