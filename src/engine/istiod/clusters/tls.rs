//! TLS towards the upstream: what a rule asks for, else mTLS wherever the endpoint can do it.

use serde_json::{Map, Value, json};

use super::HttpOptions;
use crate::engine::{
    cluster::Registry,
    istiod::hbone::sending_socket,
    resource::{ClientTlsSettings, ProxyProtocol},
    xds::{Cluster, ExtensionConfig, TransportSocketMatch, TypedConfig},
};

/// What decides about TLS beside the rule.
pub(super) struct TlsContext<'a> {
    /// Who the servers are.
    pub identities: &'a [String],
    /// The server name that tells a service's subset in the mesh.
    pub sni: String,
    /// Whether mTLS is chosen where nothing is said and the endpoint can.
    pub is_auto: bool,
    pub registry: Registry,
    pub is_sidecar: bool,
    /// Whether the rule is for chosen workloads only.
    pub has_selector: bool,
    /// Whether endpoints may be reached through tunnels.
    pub sends_hbone: bool,
}

/// Puts TLS into a cluster.
pub(super) fn apply_tls(settings: Option<&ClientTlsSettings>, context: &TlsContext, cluster: &mut Cluster, options: &mut HttpOptions) {
    match settings {
        Some(settings) => {
            let mode = settings.mode.as_deref().unwrap_or("DISABLE");
            let tls = match mode {
                "ISTIO_MUTUAL" => {
                    let identities = if settings.subject_alt_names.is_empty() { context.identities } else { &settings.subject_alt_names };
                    let sni = if settings.sni.is_empty() { &context.sni } else { &settings.sni };
                    Some(istio_mutual(identities, sni, options.is_http2()))
                }
                "SIMPLE" | "MUTUAL" => originate(settings, mode == "MUTUAL", context, options),
                _ => None,
            };
            cluster.transport_socket = tls.map(socket);
            if context.sends_hbone && cluster.r#type != "ORIGINAL_DST" {
                choose_tunnel(mode, cluster);
            }
        }
        None if context.is_auto && cluster.r#type != "ORIGINAL_DST" => {
            let tls = istio_mutual(context.identities, &context.sni, options.is_http2());
            cluster.transport_socket_matches = vec![
                TransportSocketMatch { name: "tlsMode-istio".into(), r#match: Some(json!({"tlsMode": "istio"})), transport_socket: Some(socket(tls)) },
                plain_match(),
            ];
            if context.sends_hbone {
                cluster.transport_socket_matches.insert(0, hbone_match(raw_buffer()));
            }
        }
        // Nothing tells endpoints apart here, so all of them are known to speak mTLS.
        None if context.is_auto => cluster.transport_socket = Some(socket(istio_mutual(context.identities, &context.sni, options.is_http2()))),
        None if context.sends_hbone => cluster.transport_socket_matches = vec![hbone_match(raw_buffer()), plain_match()],
        None => {}
    }
}

/// Endpoints at the end of a tunnel are told apart from those that a rule's own TLS is for.
fn choose_tunnel(mode: &str, cluster: &mut Cluster) {
    let named = |name: &str, socket| TransportSocketMatch { name: name.into(), transport_socket: Some(socket), ..TransportSocketMatch::default() };
    cluster.transport_socket_matches = match cluster.transport_socket.take() {
        None => vec![hbone_match(raw_buffer()), plain_match()],
        Some(own) if mode == "ISTIO_MUTUAL" => vec![hbone_match(raw_buffer()), named("tlsMode-istio", own)],
        Some(own) => vec![hbone_match(own.clone()), named("user", own)],
    };
}

/// The socket for endpoints at the end of a tunnel, with what goes through it.
fn hbone_match(inner: ExtensionConfig) -> TransportSocketMatch {
    TransportSocketMatch { name: "hbone".into(), r#match: Some(json!({"tunnel": "http"})), transport_socket: Some(sending_socket(inner)) }
}

fn plain_match() -> TransportSocketMatch {
    TransportSocketMatch { name: "tlsMode-disabled".into(), r#match: Some(json!({})), transport_socket: Some(raw_buffer()) }
}

/// Wraps every socket so that a PROXY header comes first.
pub(super) fn apply_proxy_protocol(protocol: &ProxyProtocol, cluster: &mut Cluster) {
    let wrap = |inner: &ExtensionConfig| {
        let mut config = Map::new();
        if protocol.version.as_deref() == Some("V2") {
            config.insert("version".into(), "V2".into());
        }
        ExtensionConfig {
            name: "envoy.transport_sockets.upstream_proxy_protocol".into(),
            typed_config: Some(TypedConfig::other(
                "envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport",
                json!({"config": config, "transportSocket": inner}),
            )),
        }
    };
    if cluster.transport_socket.is_none() && cluster.transport_socket_matches.is_empty() {
        cluster.transport_socket = Some(wrap(&ExtensionConfig { name: "raw_buffer".into(), ..raw_buffer() }));
        return;
    }
    cluster.transport_socket = cluster.transport_socket.as_ref().map(wrap);
    for choice in &mut cluster.transport_socket_matches {
        choice.transport_socket = choice.transport_socket.as_ref().map(wrap);
    }
}

pub(super) fn socket(context: Value) -> ExtensionConfig {
    ExtensionConfig {
        name: "envoy.transport_sockets.tls".into(),
        typed_config: Some(TypedConfig::other("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", context)),
    }
}

/// Bytes as they are.
pub(in crate::engine::istiod) fn raw_buffer() -> ExtensionConfig {
    ExtensionConfig {
        name: "envoy.transport_sockets.raw_buffer".into(),
        typed_config: Some(TypedConfig::other("envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer", json!(null))),
    }
}

/// A secret that the agent beside the proxy serves.
pub(in crate::engine::istiod) fn agent_secret(name: &str) -> Value {
    let mut config = json!({
        "apiConfigSource": {
            "apiType": "GRPC",
            "transportApiVersion": "V3",
            "grpcServices": [{"envoyGrpc": {"clusterName": "sds-grpc"}}],
            "setNodeOnFirstMessageOnly": true,
        },
        "resourceApiVersion": "V3",
    });
    // The workload's own certificate is waited for as long as it takes.
    if matches!(name, "default" | "ROOTCA")
        && let Some(fields) = config.as_object_mut()
    {
        fields.insert("initialFetchTimeout".into(), "0s".into());
    }
    object([("name", name.into()), ("sdsConfig", config)])
}

/// A secret of the cluster, by its name in a resource.
pub(in crate::engine::istiod) fn cluster_secret(name: &str) -> Value {
    let name = if name.contains("://") { name.to_owned() } else { format!("kubernetes://{name}") };
    json!({"name": name, "sdsConfig": {"ads": {}, "resourceApiVersion": "V3"}})
}

/// `matchSubjectAltNames`, where there are any.
pub(in crate::engine::istiod) fn validation(names: &[String]) -> Map<String, Value> {
    let mut fields = Map::new();
    if !names.is_empty() {
        let exact: Vec<Value> = names.iter().map(|name| json!({"exact": name})).collect();
        fields.insert("matchSubjectAltNames".into(), exact.into());
    }
    fields
}

fn istio_mutual(identities: &[String], sni: &str, is_http2: bool) -> Value {
    let mut alpn = vec!["istio-peer-exchange", "istio"];
    if is_http2 {
        alpn.push("h2");
    }
    let peers = object([("defaultValidationContext", validation(identities).into()), ("validationContextSdsSecretConfig", agent_secret("ROOTCA"))]);
    let common = object([
        ("tlsParams", tls_params()),
        ("tlsCertificateSdsSecretConfigs", vec![agent_secret("default")].into()),
        ("combinedValidationContext", peers),
        ("alpnProtocols", alpn.into()),
    ]);
    object([("commonTlsContext", common), ("sni", sni.into())])
}

/// `json!` copies whatever values are put into it, and of these contexts there is one for every cluster.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()
}

fn tls_params() -> Value {
    json!({"tlsMinimumProtocolVersion": "TLSv1_2", "tlsMaximumProtocolVersion": "TLSv1_3"})
}

/// TLS of the mesh's own making towards a server outside.
pub(super) fn originate(settings: &ClientTlsSettings, is_mutual: bool, context: &TlsContext, options: &mut HttpOptions) -> Option<Value> {
    let by_credential = !settings.credential_name.is_empty();
    // Sidecars may not read secrets unless the rule is for them alone.
    if by_credential && !settings.credential_name.starts_with("configmap://") && context.is_sidecar && !context.has_selector {
        return None;
    }
    if is_mutual && !by_credential && (settings.client_certificate.is_empty() || settings.private_key.is_empty()) {
        return None;
    }
    let skips_verification = settings.insecure_skip_verify == Some(true);
    if settings.sni.is_empty() {
        options.set_upstream("autoSni", true.into());
        if settings.subject_alt_names.is_empty() && !skips_verification {
            options.set_upstream("autoSanValidation", true.into());
        }
    }
    let of_service = context.registry == Registry::ServiceEntry && settings.subject_alt_names.is_empty();
    let names = if of_service { context.identities } else { &settings.subject_alt_names };
    let mut common = Map::new();
    common.insert("tlsParams".into(), tls_params());
    let (certificate, root) = if by_credential {
        (cluster_secret(&settings.credential_name), cluster_secret(&format!("{}-cacert", settings.credential_name)))
    } else {
        let root = if settings.ca_certificates.is_empty() { "system" } else { &settings.ca_certificates };
        (agent_secret(&format!("file-cert:{}~{}", settings.client_certificate, settings.private_key)), agent_secret(&format!("file-root:{root}")))
    };
    if is_mutual {
        common.insert("tlsCertificateSdsSecretConfigs".into(), json!([certificate]));
    }
    if skips_verification {
        common.insert("validationContext".into(), json!({}));
    } else {
        let mut default = validation(names);
        if !settings.ca_crl.is_empty() && !by_credential {
            default.insert("crl".into(), json!({"filename": settings.ca_crl}));
        }
        common.insert("combinedValidationContext".into(), json!({"defaultValidationContext": default, "validationContextSdsSecretConfig": root}));
    }
    if options.is_http2() {
        common.insert("alpnProtocols".into(), json!(["h2"]));
    }
    let mut fields = Map::new();
    fields.insert("commonTlsContext".into(), common.into());
    if !settings.sni.is_empty() {
        fields.insert("sni".into(), settings.sni.clone().into());
    }
    Some(fields.into())
}
