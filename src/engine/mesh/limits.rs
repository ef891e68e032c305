//! What is accepted and yet left out of what the engine computes, said at the resource.

use std::sync::Arc;

use crate::engine::{
    cluster::{MeshConfig, has_grpc_routes, is_ingress_taken},
    diagnostic::{Diagnostic, Level, Stage},
    resource::{Kind, Resource, Spec},
};

/// Kinds that the control plane takes into account but the engine does not yet.
const NOT_SIMULATED: &[Kind] = &[Kind::WorkloadGroup, Kind::EnvoyFilter, Kind::ProxyConfig, Kind::Telemetry, Kind::WasmPlugin];

/// Fields of a Service that steer which endpoints a client prefers.
const PREFERENCES: &[&str] = &["spec.trafficDistribution", "spec.internalTrafficPolicy"];

/// The label by which a sidecar says that it takes tunnels.
const TUNNEL: &str = "networking.istio.io/tunnel";

/// What istiod passes over as it is installed: the alpha kinds, GRPCRoute of a Gateway API too old for it, Ingresses of another class.
pub(super) fn passed_over(resources: &[Resource], mesh: &MeshConfig) -> Vec<Diagnostic> {
    const ALPHA: &str = "istiod takes it only with PILOT_ENABLE_ALPHA_GATEWAY_API=true, which is off by default";
    const OLD: &str =
        "istiod takes it only where the CRD of GRPCRoute says gateway.networking.k8s.io/bundle-version v1.1.0 or newer, and this cluster has no such CRD";
    const CLASS: &str = "istiod takes it only with the annotation kubernetes.io/ingress.class: istio, or by an IngressClass in the cluster whose controller is istio.io/ingress-controller";
    let has_grpc_routes = has_grpc_routes(resources);
    let mut notes = Vec::new();
    for resource in resources {
        let mut say = |path: &str, what: &str| notes.push(told(resource, path, format!("accepted, and passed over by istiod: {}; {what}", resource.id())));
        match &resource.spec {
            Spec::K8sGrpcRoute(_) if !has_grpc_routes => say("kind", OLD),
            Spec::K8sGateway(gateway) => {
                let alpha = (0..gateway.listeners.len()).filter(|at| matches!(gateway.listeners[*at].protocol.as_str(), "TLS" | "TCP"));
                alpha.for_each(|at| say(&format!("spec.listeners[{at}].protocol"), ALPHA));
            }
            Spec::Ingress(_) if !is_ingress_taken(resources, resource, mesh) => say("kind", CLASS),
            _ if matches!(resource.kind, Kind::TLSRoute | Kind::TCPRoute) => say("kind", ALPHA),
            _ => {}
        }
    }
    notes
}

/// The notes on an object: on all of it, or on the fields that are passed over.
pub(super) fn not_simulated(resource: &Resource) -> Vec<Diagnostic> {
    let whole = |consequence: &str| vec![note(resource, "kind", &format!("{}; {consequence}", resource.id()))];
    match &resource.spec {
        _ if NOT_SIMULATED.contains(&resource.kind) => whole("requests are computed as if it were not there"),
        _ if matches!(resource.kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet) => {
            whole("only Pods with an address take part, so write the Pods that it would make")
        }
        Spec::Gateway(gateway) => (0..gateway.servers.len())
            .filter(|at| gateway.servers[*at].tls.as_ref().is_some_and(|tls| tls.mode.as_deref() == Some("AUTO_PASSTHROUGH")))
            .map(|at| note(resource, &format!("spec.servers[{at}].tls.mode"), "AUTO_PASSTHROUGH; the server gets no routes to the services of the mesh"))
            .collect(),
        Spec::Pod(_) if resource.metadata.labels.contains_key(TUNNEL) => {
            vec![note(resource, &format!("metadata.labels[{TUNNEL}]"), &format!("{TUNNEL}; a sidecar takes no tunnels (HBONE)"))]
        }
        Spec::Service(_) => PREFERENCES
            .iter()
            .filter(|path| is_set(resource, path))
            .map(|path| note(resource, path, &format!("{path}; all ready endpoints are equal")))
            .collect(),
        _ => Vec::new(),
    }
}

fn is_set(resource: &Resource, path: &str) -> bool {
    let found = match resource.prefix.as_str() {
        "" => resource.document.find(path),
        prefix => resource.document.find(&format!("{prefix}.{path}")),
    };
    // `Cluster` is what Kubernetes fills in itself: no preference.
    found.and_then(|node| node.as_str()).is_some_and(|value| value != "Cluster")
}

fn note(resource: &Resource, path: &str, what: &str) -> Diagnostic {
    told(resource, path, format!("accepted, not simulated yet: {what}"))
}

fn told(resource: &Resource, path: &str, message: String) -> Diagnostic {
    Diagnostic {
        stage: Stage::Simulation,
        level: Level::Info,
        code: None,
        message,
        path: if path == "kind" { String::new() } else { path.to_owned() },
        file: Arc::clone(&resource.document.file),
        span: resource.span_of(path),
        fix: None,
    }
}
