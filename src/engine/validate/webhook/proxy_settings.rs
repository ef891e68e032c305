//! A proxy's own settings, the text of the annotation `proxy.istio.io/config` (`ValidateMeshConfigProxyConfig` in
//! `pkg/config/validation/agent/validation.go`).
//!
//! They are read on top of Istio's defaults: what is not written is right, what is written and empty may not be.

use super::{
    hosts::fqdn,
    part::{Part, Steps},
};
use crate::engine::{
    duration::Duration,
    manifest::{self, Node, Value},
    source::{SourceFile, Span},
    validate::{
        names::is_ip,
        schema::{PROXY_CONFIG, decode_message},
    },
};

/// What is wrong with the settings, the first thing of several.
pub(in crate::engine) fn fault(text: &str) -> Option<String> {
    read(text).map_or_else(Some, |settings| fault_of(&settings))
}

/// The same of settings that have been decoded.
pub(in crate::engine::validate) fn fault_of(settings: &Node) -> Option<String> {
    let steps = Steps::default();
    let root = Part::root(settings, Span::default(), &steps);
    let tracing = root.get("tracing");
    must_not_be_empty(&root)
        .and_then(|()| drain_duration(&root))
        .and_then(|()| addresses(&root))
        .and_then(|()| collectors(&tracing))
        .and_then(|()| tls(&tracing.get("tlsSettings")))
        .and_then(|()| ports(&root))
        .and_then(|()| key_provider(&root.get("privateKeyProvider")))
        .err()
}

/// The build of the proxy that the settings ask for, where they can be read and do.
pub(in crate::engine) fn image_type(text: &str) -> Option<String> {
    let settings = read(text).ok()?;
    let chosen = Part::root(&settings, Span::default(), &Steps::default()).get("image").get("imageType").text().to_owned();
    (!chosen.is_empty()).then_some(chosen)
}

fn read(text: &str) -> Result<Node, String> {
    let manifest = manifest::read(&SourceFile::new("", text));
    let nothing = Node { value: Value::Null, span: Span::default() };
    let root = match (manifest.documents.first(), manifest.diagnostics.first()) {
        (Some(document), _) => &document.root,
        (None, Some(fault)) => return Err(format!("it is not YAML: {}", fault.message)),
        (None, None) => &nothing,
    };
    decode_message(*PROXY_CONFIG, root).map_err(|fault| {
        let place = if fault.path.is_empty() { "it" } else { &fault.path };
        format!("{place} {}", fault.message)
    })
}

fn must_not_be_empty(root: &Part<'_>) -> Result<(), String> {
    let empty =
        ["configPath", "binaryPath", "serviceCluster", "discoveryAddress"].into_iter().find(|key| root.get(key).is_set() && root.get(key).text().is_empty());
    match empty {
        Some(key) => Err(format!("{key} is empty; give it a value, or leave it out for Istio's own")),
        None if root.get("controlPlaneAuthPolicy").text() == "INHERIT" => Err("controlPlaneAuthPolicy must be NONE or MUTUAL_TLS here".to_owned()),
        None => Ok(()),
    }
}

fn drain_duration(root: &Part<'_>) -> Result<(), String> {
    let part = root.get("drainDuration");
    let is_whole = |duration: Duration| duration.as_nanos() >= 1_000_000_000 && duration.as_nanos() % 1_000_000_000 == 0;
    if !part.is_set() || Duration::parse(part.text()).is_some_and(is_whole) {
        return Ok(());
    }
    Err(format!("drainDuration {:?} is not a number of whole seconds", part.text()))
}

fn addresses(root: &Part<'_>) -> Result<(), String> {
    let named = ["discoveryAddress", "statsdUdpAddress", "envoyMetricsServiceAddress"].into_iter().map(|key| (key.to_owned(), root.get(key)));
    let services = ["envoyMetricsService", "envoyAccessLogService"].into_iter().map(|key| (format!("{key}.address"), root.get(key).get("address")));
    named.chain(services).filter(|(_, part)| !part.text().is_empty()).try_for_each(|(path, part)| address(&path, part.text()))
}

fn collectors(tracing: &Part<'_>) -> Result<(), String> {
    let lightstep = tracing.get("lightstep");
    if lightstep.is_set() {
        address("tracing.lightstep.address", lightstep.get("address").text())?;
        if lightstep.get("accessToken").text().is_empty() {
            return Err("tracing.lightstep.accessToken is missing".to_owned());
        }
    }
    let others = ["zipkin", "datadog"].into_iter().map(|key| (key, tracing.get(key))).filter(|(_, part)| part.is_set());
    // The one variable that the agent fills in.
    others
        .map(|(key, part)| (key, part.get("address").text().replacen("$(HOST_IP)", "127.0.0.1", 1)))
        .try_for_each(|(key, text)| address(&format!("tracing.{key}.address"), &text))
}

fn tls(settings: &Part<'_>) -> Result<(), String> {
    let has = |key: &'static str| !settings.get(key).text().is_empty();
    let mode = settings.get("mode").text();
    let is_verified = || {
        ["caCertificates", "credentialName"].into_iter().any(|key| has(key) && (mode == "SIMPLE" || key == "caCertificates"))
            || settings.get("subjectAltNames").is_set()
    };
    let is_secured = matches!(mode, "SIMPLE" | "MUTUAL");
    let path = "tracing.tlsSettings";
    if settings.get("credentialName").text().starts_with("configmap://") {
        return Err(format!("{path}.credentialName cannot name a ConfigMap here"));
    }
    if is_secured && settings.get("insecureSkipVerify").flag() && is_verified() {
        return Err(format!("{path} says with insecureSkipVerify that the server is not verified, and how to verify it"));
    }
    if is_secured && has("credentialName") {
        return match ["clientCertificate", "caCertificates", "privateKey", "caCrl"].into_iter().find(|key| has(key)) {
            Some(key) => Err(format!("{path} takes everything from the Secret that credentialName names; remove {key}")),
            None => Ok(()),
        };
    }
    match ["clientCertificate", "privateKey"].into_iter().find(|key| mode == "MUTUAL" && !has(key)) {
        Some(key) => Err(format!("{path} is MUTUAL without {key}")),
        None => Ok(()),
    }
}

fn ports(root: &Part<'_>) -> Result<(), String> {
    let wrong = ["proxyAdminPort", "statusPort"].into_iter().find(|key| root.get(key).is_set() && !(1..=65_535).contains(&root.get(key).whole()));
    wrong.map_or(Ok(()), |key| Err(format!("{key} {} is not a port; ports are 1 to 65535", root.get(key).whole())))
}

fn key_provider(provider: &Part<'_>) -> Result<(), String> {
    if !provider.is_set() {
        return Ok(());
    }
    let Some(key) = ["cryptomb", "qat"].into_iter().find(|key| provider.get(key).is_set()) else {
        return Err("privateKeyProvider names none; set cryptomb or qat".to_owned());
    };
    let delay = Duration::parse(provider.get(key).get("pollDelay").text()).filter(|delay| *delay != Duration::ZERO);
    delay.map(|_| ()).ok_or_else(|| format!("privateKeyProvider.{key} wants a pollDelay other than zero"))
}

/// `ValidateProxyAddress`: a host or an address, with a port.
fn address(path: &str, text: &str) -> Result<(), String> {
    let is_port = |port: &str| port.parse::<i64>().is_ok_and(|port| (1..=65_535).contains(&port));
    let is_host = |host: &str| fqdn(host).is_ok() || is_ip(host);
    match split_port(text) {
        Some((host, port)) if is_port(port) && is_host(host) => Ok(()),
        _ => Err(format!("{path} {text:?} is not a host with a port, such as collector.observability:9411")),
    }
}

/// Go's `net.SplitHostPort`.
fn split_port(text: &str) -> Option<(&str, &str)> {
    let (host, port) = text.rsplit_once(':')?;
    let inner = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        None if host.contains(':') => return None,
        None => host,
    };
    (!inner.contains(['[', ']']) && !port.contains(['[', ']'])).then_some((inner, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_istio_takes_have_no_fault() {
        for text in [
            "",
            "concurrency: 2",
            "{holdApplicationUntilProxyStarts: true, proxyMetadata: {A: b}, unknown: 1}",
            "tracing: {zipkin: {address: '$(HOST_IP):9411'}, sampling: 10}",
            "drain_duration: 60s\ndiscoveryAddress: '[::1]:15012'",
            "privateKeyProvider: {cryptomb: {pollDelay: 10ms}}",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
    }

    #[test]
    fn settings_that_istio_refuses_have_one() {
        for (text, word) in [
            ("concurrency: two", "concurrency"),
            ("just words", "mapping"),
            ("a: [", "YAML"),
            ("interceptionMode: BOTH", "interceptionMode"),
            ("drainDuration: 1500ms", "drainDuration"),
            ("discoveryAddress: istiod", "discoveryAddress"),
            ("configPath: ''", "configPath"),
            ("statusPort: 0", "statusPort"),
            ("controlPlaneAuthPolicy: INHERIT", "controlPlaneAuthPolicy"),
            ("tracing: {lightstep: {address: 'a.b:1'}}", "accessToken"),
            ("tracing: {zipkin: {}}", "zipkin"),
            ("tracing: {tlsSettings: {mode: MUTUAL}}", "clientCertificate"),
            ("privateKeyProvider: {}", "privateKeyProvider"),
            ("envoyAccessLogService: {address: 'a:b:1'}", "envoyAccessLogService.address"),
        ] {
            assert!(fault(text).is_some_and(|fault| fault.contains(word)), "{text}: {:?}", fault(text));
        }
    }

    #[test]
    fn the_image_is_read_where_the_rest_can_be() {
        assert_eq!(image_type("image: {imageType: debug}").as_deref(), Some("debug"));
        assert_eq!(image_type("image: {imageType: debug}\nconcurrency: x"), None);
    }
}
