//! What istiod deploys for a waypoint Gateway: a Service and a Pod, where the input does not write them itself.
//!
//! Retells `manifests/charts/istio-control/istio-discovery/files/waypoint.yaml` of istio/istio at 1.26.4, as
//! `pilot/pkg/config/kube/gateway/deploymentcontroller.go` applies it. Addresses are of blocks that documentation may use (RFC 5737).

use compact_str::CompactString;

use super::{
    DATAPLANE_MODE, MANAGED, MESH_CONTROLLER,
    waypoint::{deployed_name, is_waypoint},
};
use crate::engine::{
    cluster::{
        PREFER_CLOSE, TRAFFIC_DISTRIBUTION,
        gateway_api::{
            GATEWAY_NAME,
            deploy::{infrastructure, is_instance, proxy_pod, service_port},
        },
    },
    resource::{Kind, Labels, Metadata, Resource, Service, Spec},
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
            let account = gateway.metadata.annotations.get(SERVICE_ACCOUNT).unwrap_or(name);
            let pod = proxy_pod(account, format!("198.51.100.{}", at + 1));
            made.push(gateway.stand_in(Kind::Pod, pod_metadata(&metadata), Spec::Pod(Box::new(pod))));
        }
        let is_its_service = |other: &Resource| other.kind == Kind::Service && other.metadata.namespace == metadata.namespace && other.metadata.name == name;
        if !resources.iter().any(is_its_service) {
            let metadata = Metadata { annotations: [(TRAFFIC_DISTRIBUTION, distribution(gateway))].into(), ..metadata };
            made.push(gateway.stand_in(Kind::Service, metadata, Spec::Service(Box::new(service(&gateway.metadata.name, at + 1)))));
        }
    }
    made
}

/// Near pods of a waypoint go first, unless the Gateway says something else of what is deployed.
fn distribution(gateway: &Resource) -> CompactString {
    infrastructure(gateway, "annotations", &gateway.metadata.annotations).get(TRAFFIC_DISTRIBUTION).unwrap_or(PREFER_CLOSE).into()
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

fn service(gateway: &str, number: usize) -> Service {
    Service {
        cluster_ip: format!("192.0.2.{number}"),
        r#type: "ClusterIP".into(),
        selector: [(GATEWAY_NAME, gateway)].into(),
        ports: vec![service_port("status-port", 15021, "tcp"), service_port("mesh", 15008, "hbone")],
        ..Service::default()
    }
}
