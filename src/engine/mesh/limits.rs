//! What is accepted and yet left out of what the engine computes, said at the resource.

use std::{collections::BTreeSet, sync::Arc};

use crate::engine::{
    cluster::{Cluster, MOST_ENDPOINTS, MeshConfig, PREFER_CLOSE, TRAFFIC_DISTRIBUTION, has_grpc_routes, is_ingress_taken},
    diagnostic::{Diagnostic, Level, Stage},
    manifest::Node,
    resource::{Kind, Labels, Resource, Spec},
};

/// Kinds that the control plane takes into account but the engine does not yet.
const NOT_SIMULATED: &[Kind] = &[Kind::WorkloadGroup, Kind::EnvoyFilter, Kind::ProxyConfig, Kind::WasmPlugin];

/// What istiod passes over as it is installed: the alpha kinds, GRPCRoute of a Gateway API too old for it, Ingresses of another class,
/// providers that the mesh does not have.
pub(super) fn passed_over(resources: &[Resource], mesh: &MeshConfig) -> Vec<Diagnostic> {
    const ALPHA: &str = "istiod takes it only with PILOT_ENABLE_ALPHA_GATEWAY_API=true, which is off by default";
    const OLD: &str =
        "istiod takes it only where the CRD of GRPCRoute says gateway.networking.k8s.io/bundle-version v1.1.0 or newer, and this cluster has no such CRD";
    const CLASS: &str = "istiod takes it only with the annotation kubernetes.io/ingress.class: istio, or by an IngressClass in the cluster whose controller is istio.io/ingress-controller";
    const SIDECAR_TLS: &str = "istiod takes it only with ENABLE_TLS_ON_SIDECAR_INGRESS=true, which is off by default";
    const NEARNESS: &str = "of all ways to distribute traffic it knows PreferClose alone";
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
            Spec::Telemetry(telemetry) => {
                for (at, section) in telemetry.access_logging.iter().enumerate() {
                    for (i, provider) in section.providers.iter().enumerate() {
                        let known = mesh.provider(&provider.name);
                        let path = format!("spec.accessLogging[{at}].providers[{i}].name");
                        match known {
                            None => say(&path, &format!("MeshConfig has no extensionProvider called {:?}", provider.name)),
                            Some(known) if !known.writes_access_logs() => say(&path, &format!("the extensionProvider {:?} writes no access logs", known.name)),
                            Some(_) => {}
                        }
                    }
                }
            }
            Spec::Sidecar(_) => {
                let listeners = resource.node("spec.ingress").map(Node::items).unwrap_or_default();
                let with_tls = (0..listeners.len()).filter(|at| listeners[*at].get("tls").is_some());
                with_tls.for_each(|at| say(&format!("spec.ingress[{at}].tls"), SIDECAR_TLS));
            }
            Spec::Service(_) | Spec::ServiceEntry(_) => {
                let annotation = resource.metadata.annotations.get(TRAFFIC_DISTRIBUTION).filter(|value| !value.eq_ignore_ascii_case(PREFER_CLOSE));
                if annotation.is_some_and(|value| !value.eq_ignore_ascii_case("Any")) {
                    say(&format!("metadata.annotations[{TRAFFIC_DISTRIBUTION}]"), NEARNESS);
                }
                if let Spec::Service(service) = &resource.spec
                    && service.traffic_distribution.as_deref().is_some_and(|value| value != PREFER_CLOSE)
                {
                    say("spec.trafficDistribution", NEARNESS);
                }
            }
            Spec::Ingress(_) if !is_ingress_taken(resources, resource, mesh) => say("kind", CLASS),
            _ if matches!(resource.kind, Kind::TLSRoute | Kind::TCPRoute) => say("kind", ALPHA),
            _ => {}
        }
    }
    notes
}

/// The label by which things say which network they are in.
const NETWORK: &str = "topology.istio.io/network";

/// Networks of their own, where there is more than one: between them endpoints would be reached through gateways
/// (`EndpointsByNetworkFilter` in `pilot/pkg/xds/endpoints/ep_filters.go`).
pub(super) fn networks(resources: &[Resource]) -> Vec<Diagnostic> {
    let mut found: Vec<(&Resource, String, &str)> = Vec::new();
    for resource in resources {
        if let Some(name) = resource.metadata.labels.get(NETWORK) {
            found.push((resource, format!("metadata.labels[{NETWORK}]"), name));
        }
        let listed = resource.node("spec.endpoints").map(Node::items).unwrap_or_default();
        let own = resource.node("spec").filter(|_| resource.kind == Kind::WorkloadEntry).map(|spec| ("spec.network".to_owned(), spec));
        let of_endpoints = listed.iter().enumerate().map(|(at, endpoint)| (format!("spec.endpoints[{at}].network"), endpoint));
        let named = own.into_iter().chain(of_endpoints).filter_map(|(path, node)| Some((resource, path, node.get("network")?.as_str()?)));
        found.extend(named.filter(|(resource, ..)| matches!(resource.kind, Kind::WorkloadEntry | Kind::ServiceEntry)));
    }
    let names: BTreeSet<&str> = found.iter().map(|(_, _, name)| *name).collect();
    let is_one = names.len() < 2;
    let say = |(resource, path, name): (&Resource, String, &str)| {
        note(resource, &path, &format!("the network {name} apart from others; endpoints of every network are reached directly"))
    };
    found.into_iter().filter(|_| !is_one).map(say).collect()
}

/// Settings of istiod's environment that are taken as they are by default.
const SETTINGS: &[&str] = &[
    "PILOT_AUTO_ALLOW_WAYPOINT_POLICY",
    "PILOT_ENABLE_ALPHA_GATEWAY_API",
    "AMBIENT_ENABLE_MULTI_NETWORK",
    "ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES",
    "ENABLE_TLS_ON_SIDECAR_INGRESS",
];

fn settings(resource: &Resource) -> Vec<Diagnostic> {
    let containers = resource.node("spec.template.spec.containers").map(Node::items).unwrap_or_default();
    let entries = containers.iter().enumerate().flat_map(|(c, container)| {
        let list = container.get("env").map(Node::items).unwrap_or_default();
        list.iter().enumerate().map(move |(e, entry)| (format!("spec.template.spec.containers[{c}].env[{e}].name"), entry.get("name").and_then(Node::as_str)))
    });
    let known = entries.filter_map(|(path, name)| Some((path, SETTINGS.iter().find(|known| Some(**known) == name)?)));
    known.map(|(path, name)| note(resource, &path, &format!("{name}; istiod is taken as it is by default"))).collect()
}

/// The notes on an object: on all of it, or on the fields that are passed over.
pub(super) fn not_simulated(resource: &Resource) -> Vec<Diagnostic> {
    let whole = |consequence: &str| vec![note(resource, "kind", &format!("{}; {consequence}", resource.id()))];
    match &resource.spec {
        _ if NOT_SIMULATED.contains(&resource.kind) => whole("requests are computed as if it were not there"),
        Spec::WorkloadController(_) => settings(resource),
        Spec::Gateway(gateway) => (0..gateway.servers.len())
            .filter(|at| gateway.servers[*at].tls.as_ref().is_some_and(|tls| tls.mode.as_deref() == Some("AUTO_PASSTHROUGH")))
            .map(|at| note(resource, &format!("spec.servers[{at}].tls.mode"), "AUTO_PASSTHROUGH; the server gets no routes to the services of the mesh"))
            .collect(),
        Spec::Telemetry(telemetry) => [("spec.metrics", telemetry.metrics.is_empty()), ("spec.tracing", telemetry.tracing.is_empty())]
            .into_iter()
            .filter(|(_, is_empty)| !is_empty)
            .map(|(path, _)| note(resource, path, &format!("{path}; of a Telemetry only accessLogging is computed")))
            .collect(),
        _ => Vec::new(),
    }
}

fn note(resource: &Resource, path: &str, what: &str) -> Diagnostic {
    told(resource, path, format!("accepted, not simulated yet: {what}"))
}

pub(super) fn told(resource: &Resource, path: &str, message: String) -> Diagnostic {
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

/// The notes on Services whose clients are to stay on their node, where that cannot be told of all of their Pods.
pub(super) fn without_node(cluster: &Cluster) -> Vec<Diagnostic> {
    let is_without = |of: &Resource, selector: &Labels| {
        cluster.workloads.select(&of.metadata.namespace, selector).any(|workload| workload.is_pod && workload.node.is_empty())
    };
    let local = cluster.written().iter().filter(|resource| match &resource.spec {
        Spec::Service(service) => service.internal_traffic_policy == "Local" && is_without(resource, &service.selector),
        _ => false,
    });
    const CURE: &str = "write spec.nodeName of each Pod, which a cluster fills in";
    local.map(|of| told(of, "spec.internalTrafficPolicy", format!("accepted, and Pods of which no node is known count as on one node; {CURE}"))).collect()
}

/// The notes on controllers that would make more Pods than take part.
pub(super) fn fewer_pods(cluster: &Cluster) -> Vec<Diagnostic> {
    let of = cluster.fewer_pods.iter().filter_map(|&(at, count)| Some((cluster.resources.get(at)?, count)));
    let say = |(resource, count): (&Resource, usize)| {
        let path = if resource.kind == Kind::DaemonSet { "kind" } else { "spec.replicas" };
        told(resource, path, format!("accepted, and computed with fewer Pods: {count} stand for all of {}", resource.id()))
    };
    of.map(say).collect()
}

/// The note on endpoints that are left out because there are too many of all services, at the first of these.
pub(super) fn fewer_endpoints(cluster: &Cluster) -> Option<Diagnostic> {
    let first = cluster.written().iter().find(|resource| matches!(resource.spec, Spec::Service(_) | Spec::ServiceEntry(_)))?;
    let words = || format!("accepted, and computed with the first {MOST_ENDPOINTS} endpoints of all services; let fewer services select fewer Pods");
    (!cluster.has_all_endpoints).then(|| told(first, "kind", words()))
}

/// The note on a Pod that nobody can reach, as a real cluster would have given it its address.
pub(super) fn without_address(resource: &Resource) -> Option<Diagnostic> {
    const CURE: &str = "write status.podIP, which a cluster fills in";
    let Spec::Pod(pod) = &resource.spec else { return None };
    let is_without = pod.status.pod_ip.is_empty() && pod.status.pod_ips.is_empty();
    is_without.then(|| told(resource, "kind", format!("accepted, and reached by nobody: {} has no address; {CURE}", resource.id())))
}
