//! What istiod deploys for a Gateway that names no gateway of its own: a Service and a Pod, where the input does not write them itself.
//!
//! Retells `manifests/charts/istio-control/istio-discovery/files/kube-gateway.yaml` of istio/istio at 1.26.4, as
//! `pilot/pkg/config/kube/gateway/deploymentcontroller.go` applies it.

use super::{
    GATEWAY_NAME,
    listeners::{CONTROLLER, controller, deployed_name},
};
use crate::engine::{
    cluster::addresses::Addresses,
    manifest::Node,
    resource::{Condition, Container, K8sGateway, Kind, Labels, Metadata, Pod, PodSpec, PodStatus, Resource, Service, ServicePort, Spec},
};

const MANAGED: (&str, &str) = ("gateway.istio.io/managed", "istio.io-gateway-controller");
const SERVICE_TYPE: &str = "networking.istio.io/service-type";
const SERVICE_ACCOUNT: &str = "gateway.istio.io/service-account";
/// Gateways beyond that get nothing.
const MOST: usize = 254;
/// So much of a listener's name is left in that of a port.
const LONGEST_NAME: usize = 63;

/// The objects that are missing, at most for 254 Gateways.
pub(in crate::engine::cluster) fn deploy(resources: &[Resource], addresses: &mut Addresses) -> Vec<Resource> {
    let mut made = Vec::new();
    let gateways = resources.iter().filter_map(|resource| match &resource.spec {
        Spec::K8sGateway(spec) if controller(resources, &spec.gateway_class_name) == Some(CONTROLLER) => {
            Some((resource, spec, deployed_name(&resource.metadata, spec)?))
        }
        _ => None,
    });
    for (gateway, spec, name) in gateways.take(MOST) {
        let home = &gateway.metadata.namespace;
        let is_pod = |other: &Resource| other.kind == Kind::Pod && is_instance(&other.metadata, &gateway.metadata);
        if !resources.iter().any(is_pod)
            && let Some(address) = addresses.of_pod()
        {
            let account = gateway.metadata.annotations.get(SERVICE_ACCOUNT).unwrap_or(&name);
            let pod = proxy_pod(account, address);
            made.push(gateway.stand_in(Kind::Pod, metadata(gateway, &name, pod_labels(gateway, &name)), Spec::Pod(Box::new(pod))));
        }
        let is_service = |other: &Resource| other.kind == Kind::Service && other.metadata.namespace == *home && other.metadata.name == name;
        if !resources.iter().any(is_service)
            && let Some(address) = addresses.of_service()
        {
            let mut labels = infrastructure(gateway, "labels", &gateway.metadata.labels);
            labels.insert(GATEWAY_NAME, gateway.metadata.name.as_str());
            let service = service(gateway, spec, address);
            made.push(gateway.stand_in(Kind::Service, metadata(gateway, &name, labels), Spec::Service(Box::new(service))));
        }
    }
    made
}

/// Whether a pod is one of a Gateway's.
pub(in crate::engine::cluster) fn is_instance(pod: &Metadata, gateway: &Metadata) -> bool {
    pod.namespace == gateway.namespace && pod.labels.get(GATEWAY_NAME) == Some(&gateway.name)
}

fn metadata(gateway: &Resource, name: &str, labels: Labels) -> Metadata {
    Metadata {
        name: name.into(),
        namespace: gateway.metadata.namespace.clone(),
        labels,
        annotations: infrastructure(gateway, "annotations", &gateway.metadata.annotations),
        creation_timestamp: gateway.metadata.creation_timestamp.clone(),
        ..Metadata::default()
    }
}

/// What the Gateway says in `spec.infrastructure` of the objects that are made for it; where it says nothing, what it bears itself
/// (`extractInfrastructureMetadata`).
pub(in crate::engine::cluster) fn infrastructure(gateway: &Resource, what: &str, own: &Labels) -> Labels {
    let Some(said) = gateway.node(&format!("spec.infrastructure.{what}")) else { return own.clone() };
    let pairs = said.entries().iter().filter(|entry| !entry.key.starts_with("gateway.networking.k8s.io/"));
    pairs.map(|entry| (entry.key.as_str(), Node::as_str(&entry.value).unwrap_or_default())).collect()
}

fn pod_labels(gateway: &Resource, name: &str) -> Labels {
    let mut labels =
        Labels::from([("sidecar.istio.io/inject", "false"), ("service.istio.io/canonical-name", name), ("service.istio.io/canonical-revision", "latest")]);
    labels.extend(&infrastructure(gateway, "labels", &gateway.metadata.labels));
    labels.extend([(GATEWAY_NAME, gateway.metadata.name.as_str()), MANAGED]);
    labels
}

/// A pod that is ready and holds a proxy alone.
pub(in crate::engine::cluster) fn proxy_pod(service_account: &str, address: String) -> Pod {
    let ready = Condition { r#type: "Ready".into(), status: "True".into(), ..Condition::default() };
    Pod {
        spec: PodSpec {
            service_account_name: service_account.to_owned(),
            containers: vec![Container { name: "istio-proxy".into(), ..Container::default() }],
            ..PodSpec::default()
        },
        status: PodStatus { phase: "Running".into(), pod_ip: address, conditions: vec![ready], ..PodStatus::default() },
    }
}

/// A port of a Service that says its protocol.
pub(in crate::engine::cluster) fn service_port(name: &str, port: u32, app_protocol: &str) -> ServicePort {
    ServicePort { name: name.into(), protocol: "TCP".into(), app_protocol: Some(app_protocol.into()), port, ..ServicePort::default() }
}

fn service(gateway: &Resource, spec: &K8sGateway, address: String) -> Service {
    let mut ports = vec![service_port("status-port", 15021, "tcp")];
    // Listeners of one port have one name for it, that of the first (`extractServicePorts`).
    for (at, listener) in spec.listeners.iter().enumerate() {
        if ports[1..].iter().any(|port| port.port == listener.port) {
            continue;
        }
        let protocol = listener.protocol.to_lowercase();
        let name: String = listener.name.replace('.', "-").chars().take(LONGEST_NAME).collect();
        ports.push(service_port(&if name.is_empty() { format!("{protocol}-{at}") } else { name }, listener.port, &protocol));
    }
    Service {
        cluster_ip: address,
        r#type: gateway.metadata.annotations.get(SERVICE_TYPE).unwrap_or("LoadBalancer").to_owned(),
        selector: [(GATEWAY_NAME, gateway.metadata.name.as_str())].into(),
        ports,
        ..Service::default()
    }
}
