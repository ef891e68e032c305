//! The mesh-wide settings that the engine reads, at the defaults of 1.26.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ROOT_NAMESPACE;
use crate::engine::{
    duration::Duration,
    resource::{HttpRetry, LocalityLbSetting, ProxyImage, TcpKeepalive},
};

/// `MeshConfig`, as written under `mesh:` of Istio's ConfigMap; unset fields keep Istio's defaults.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MeshConfig {
    /// What becomes of traffic to hosts that nobody registered.
    pub outbound_traffic_policy: OutboundTrafficPolicy,
    /// Where sidecars hand on what arrives.
    pub inbound_traffic_policy: InboundTrafficPolicy,
    /// Retries of routes that say nothing of them.
    pub default_http_retry_policy: Option<HttpRetry>,
    /// Whether clients use mTLS wherever the server's pod can; yes where it is unset.
    pub enable_auto_mtls: Option<bool>,
    /// How long a connection may take to come about where no DestinationRule says it.
    pub connect_timeout: Option<Duration>,
    /// Whether idle connections are asked if the other side is still there; a DestinationRule's fields go before these.
    pub tcp_keepalive: Option<TcpKeepalive>,
    /// Whether clients speak HTTP/2 to ports of HTTP where no DestinationRule says it: yes with `UPGRADE`.
    pub h2_upgrade_policy: String,
    /// How requests are spread over places where no DestinationRule says it.
    pub locality_lb_setting: Option<LocalityLbSetting>,
    /// `exportTo` of services that say nothing of it.
    pub default_service_export_to: Option<Vec<String>>,
    /// The same of VirtualServices.
    pub default_virtual_service_export_to: Option<Vec<String>>,
    /// The same of DestinationRules.
    pub default_destination_rule_export_to: Option<Vec<String>>,
    /// What is done to paths before they are matched.
    pub path_normalization: PathNormalization,
    /// Defaults of each proxy's own configuration.
    pub default_config: ProxyDefaults,
    /// The namespace whose policies count for all; `istio-system` where it is unset.
    pub root_namespace: Option<String>,
    /// Which Ingresses istiod takes: `STRICT` where it is unset, those of its class; `DEFAULT`, those without a class too; `OFF`.
    pub ingress_controller_mode: Option<String>,
    /// The class in an Ingress's annotation that means Istio; `istio` where it is unset.
    pub ingress_class: Option<String>,
    /// The Service of the gateway that Ingresses are for.
    pub ingress_service: Option<String>,
    /// The label of that gateway's pods, where it is not that of the Service.
    pub ingress_selector: Option<String>,
    /// The trust root's name, with which identities begin; `cluster.local` where it is unset.
    pub trust_domain: Option<String>,
    /// Other names that count as the same.
    pub trust_domain_aliases: Vec<String>,
    /// TLS between workloads.
    #[serde(rename = "meshMTLS")]
    pub mesh_mtls: MeshTls,
    /// What Telemetry uses where it names nothing.
    pub default_providers: DefaultProviders,
    /// What Telemetry and AuthorizationPolicy may name.
    pub extension_providers: Vec<MeshExtensionProvider>,
    /// The file of access logs where no Telemetry and no default provider says more; none where it is empty.
    pub access_log_file: String,
    /// What is written there; Istio's own choice where it is empty.
    pub access_log_format: String,
    /// `TEXT` where it is empty, or `JSON`.
    pub access_log_encoding: String,
    /// Whether access logs go to the service of each proxy's own configuration too.
    pub enable_envoy_access_log_service: bool,
    /// Whether listeners have no access log of their own, for connections that no filter chain takes.
    pub disable_envoy_listener_log: bool,
}

/// `MeshConfig.InboundTrafficPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct InboundTrafficPolicy {
    /// `LOCALHOST`, else `PASSTHROUGH`: to the address that the client asked for.
    pub mode: String,
}

/// `MeshConfig.DefaultProviders`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DefaultProviders {
    /// Names of providers that access logs go to.
    pub access_logging: Vec<String>,
}

/// `MeshConfig.TLSConfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MeshTls {
    /// `TLSV1_3`, else `TLSV1_2`.
    pub min_protocol_version: String,
    /// Istio's own choice where it is empty.
    pub cipher_suites: Vec<String>,
}

/// `MeshConfig.ExtensionProvider`, as far as it is asked of its type.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MeshExtensionProvider {
    /// What others call it by.
    pub name: String,
    /// There where it is an authorizer that speaks HTTP.
    pub envoy_ext_authz_http: Option<ExtAuthzProvider>,
    /// There where it is an authorizer that speaks gRPC.
    pub envoy_ext_authz_grpc: Option<ExtAuthzProvider>,
    /// There where it is Lightstep's.
    pub lightstep: Option<serde_json::Value>,
    /// There where it writes access logs to a file.
    pub envoy_file_access_log: Option<FileLogProvider>,
    /// There where it sends access logs of HTTP to a service.
    pub envoy_http_als: Option<GrpcLogProvider>,
    /// There where it sends access logs of connections to a service.
    pub envoy_tcp_als: Option<GrpcLogProvider>,
    /// There where it sends access logs to a collector of OpenTelemetry.
    pub envoy_otel_als: Option<OtelLogProvider>,
}

/// `EnvoyFileAccessLogProvider`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileLogProvider {
    /// `/dev/stdout` where it is empty.
    pub path: String,
    /// What is written; Istio's own choice where it is unset.
    pub log_format: Option<LogFormat>,
    /// Whether what is not known is left out rather than written as `-`.
    pub omit_empty_values: bool,
}

/// `LogFormat` of a provider: for a file one of its fields, for OpenTelemetry both.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LogFormat {
    /// A line.
    pub text: Option<String>,
    /// A JSON object, or attributes.
    pub labels: Option<serde_json::Map<String, serde_json::Value>>,
}

/// `EnvoyHttpGrpcV3LogProvider`, and the one of TCP, which has the first four fields alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GrpcLogProvider {
    /// A host name, or `namespace/host`.
    pub service: String,
    /// The service's port.
    pub port: u32,
    /// What the service knows the log by.
    pub log_name: String,
    /// What else filters have noted; the peers where it is empty.
    pub filter_state_objects_to_log: Vec<String>,
    /// Headers of requests.
    pub additional_request_headers_to_log: Vec<String>,
    /// Headers of answers.
    pub additional_response_headers_to_log: Vec<String>,
    /// Trailers of answers.
    pub additional_response_trailers_to_log: Vec<String>,
}

/// `EnvoyOpenTelemetryLogProvider`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OtelLogProvider {
    /// A host name, or `namespace/host`.
    pub service: String,
    /// The service's port.
    pub port: u32,
    /// What the collector knows the log by.
    pub log_name: String,
    /// The body and the attributes of an entry.
    pub log_format: Option<LogFormat>,
}

/// `EnvoyExternalAuthorizationHttpProvider`, and the gRPC one, which has the first five fields alone.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExtAuthzProvider {
    /// A host name, or `namespace/host`.
    pub service: String,
    /// The service's port.
    pub port: u32,
    /// How long to wait; ten minutes where it is unset.
    pub timeout: Option<Duration>,
    /// Whether requests pass where it does not answer.
    pub fail_open: bool,
    /// The reply where it does not answer; 403 where it is unset.
    pub status_on_error: String,
    /// How much of the body it is shown.
    pub include_request_body_in_check: Option<BodyInCheck>,
    /// What stands before the path.
    pub path_prefix: String,
    /// Request headers that it is shown.
    pub include_request_headers_in_check: Vec<String>,
    /// The same, by its old name.
    pub include_headers_in_check: Vec<String>,
    /// Headers with fixed values for it.
    pub include_additional_headers_in_check: BTreeMap<String, String>,
    /// Its headers that go to the backend.
    pub headers_to_upstream_on_allow: Vec<String>,
    /// Its headers that go to the client where it denies.
    pub headers_to_downstream_on_deny: Vec<String>,
    /// Its headers that go to the client where it allows.
    pub headers_to_downstream_on_allow: Vec<String>,
}

/// `EnvoyExternalAuthorizationRequestBody`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BodyInCheck {
    /// The most that is shown.
    pub max_request_bytes: u32,
    /// Whether less than all is enough.
    pub allow_partial_message: bool,
    /// Whether it is bytes rather than text.
    pub pack_as_bytes: bool,
}

/// `MeshNetworks`: the networks of the mesh by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MeshNetworks {
    /// Each network's endpoints.
    pub networks: BTreeMap<String, Network>,
}

/// `Network`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Network {
    /// Where its endpoints come from.
    pub endpoints: Vec<NetworkEndpoints>,
}

/// `Network.NetworkEndpoints`: either of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkEndpoints {
    /// An address range.
    #[serde(alias = "from_cidr")]
    pub from_cidr: Option<String>,
    /// A cluster, by its name.
    #[serde(alias = "from_registry")]
    pub from_registry: Option<String>,
}

/// `MeshConfig.OutboundTrafficPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OutboundTrafficPolicy {
    /// `ALLOW_ANY` where it is unset, or `REGISTRY_ONLY`.
    pub mode: String,
}

/// `MeshConfig.ProxyPathNormalization`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PathNormalization {
    /// `NONE`, `BASE`, `MERGE_SLASHES`, `DECODE_AND_MERGE_SLASHES`; unset means `BASE`.
    pub normalization: String,
}

/// The parts of `ProxyConfig` that change what is pushed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProxyDefaults {
    /// What stands in front of gateways.
    pub gateway_topology: GatewayTopology,
    /// What each proxy is told in its environment.
    pub proxy_metadata: BTreeMap<String, String>,
    /// Which build of the proxy runs.
    pub image: ProxyImage,
}

/// `Topology`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayTopology {
    /// How many proxies in front of the gateway are trusted to write `x-forwarded-for`.
    pub num_trusted_proxies: u32,
    /// What a gateway does with the client certificate header, for example `APPEND_FORWARD`.
    pub forward_client_cert_details: String,
}

/// The provider of access logs that Istio brings along.
pub const BUILT_IN_LOG: &str = "envoy";
/// The file of access logs that names none.
pub const STDOUT: &str = "/dev/stdout";
const BUILT_IN_PROVIDERS: [&str; 3] = ["prometheus", "stackdriver", BUILT_IN_LOG];

impl MeshExtensionProvider {
    /// Whether Envoy's access logs can go to it.
    pub fn writes_access_logs(&self) -> bool {
        self.envoy_file_access_log.is_some() || self.envoy_http_als.is_some() || self.envoy_tcp_als.is_some() || self.envoy_otel_als.is_some()
    }

    /// The service that it asks or tells, as it is written.
    pub fn service(&self) -> Option<&str> {
        let authorizer = self.envoy_ext_authz_http.as_ref().or(self.envoy_ext_authz_grpc.as_ref()).map(|provider| &provider.service);
        let grpc = || self.envoy_http_als.as_ref().or(self.envoy_tcp_als.as_ref()).map(|provider| &provider.service);
        authorizer.or_else(grpc).or_else(|| self.envoy_otel_als.as_ref().map(|provider| &provider.service)).map(String::as_str)
    }
}

impl MeshConfig {
    /// The namespace whose policies count for all.
    pub fn root_namespace(&self) -> &str {
        self.root_namespace.as_deref().unwrap_or(ROOT_NAMESPACE)
    }

    /// How long a connection may take to come about.
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout.unwrap_or(Duration::from_secs(10))
    }

    /// Whether sidecars hand on what arrives to 127.0.0.1, whatever address the client asked for.
    pub fn hands_on_to_localhost(&self) -> bool {
        self.inbound_traffic_policy.mode == "LOCALHOST"
    }

    /// The trust root's name.
    pub fn trust_domain(&self) -> &str {
        self.trust_domain.as_deref().filter(|name| !name.is_empty()).unwrap_or("cluster.local")
    }

    /// The trust root's name and the others that count as the same.
    pub fn trust_domains(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.trust_domain()).chain(self.trust_domain_aliases.iter().map(String::as_str))
    }

    /// Whether only registered hosts can be reached.
    pub fn is_registry_only(&self) -> bool {
        self.outbound_traffic_policy.mode == "REGISTRY_ONLY"
    }

    /// The provider of a name, whose case does not count: one that is written, else one that Istio brings along
    /// (`DefaultMeshConfig` and `ApplyMeshConfig` in `pkg/config/mesh/mesh.go`, `fetchProvider` in `pilot/pkg/model/telemetry.go`).
    pub fn provider(&self, name: &str) -> Option<MeshExtensionProvider> {
        let built_in = BUILT_IN_PROVIDERS.iter().copied();
        let known = built_in.chain(self.extension_providers.iter().map(|provider| provider.name.as_str())).find(|known| known.eq_ignore_ascii_case(name))?;
        // Of several with one name the last counts.
        let written = self.extension_providers.iter().rfind(|provider| provider.name == known).cloned();
        Some(written.unwrap_or_else(|| MeshExtensionProvider {
            name: known.to_owned(),
            envoy_file_access_log: (known == BUILT_IN_LOG).then(|| FileLogProvider { path: STDOUT.into(), ..FileLogProvider::default() }),
            ..MeshExtensionProvider::default()
        }))
    }

    /// Whether clients choose mTLS by what the server can do.
    pub fn has_auto_mtls(&self) -> bool {
        self.enable_auto_mtls.unwrap_or(true)
    }
}
