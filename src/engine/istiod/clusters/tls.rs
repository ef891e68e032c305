//! TLS towards the upstream: what a rule asks for, else mTLS wherever the endpoint can do it.

use std::{
    cell::OnceCell,
    sync::{Arc, LazyLock},
};

use serde_json::{Map, Value, json};

use super::HttpOptions;
use crate::engine::{
    cluster::Registry,
    istiod::hbone::sending_socket,
    resource::{ClientTlsSettings, ProxyProtocol},
    xds::{
        CertificateValidationContext, Cluster, CombinedValidationContext, CommonTlsContext, DataSource, ExtensionConfig, StringMatcher, TransportSocketMatch,
        TypedConfig, UpstreamTlsContext, Word,
    },
};

/// The servers of a service, and what is needed of them for mTLS, which all of its clusters share.
pub(super) struct Peers {
    /// Who they are.
    pub identities: Vec<String>,
    http1: OnceCell<Arc<CommonTlsContext>>,
    http2: OnceCell<Arc<CommonTlsContext>>,
}

impl Peers {
    pub fn new(identities: Vec<String>) -> Self {
        Self { identities, http1: OnceCell::new(), http2: OnceCell::new() }
    }

    fn mutual(&self, is_http2: bool) -> Arc<CommonTlsContext> {
        let shared = if is_http2 { &self.http2 } else { &self.http1 };
        Arc::clone(shared.get_or_init(|| Arc::new(mutual(&self.identities, is_http2))))
    }
}

/// What decides about TLS beside the rule.
pub(super) struct TlsContext<'a> {
    pub peers: &'a Peers,
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
pub(super) fn apply_tls(settings: Option<&ClientTlsSettings>, context: TlsContext, cluster: &mut Cluster, options: &mut HttpOptions) {
    let is_http2 = options.is_http2();
    match settings {
        Some(settings) => {
            let mode = settings.mode.as_deref().unwrap_or("DISABLE");
            let tls = match mode {
                "ISTIO_MUTUAL" => {
                    let names = &settings.subject_alt_names;
                    let common = if names.is_empty() { context.peers.mutual(is_http2) } else { Arc::new(mutual(names, is_http2)) };
                    Some(UpstreamTlsContext { common_tls_context: Some(common), sni: if settings.sni.is_empty() { context.sni } else { settings.sni.clone() } })
                }
                "SIMPLE" | "MUTUAL" => originate(settings, mode == "MUTUAL", &context, options),
                _ => None,
            };
            cluster.transport_socket = tls.map(socket);
            if context.sends_hbone && cluster.r#type != "ORIGINAL_DST" {
                choose_tunnel(mode, cluster);
            }
        }
        None if context.is_auto && cluster.r#type != "ORIGINAL_DST" => {
            let tls = UpstreamTlsContext { common_tls_context: Some(context.peers.mutual(is_http2)), sni: context.sni };
            cluster.transport_socket_matches =
                vec![TransportSocketMatch { name: "tlsMode-istio".into(), r#match: Some(takes_mtls()), transport_socket: Some(socket(tls)) }, plain_match()];
            if context.sends_hbone {
                cluster.transport_socket_matches.insert(0, hbone_match(raw_buffer()));
            }
        }
        // Nothing tells endpoints apart here, so all of them are known to speak mTLS.
        None if context.is_auto => {
            let tls = UpstreamTlsContext { common_tls_context: Some(context.peers.mutual(is_http2)), sni: context.sni };
            cluster.transport_socket = Some(socket(tls));
        }
        None if context.sends_hbone => cluster.transport_socket_matches = vec![hbone_match(raw_buffer()), plain_match()],
        None => {}
    }
}

/// Endpoints at the end of a tunnel are told apart from those that a rule's own TLS is for.
fn choose_tunnel(mode: &str, cluster: &mut Cluster) {
    let named = |name: &'static str, socket| TransportSocketMatch { name: name.into(), transport_socket: Some(socket), ..TransportSocketMatch::default() };
    cluster.transport_socket_matches = match cluster.transport_socket.take() {
        None => vec![hbone_match(raw_buffer()), plain_match()],
        Some(own) if mode == "ISTIO_MUTUAL" => vec![hbone_match(raw_buffer()), named("tlsMode-istio", own)],
        Some(own) => vec![hbone_match(own.clone()), named("user", own)],
    };
}

/// The socket for endpoints at the end of a tunnel, with what goes through it.
fn hbone_match(inner: ExtensionConfig) -> TransportSocketMatch {
    TransportSocketMatch { name: "hbone".into(), r#match: Some(Arc::new(json!({"tunnel": "http"}))), transport_socket: Some(sending_socket(inner)) }
}

fn plain_match() -> TransportSocketMatch {
    static ANY: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new(json!({})));
    TransportSocketMatch { name: "tlsMode-disabled".into(), r#match: Some(Arc::clone(&ANY)), transport_socket: Some(raw_buffer()) }
}

/// The label of endpoints that mTLS is spoken with.
pub(in crate::engine::istiod) fn takes_mtls() -> Arc<Value> {
    static LABEL: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new(json!({"tlsMode": "istio"})));
    Arc::clone(&LABEL)
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

pub(super) fn socket(context: UpstreamTlsContext) -> ExtensionConfig {
    ExtensionConfig { name: "envoy.transport_sockets.tls".into(), typed_config: Some(TypedConfig::UpstreamTlsContext(context)) }
}

/// Bytes as they are.
pub(in crate::engine::istiod) fn raw_buffer() -> ExtensionConfig {
    static CONFIG: LazyLock<TypedConfig> = LazyLock::new(|| TypedConfig::other("envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer", Value::Null));
    ExtensionConfig { name: "envoy.transport_sockets.raw_buffer".into(), typed_config: Some(CONFIG.clone()) }
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
    json!({"name": name, "sdsConfig": config})
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

/// Istio's own mTLS, towards servers of these names.
fn mutual(names: &[String], is_http2: bool) -> CommonTlsContext {
    static OWN: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new(agent_secret("default")));
    static ROOT: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new(agent_secret("ROOTCA")));
    let mut alpn: Vec<Word> = vec!["istio-peer-exchange".into(), "istio".into()];
    if is_http2 {
        alpn.push("h2".into());
    }
    CommonTlsContext {
        tls_params: Some(tls_params()),
        tls_certificate_sds_secret_configs: vec![Arc::clone(&OWN)],
        combined_validation_context: Some(CombinedValidationContext {
            default_validation_context: Some(expecting(names)),
            validation_context_sds_secret_config: Some(Arc::clone(&ROOT)),
        }),
        alpn_protocols: alpn,
        ..CommonTlsContext::default()
    }
}

/// A server by any of these names, or by any name at all where there is none.
fn expecting(names: &[String]) -> CertificateValidationContext {
    let exact = |name: &String| StringMatcher { exact: Some(name.clone()), ..StringMatcher::default() };
    CertificateValidationContext { match_subject_alt_names: names.iter().map(exact).collect(), crl: None }
}

fn tls_params() -> Arc<Value> {
    static VERSIONS: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new(json!({"tlsMinimumProtocolVersion": "TLSv1_2", "tlsMaximumProtocolVersion": "TLSv1_3"})));
    Arc::clone(&VERSIONS)
}

/// TLS of the mesh's own making towards a server outside.
pub(super) fn originate(settings: &ClientTlsSettings, is_mutual: bool, context: &TlsContext, options: &mut HttpOptions) -> Option<UpstreamTlsContext> {
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
    let names = if of_service { &context.peers.identities } else { &settings.subject_alt_names };
    let (certificate, root) = if by_credential {
        (cluster_secret(&settings.credential_name), cluster_secret(&format!("{}-cacert", settings.credential_name)))
    } else {
        let root = if settings.ca_certificates.is_empty() { "system" } else { &settings.ca_certificates };
        (agent_secret(&format!("file-cert:{}~{}", settings.client_certificate, settings.private_key)), agent_secret(&format!("file-root:{root}")))
    };
    let mut common = CommonTlsContext { tls_params: Some(tls_params()), ..CommonTlsContext::default() };
    if is_mutual {
        common.tls_certificate_sds_secret_configs = vec![Arc::new(certificate)];
    }
    if skips_verification {
        common.validation_context = Some(CertificateValidationContext::default());
    } else {
        let mut expected = expecting(names);
        if !settings.ca_crl.is_empty() && !by_credential {
            expected.crl = Some(DataSource { filename: Some(settings.ca_crl.clone()), ..DataSource::default() });
        }
        common.combined_validation_context =
            Some(CombinedValidationContext { default_validation_context: Some(expected), validation_context_sds_secret_config: Some(Arc::new(root)) });
    }
    if options.is_http2() {
        common.alpn_protocols = vec!["h2".into()];
    }
    Some(UpstreamTlsContext { common_tls_context: Some(Arc::new(common)), sni: settings.sni.clone() })
}
