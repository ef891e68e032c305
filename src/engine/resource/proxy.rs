//! What shapes single proxies: Sidecar, Telemetry, ProxyConfig, EnvoyFilter, WasmPlugin.

use std::collections::BTreeMap;

use super::{ConnectionPoolSettings, Destination, ExtensionProvider, PolicyTargetReference, Port, ServerTlsSettings, WorkloadSelector, api};

api! {
    /// <https://istio.io/latest/docs/reference/config/networking/sidecar/#Sidecar>
    Sidecar {
        workload_selector: Option<WorkloadSelector>,
        ingress: Vec<SidecarIngress>,
        egress: Vec<SidecarEgress>,
        inbound_connection_pool: Option<ConnectionPoolSettings>,
        outbound_traffic_policy: Option<SidecarOutboundTrafficPolicy>,
    }
    /// `IstioIngressListener`.
    SidecarIngress {
        port: Option<Port>,
        bind: String,
        capture_mode: Option<String>,
        default_endpoint: String,
        tls: Option<ServerTlsSettings>,
        connection_pool: Option<ConnectionPoolSettings>,
    }
    /// `IstioEgressListener`.
    SidecarEgress { port: Option<Port>, bind: String, capture_mode: Option<String>, hosts: Vec<String> }
    SidecarOutboundTrafficPolicy { mode: Option<String>, egress_proxy: Option<Destination> }
    /// <https://istio.io/latest/docs/reference/config/telemetry/#Telemetry>
    Telemetry {
        selector: Option<WorkloadSelector>,
        target_ref: Option<PolicyTargetReference>,
        target_refs: Vec<PolicyTargetReference>,
        tracing: Vec<TelemetrySection>,
        metrics: Vec<TelemetrySection>,
        access_logging: Vec<TelemetrySection>,
    }
    /// One entry of `tracing`, `metrics` or `accessLogging`.
    TelemetrySection { providers: Vec<ExtensionProvider>, disabled: Option<bool>, r#match: Option<TelemetryMatch>, filter: Option<TelemetryFilter> }
    TelemetryMatch { mode: Option<String> }
    /// Of an entry of `accessLogging`: a CEL expression.
    TelemetryFilter { expression: String }
    /// <https://istio.io/latest/docs/reference/config/networking/proxy-config/#ProxyConfig>
    ProxyConfig { selector: Option<WorkloadSelector>, image: Option<ProxyImage> }
    ProxyImage { image_type: String }
    /// <https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter>
    EnvoyFilter { workload_selector: Option<WorkloadSelector>, target_refs: Vec<PolicyTargetReference>, config_patches: Vec<EnvoyConfigPatch>, priority: i32 }
    EnvoyConfigPatch { apply_to: Option<String>, r#match: Option<EnvoyPatchMatch>, patch: Option<EnvoyPatch> }
    EnvoyPatchMatch { context: Option<String>, proxy: Option<EnvoyProxyMatch>, listener: Option<EnvoyListenerMatch> }
    EnvoyListenerMatch { filter_chain: Option<EnvoyFilterChainMatch> }
    EnvoyFilterChainMatch { filter: Option<EnvoyFilterMatch> }
    EnvoyFilterMatch { name: String }
    EnvoyProxyMatch { proxy_version: String, metadata: BTreeMap<String, String> }
    EnvoyPatch { operation: Option<String>, value: Option<serde_json::Value> }
    /// <https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/#WasmPlugin>
    WasmPlugin { selector: Option<WorkloadSelector>, target_ref: Option<PolicyTargetReference>, target_refs: Vec<PolicyTargetReference>, url: String }
}
