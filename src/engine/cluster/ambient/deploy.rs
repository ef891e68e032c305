//! What istiod deploys for a waypoint Gateway: a Service and a Pod, where the input does not write them itself.
//!
//! Retells `manifests/charts/istio-control/istio-discovery/files/waypoint.yaml` of istio/istio at 1.26.4, as
//! `pilot/pkg/config/kube/gateway/deploymentcontroller.go` applies it. Addresses are of blocks that documentation may use (RFC 5737).

use std::sync::Arc;

use super::{
    DATAPLANE_MODE, GATEWAY_NAME, MANAGED, MESH_CONTROLLER,
    waypoint::{deployed_name, is_instance, is_waypoint},
};
use crate::engine::{
    cluster::{PREFER_CLOSE, TRAFFIC_DISTRIBUTION},
    manifest::Node,
    resource::{Condition, Container, Kind, Labels, Metadata, Pod, PodSpec, PodStatus, Resource, Service, ServicePort, Spec},
};

const SERVICE_ACCOUNT: &str = "gateway.istio.io/service-account";
/// As many addresses as the blocks have.
const MOST: usize = 254;

/// The objects that are missing, for the waypoints among the objects, at most for 254 of them.
pub(in crate::engine::cluster) fn deploy(resources: &[Resource]) -> Vec<Resource> {
    let mut made = Vec::new();
    let gateways = resources.iter().filter(|resource| matches!(&resource.spec, Spec::K8sGateway(spec) if is_waypoint(resources, spec)));
    for (at, gateway) in gateways.enumerate().take(MOST) {
        let name = deployed_name(&gateway.metadata);
        let metadata = metadata(&gateway.metadata, name);
        if !resources.iter().any(|other| other.kind == Kind::Pod && is_instance(&other.metadata, &gateway.metadata)) {
            made.push(stand_in(gateway, Kind::Pod, pod_metadata(&metadata), Spec::Pod(Box::new(pod(&gateway.metadata, name, at + 1)))));
        }
        let is_its_service = |other: &Resource| other.kind == Kind::Service && other.metadata.namespace == metadata.namespace && other.metadata.name == name;
        if !resources.iter().any(is_its_service) {
            let metadata = Metadata { annotations: [(TRAFFIC_DISTRIBUTION, distribution(gateway))].into(), ..metadata };
            made.push(stand_in(gateway, Kind::Service, metadata, Spec::Service(Box::new(service(&gateway.metadata.name, at + 1)))));
        }
    }
    made
}

/// Near pods of a waypoint go first, unless the Gateway's annotations for what is deployed say something else; its own are those where it
/// has none of that kind.
fn distribution(gateway: &Resource) -> &str {
    let of_deployed = gateway.node("spec.infrastructure.annotations");
    let said = match of_deployed {
        Some(annotations) => annotations.get(TRAFFIC_DISTRIBUTION).and_then(Node::as_str),
        None => gateway.metadata.annotations.get(TRAFFIC_DISTRIBUTION),
    };
    said.unwrap_or(PREFER_CLOSE)
}

/// It stands where the Gateway is written, so that whoever asks is led there.
fn stand_in(gateway: &Resource, kind: Kind, metadata: Metadata, spec: Spec) -> Resource {
    Resource {
        kind,
        api_version: "v1".into(),
        metadata,
        spec,
        document: Arc::clone(&gateway.document),
        prefix: gateway.prefix.clone(),
        names_namespace: gateway.names_namespace,
    }
}

fn metadata(gateway: &Metadata, name: &str) -> Metadata {
    let labels = [(GATEWAY_NAME, gateway.name.as_str()), (MANAGED, MESH_CONTROLLER)];
    Metadata {
        name: name.into(),
        namespace: gateway.namespace.clone(),
        labels: labels.into(),
        creation_timestamp: gateway.creation_timestamp.clone(),
        ..Metadata::default()
    }
}

fn pod_metadata(metadata: &Metadata) -> Metadata {
    let mut labels: Labels = metadata.labels.clone();
    labels.insert(DATAPLANE_MODE, "none");
    labels.insert("service.istio.io/canonical-name", metadata.name.as_str());
    labels.insert("service.istio.io/canonical-revision", "latest");
    Metadata { labels, ..metadata.clone() }
}

fn pod(gateway: &Metadata, name: &str, number: usize) -> Pod {
    let ready = Condition { r#type: "Ready".into(), status: "True".into(), ..Condition::default() };
    Pod {
        spec: PodSpec {
            service_account_name: gateway.annotations.get(SERVICE_ACCOUNT).unwrap_or(name).to_owned(),
            containers: vec![Container { name: "istio-proxy".into(), ..Container::default() }],
            ..PodSpec::default()
        },
        status: PodStatus { phase: "Running".into(), pod_ip: format!("198.51.100.{number}"), conditions: vec![ready], ..PodStatus::default() },
    }
}

fn service(gateway: &str, number: usize) -> Service {
    let port = |name: &str, port: u32, app_protocol: &str| ServicePort {
        name: name.into(),
        protocol: "TCP".into(),
        app_protocol: Some(app_protocol.into()),
        port,
        ..ServicePort::default()
    };
    Service {
        cluster_ip: format!("192.0.2.{number}"),
        r#type: "ClusterIP".into(),
        selector: [(GATEWAY_NAME, gateway)].into(),
        ports: vec![port("status-port", 15021, "tcp"), port("mesh", 15008, "hbone")],
        ..Service::default()
    }
}
