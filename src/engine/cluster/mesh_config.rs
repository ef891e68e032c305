//! The mesh-wide settings that the engine reads, at the defaults of 1.26.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ROOT_NAMESPACE;
use crate::engine::resource::{HttpRetry, ProxyImage};

/// `MeshConfig`, as written under `mesh:` of Istio's ConfigMap; unset fields keep Istio's defaults.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MeshConfig {
    /// What becomes of traffic to hosts that nobody registered.
    pub outbound_traffic_policy: OutboundTrafficPolicy,
    /// Retries of routes that say nothing of them.
    pub default_http_retry_policy: Option<HttpRetry>,
    /// Whether clients use mTLS wherever the server's pod can; yes where it is unset.
    pub enable_auto_mtls: Option<bool>,
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
    /// What Telemetry uses where it names nothing.
    pub default_providers: DefaultProviders,
    /// What Telemetry and AuthorizationPolicy may name.
    pub extension_providers: Vec<MeshExtensionProvider>,
}

/// `MeshConfig.DefaultProviders`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DefaultProviders {
    /// Names of providers that access logs go to.
    pub access_logging: Vec<String>,
}

/// `MeshConfig.ExtensionProvider`, as far as rules ask of its type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MeshExtensionProvider {
    /// What others call it by.
    pub name: String,
    /// There where it is Lightstep's.
    pub lightstep: Option<serde_json::Value>,
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

impl MeshConfig {
    /// The namespace whose policies count for all.
    pub fn root_namespace(&self) -> &str {
        self.root_namespace.as_deref().unwrap_or(ROOT_NAMESPACE)
    }

    /// Whether only registered hosts can be reached.
    pub fn is_registry_only(&self) -> bool {
        self.outbound_traffic_policy.mode == "REGISTRY_ONLY"
    }

    /// Whether clients choose mTLS by what the server can do.
    pub fn has_auto_mtls(&self) -> bool {
        self.enable_auto_mtls.unwrap_or(true)
    }
}
