//! Kubernetes' own kinds, as far as a mesh looks at them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Labels, Metadata, api};

api! {
    /// Labels that a workload must have.
    WorkloadSelector { labels: Labels, match_labels: Labels }
    /// `v1` Service, its `spec`.
    Service {
        #[serde(rename = "clusterIP")]
        cluster_ip: String,
        #[serde(rename = "clusterIPs")]
        cluster_ips: Vec<String>,
        r#type: String,
        external_name: String,
        #[serde(rename = "externalIPs")]
        external_ips: Vec<String>,
        selector: Labels,
        ports: Vec<ServicePort>,
        publish_not_ready_addresses: bool,
        traffic_distribution: Option<String>,
        internal_traffic_policy: String,
        session_affinity: String,
    }
    ServicePort { name: String, protocol: String, app_protocol: Option<String>, port: u32, target_port: Option<IntOrString>, node_port: u32 }
    /// `v1` Pod, its `spec` and `status`.
    Pod { spec: PodSpec, status: PodStatus }
    PodSpec {
        service_account_name: String,
        node_name: String,
        host_network: bool,
        containers: Vec<Container>,
        init_containers: Vec<Container>,
        security_context: Option<SecurityContext>,
    }
    Container { name: String, image: String, ports: Vec<ContainerPort>, security_context: Option<SecurityContext> }
    SecurityContext { run_as_user: Option<i64> }
    ContainerPort { name: String, container_port: u32, protocol: String }
    PodStatus {
        phase: String,
        #[serde(rename = "podIP")]
        pod_ip: String,
        #[serde(rename = "podIPs")]
        pod_ips: Vec<PodIp>,
        conditions: Vec<Condition>,
    }
    PodIp { ip: String }
    Condition { r#type: String, status: String, reason: String, message: String }
    /// `v1` Endpoints.
    Endpoints { subsets: Vec<EndpointSubset> }
    EndpointSubset { addresses: Vec<EndpointAddress>, not_ready_addresses: Vec<EndpointAddress>, ports: Vec<EndpointPort> }
    EndpointAddress { ip: String, target_ref: Option<ObjectReference> }
    /// `discovery.k8s.io/v1` EndpointSlice.
    EndpointSlice { address_type: String, endpoints: Vec<SliceEndpoint>, ports: Vec<EndpointPort>, metadata: Metadata }
    SliceEndpoint { addresses: Vec<String>, conditions: EndpointConditions, node_name: String, zone: String, target_ref: Option<ObjectReference> }
    EndpointConditions { ready: Option<bool>, serving: Option<bool>, terminating: Option<bool> }
    EndpointPort { name: String, port: u32, protocol: String, app_protocol: String }
    ObjectReference { kind: String, name: String, namespace: String }
    /// `apps/v1` Deployment, StatefulSet or DaemonSet, its `spec`.
    WorkloadController { replicas: Option<u32>, selector: Option<WorkloadSelector>, template: PodTemplate }
    PodTemplate { metadata: Metadata, spec: PodSpec }
    /// `v1` Secret.
    Secret { r#type: String, data: BTreeMap<String, String>, string_data: BTreeMap<String, String> }
    /// `v1` ConfigMap.
    ConfigMap { data: BTreeMap<String, String> }
    /// `admissionregistration.k8s.io/v1`: either kind of webhook configuration.
    WebhookConfiguration { webhooks: Vec<Webhook> }
    Webhook { name: String, client_config: WebhookClientConfig, namespace_selector: Option<LabelSelector>, object_selector: Option<LabelSelector> }
    WebhookClientConfig { url: Option<String>, service: Option<WebhookService> }
    WebhookService { name: String, namespace: String, port: Option<u32> }
    /// Labels and expressions that must all hold.
    LabelSelector { match_labels: Labels, match_expressions: Vec<LabelRequirement> }
    LabelRequirement { key: String, operator: String, values: Vec<String> }
    /// `apiextensions.k8s.io/v1` CustomResourceDefinition, its `spec`.
    CustomResourceDefinition { group: String, names: CustomResourceNames }
    CustomResourceNames { kind: String, plural: String }
}

/// A port by number or by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "the variants say it")]
pub enum IntOrString {
    Int(u32),
    String(String),
}
