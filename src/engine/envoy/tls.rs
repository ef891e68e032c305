//! Whether a TLS handshake with a filter chain succeeds.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Call, CallError, Tls, matcher};
use crate::engine::xds::{ExtensionConfig, FilterChain, StringMatcher, TypedConfig};

/// Whose certificate a client shows when the call does not say.
const SOME_PRINCIPAL: &str = "cluster.local/ns/default/sa/default";

/// What a handshake comes to: `Ok` where it succeeds or there is none to make, else the error and the reason in words.
pub(super) fn handshake(chain: &FilterChain, call: &Call, secrets: Option<&BTreeSet<String>>) -> Result<(), (CallError, String)> {
    let Some(context) = chain.transport_socket.as_ref().and_then(tls_context) else { return Ok(()) };
    if call.tls == Tls::Plaintext {
        return Err((CallError::TlsError, "the filter chain speaks TLS and the client sends plain text.".into()));
    }
    let common = &context["commonTlsContext"];
    if let Some(name) = missing_secret(common, secrets) {
        return Err((CallError::TlsError, not_delivered(name)));
    }
    let must_show = context["requireClientCertificate"].as_bool().unwrap_or(false);
    if call.tls != Tls::Mtls {
        return if must_show { Err((CallError::MtlsError, "a client certificate is required and none is shown.".into())) } else { Ok(()) };
    }
    let validation = validation(common);
    if call.peer.as_ref().is_some_and(|peer| peer.trusted == Some(false)) && (must_show || validation.is_some()) {
        return Err((CallError::MtlsError, "the client's certificate is of a CA that the server does not trust.".into()));
    }
    let principal = call.peer.as_ref().map_or(SOME_PRINCIPAL, |peer| &peer.principal);
    let san = format!("spiffe://{principal}");
    let wanted: Vec<StringMatcher> =
        validation.and_then(|context| context.get("matchSubjectAltNames")).and_then(|names| serde_json::from_value(names.clone()).ok()).unwrap_or_default();
    let typed = validation.and_then(|context| context["matchTypedSubjectAltNames"].as_array()).into_iter().flatten();
    let wanted: Vec<StringMatcher> = wanted.into_iter().chain(typed.filter_map(|name| serde_json::from_value(name["matcher"].clone()).ok())).collect();
    if !wanted.is_empty() && !wanted.iter().any(|name| matcher::matches(name, &san)) {
        return Err((CallError::MtlsError, format!("the client's certificate is for {san:?}, which the server does not accept.")));
    }
    Ok(())
}

/// Whom the certificate of a client names, where the chain asks for one and it shows one.
pub(super) fn peer(chain: &FilterChain, call: &Call) -> Option<String> {
    let context = chain.transport_socket.as_ref().and_then(tls_context).filter(|_| call.tls == Tls::Mtls)?;
    let asks = context["requireClientCertificate"].as_bool().unwrap_or(false) || validation(&context["commonTlsContext"]).is_some();
    asks.then(|| format!("spiffe://{}", call.peer.as_ref().map_or(SOME_PRINCIPAL, |peer| &peer.principal)))
}

/// Whether a chain ends TLS.
pub(super) fn terminates(chain: &FilterChain) -> bool {
    chain.transport_socket.as_ref().and_then(tls_context).is_some()
}

fn tls_context(socket: &ExtensionConfig) -> Option<&Value> {
    match socket.typed_config.as_ref()? {
        TypedConfig::Other(value) if value["@type"].as_str().is_some_and(|url| url.ends_with(".DownstreamTlsContext")) => Some(value),
        _ => None,
    }
}

/// The first certificate that a `commonTlsContext` waits for in vain. `secrets` are those that can be delivered, if that is known.
pub fn missing_secret<'a>(common: &'a Value, secrets: Option<&BTreeSet<String>>) -> Option<&'a str> {
    secret_names(common).find(|&name| is_delivered_by_istiod(name) && secrets.is_some_and(|secrets| !secrets.contains(name)))
}

fn secret_names(common: &Value) -> impl Iterator<Item = &str> {
    let certificates = common["tlsCertificateSdsSecretConfigs"].as_array().into_iter().flatten();
    let combined = &common["combinedValidationContext"]["validationContextSdsSecretConfig"];
    certificates.chain([combined, &common["validationContextSdsSecretConfig"]]).filter_map(|config| config["name"].as_str())
}

/// Names the Secret that is missing; istiod delivers those of the gateway pod's own namespace only.
fn not_delivered(name: &str) -> String {
    match name.strip_prefix("kubernetes://") {
        Some(secret) => {
            format!("the gateway waits for the certificate of the Secret {secret:?}, which does not exist in its own namespace, so the handshake cannot begin.")
        }
        None => format!("the certificate {name:?} has not been delivered, so the handshake cannot begin."),
    }
}

/// The workload's own certificate and roots come from its agent; every other name is a Secret or a file.
fn is_delivered_by_istiod(name: &str) -> bool {
    !matches!(name, "default" | "ROOTCA")
}

fn validation(common: &Value) -> Option<&Value> {
    let combined = &common["combinedValidationContext"];
    match (combined.get("defaultValidationContext"), common.get("validationContext")) {
        (Some(context), _) | (None, Some(context)) => Some(context),
        (None, None) => common.get("validationContextSdsSecretConfig"),
    }
}
