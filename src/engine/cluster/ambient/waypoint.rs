//! Gateways of the Gateway API that are waypoints, and what each of them takes.

use std::fmt;

use crate::engine::{
    cluster::{
        gateway_api::{deploy::is_instance, selector_takes},
        service_hostname,
    },
    resource::{K8sGateway, LabelSelector, Labels, Metadata, Resource, Spec},
    source::Origin,
};

/// The class that is there without an object, and the controller of all such classes.
const CLASS: &str = "istio-waypoint";
const CONTROLLER: &str = "istio.io/mesh-controller";
const WAYPOINT_FOR: &str = "istio.io/waypoint-for";
const NAME_OVERRIDE: &str = "gateway.istio.io/name-override";
/// The port on which a waypoint ends tunnels.
const HBONE_PORT: u32 = 15008;

/// A waypoint that is up.
#[derive(Debug, Clone, PartialEq)]
pub struct Waypoint {
    /// The Gateway's name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The host name of the Service before its pods.
    pub hostname: String,
    /// Whose traffic it takes.
    pub traffic: TrafficType,
    /// The Gateway.
    pub origin: Origin,
    allowed: Allowed,
}

/// Whose traffic a waypoint takes: `istio.io/waypoint-for`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TrafficType {
    /// What is addressed to services.
    #[default]
    Service,
    /// What is addressed to workloads.
    Workload,
    /// Both.
    All,
    /// Neither.
    None,
}

impl TrafficType {
    fn parse(text: &str) -> Self {
        match text {
            "service" => Self::Service,
            "workload" => Self::Workload,
            "all" => Self::All,
            _ => Self::None,
        }
    }

    pub(super) fn covers(self, wanted: Self) -> bool {
        self == wanted || self == Self::All
    }
}

impl fmt::Display for TrafficType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "service",
            Self::Workload => "workload",
            Self::All => "all",
            Self::None => "no",
        })
    }
}

/// From which namespaces objects may use it: `allowedRoutes` of its listener.
#[derive(Debug, Clone, PartialEq)]
enum Allowed {
    Same,
    All,
    /// Nothing where the selector is missing.
    Selected(Option<LabelSelector>),
}

impl Waypoint {
    pub(super) fn takes_namespace(&self, namespace: &str, labels: Option<&Labels>) -> bool {
        match &self.allowed {
            Allowed::Same => self.namespace == namespace,
            Allowed::All => true,
            Allowed::Selected(selector) => selector.as_ref().is_some_and(|selector| selector_takes(selector, labels.unwrap_or(&Labels::new()))),
        }
    }
}

/// Whether istiod deploys waypoints for the Gateway.
pub(super) fn is_waypoint(resources: &[Resource], gateway: &K8sGateway) -> bool {
    let class = class(resources, &gateway.gateway_class_name);
    match class {
        Some((_, controller)) => controller == CONTROLLER,
        None => gateway.gateway_class_name == CLASS,
    }
}

fn class<'a>(resources: &'a [Resource], name: &str) -> Option<(&'a Metadata, &'a str)> {
    resources.iter().find_map(|resource| match &resource.spec {
        Spec::GatewayClass(class) if resource.metadata.name == name => Some((&resource.metadata, class.controller_name.as_str())),
        _ => None,
    })
}

/// The name that the objects made for a Gateway have.
pub(super) fn deployed_name(metadata: &Metadata) -> &str {
    metadata.annotations.get(NAME_OVERRIDE).unwrap_or(&metadata.name)
}

/// Those that are up: a Gateway gets an address once one of its pods is ready, and keeps it.
pub(super) fn waypoints(resources: &[Resource]) -> Vec<Waypoint> {
    let mut found = Vec::new();
    for resource in resources {
        let Spec::K8sGateway(spec) = &resource.spec else { continue };
        if is_waypoint(resources, spec) && (has_address(resource) || has_ready_pod(resources, &resource.metadata)) {
            let Metadata { name, namespace, labels, .. } = &resource.metadata;
            let of_class = class(resources, &spec.gateway_class_name).and_then(|(metadata, _)| metadata.labels.get(WAYPOINT_FOR));
            found.push(Waypoint {
                name: name.to_string(),
                namespace: namespace.to_string(),
                hostname: service_hostname(deployed_name(&resource.metadata), namespace),
                traffic: labels.get(WAYPOINT_FOR).or(of_class).map_or(TrafficType::Service, TrafficType::parse),
                allowed: allowed(spec),
                origin: Origin::whole(resource.id().to_string()),
            });
        }
    }
    found
}

fn has_address(gateway: &Resource) -> bool {
    gateway.node("status.addresses").is_some_and(|addresses| !addresses.items().is_empty())
}

fn has_ready_pod(resources: &[Resource], gateway: &Metadata) -> bool {
    resources.iter().any(|resource| match &resource.spec {
        Spec::Pod(pod) if is_instance(&resource.metadata, gateway) && !pod.status.pod_ip.is_empty() => {
            pod.status.conditions.iter().find(|condition| condition.r#type == "Ready").is_none_or(|condition| condition.status == "True")
        }
        _ => false,
    })
}

/// The listener for tunnels decides; without one the own namespace alone.
fn allowed(gateway: &K8sGateway) -> Allowed {
    let listener = gateway.listeners.iter().find(|listener| listener.protocol == "HBONE" && listener.port == HBONE_PORT);
    let Some(namespaces) = listener.and_then(|listener| listener.allowed_routes.as_ref()?.namespaces.as_ref()) else { return Allowed::Same };
    match namespaces.from.as_deref() {
        Some("All") => Allowed::All,
        Some("Selector") => Allowed::Selected(namespaces.selector.clone()),
        _ => Allowed::Same,
    }
}
