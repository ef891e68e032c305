//! Ambient mode: which pods the node's ztunnel speaks for, and which waypoint stands before a service or a workload.
//!
//! Retells `PodRedirectionEnabled` (`cni/pkg/util/podutil.go`) and `fetchWaypointForTarget` and its callers
//! (`pilot/pkg/serviceregistry/kube/controller/ambient/waypoints.go`) of istio/istio at 1.26.4.

mod auto_address;
mod deploy;
mod waypoint;

use std::collections::{BTreeMap, HashMap, HashSet};

pub(super) use deploy::deploy;
pub use waypoint::{TrafficType, Waypoint};

use super::{Service, Workload, gateway_api::GATEWAY_NAME, namespaces::namespaces};
use crate::engine::{
    resource::{Kind, Labels, Metadata, PodSpec, Resource, ResourceId, Spec},
    source::Origin,
};

const DATAPLANE_MODE: &str = "istio.io/dataplane-mode";
const TUNNEL: &str = "networking.istio.io/tunnel";
const REDIRECTION: &str = "ambient.istio.io/redirection";
const USE_WAYPOINT: &str = "istio.io/use-waypoint";
const USE_WAYPOINT_NAMESPACE: &str = "istio.io/use-waypoint-namespace";
const INGRESS_USE_WAYPOINT: &str = "istio.io/ingress-use-waypoint";
/// The label of gateways that istiod itself deploys, and its value for waypoints.
const MANAGED: &str = "gateway.istio.io/managed";
const MESH_CONTROLLER: &str = "istio.io-mesh-controller";

/// Who is in ambient mode, and what waypoints there are.
#[derive(Debug, Clone, Default)]
pub struct Ambient {
    waypoints: Vec<Waypoint>,
    /// The labels of namespaces.
    namespaces: BTreeMap<String, Labels>,
    /// By namespace and name of the pod, the object whose label takes it in.
    captured: HashMap<(String, String), Origin>,
    /// WorkloadEntries of which is noted that tunnels end at them, by namespace and name.
    tunnelled_entries: HashSet<(String, String)>,
    /// By namespace and host of a ServiceEntry.
    auto_addresses: HashMap<(String, String), String>,
}

/// The waypoint that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum UseWaypoint<'a> {
    /// None is asked for.
    Unasked,
    /// It is switched off by `none`.
    Off {
        /// The label.
        origin: Origin,
    },
    /// It takes the traffic.
    Bound {
        /// The one.
        waypoint: &'a Waypoint,
        /// The label.
        origin: Origin,
    },
    /// It is asked for and cannot take it.
    Unusable {
        /// Why, as a part of a sentence.
        reason: String,
        /// The label.
        origin: Origin,
    },
}

impl<'a> UseWaypoint<'a> {
    /// The one that takes the traffic.
    pub fn bound(&self) -> Option<&'a Waypoint> {
        match self {
            Self::Bound { waypoint, .. } => Some(waypoint),
            _ => None,
        }
    }
}

impl Ambient {
    pub(super) fn new(resources: &[Resource]) -> Self {
        let mut ambient = Self { namespaces: namespaces(resources), ..Self::default() };
        for resource in resources {
            let key = || (resource.metadata.namespace.to_string(), resource.metadata.name.to_string());
            match &resource.spec {
                Spec::Pod(pod) => ambient.captured.extend(ambient.redirection(&resource.metadata, &pod.spec).map(|origin| (key(), origin))),
                Spec::WorkloadEntry(_) if is_noted(&resource.metadata) => ambient.tunnelled_entries.extend([key()]),
                _ => {}
            }
        }
        ambient.waypoints = waypoint::waypoints(resources);
        ambient.auto_addresses = auto_address::allocate(resources);
        ambient
    }

    /// Whether istiod has to know of ambient mode at all: somebody is in it, or a waypoint is there.
    pub fn is_on(&self) -> bool {
        !self.captured.is_empty() || !self.tunnelled_entries.is_empty() || !self.waypoints.is_empty()
    }

    /// The label by which a pod is taken in; none where it is not.
    fn redirection(&self, metadata: &Metadata, spec: &PodSpec) -> Option<Origin> {
        let own = metadata.labels.get(DATAPLANE_MODE);
        let of_namespace = self.namespaces.get(metadata.namespace.as_str()).and_then(|labels| labels.get(DATAPLANE_MODE));
        let has_sidecar = metadata.annotations.contains_key("sidecar.istio.io/status")
            || spec.containers.iter().chain(&spec.init_containers).any(|container| container.name == "istio-proxy");
        // A proxy of its own, a word against it or the node's network keep a pod out.
        if has_sidecar || own == Some("none") || spec.host_network {
            return None;
        }
        match (own, of_namespace) {
            (Some("ambient"), _) => Some(label_of(Kind::Pod, &metadata.namespace, &metadata.name, DATAPLANE_MODE)),
            (_, Some("ambient")) => Some(label_of(Kind::Namespace, "", &metadata.namespace, DATAPLANE_MODE)),
            _ if is_noted(metadata) => {
                let path = format!("metadata.annotations[{REDIRECTION}]");
                Some(label_of(Kind::Pod, &metadata.namespace, &metadata.name, DATAPLANE_MODE).field(path))
            }
            _ => None,
        }
    }

    /// The label by which a pod is in ambient mode; none where it is not.
    pub fn captured(&self, namespace: &str, pod: &str) -> Option<&Origin> {
        if self.captured.is_empty() {
            return None;
        }
        self.captured.get(&(namespace.to_owned(), pod.to_owned()))
    }

    /// Whether somebody beside a workload ends tunnels for it.
    pub fn ends_tunnels(&self, workload: &Workload) -> bool {
        let Workload { namespace, name, is_pod, .. } = workload;
        if *is_pod {
            return self.captured(namespace, name).is_some();
        }
        !self.tunnelled_entries.is_empty() && self.tunnelled_entries.contains(&(namespace.clone(), name.clone()))
    }

    /// All waypoints that can take traffic, in the order of the input.
    pub fn waypoints(&self) -> impl Iterator<Item = &Waypoint> {
        self.waypoints.iter()
    }

    /// The waypoint that a proxy with these labels is an instance of.
    pub fn waypoint_of_proxy(&self, namespace: &str, labels: &Labels) -> Option<&Waypoint> {
        self.waypoint(namespace, labels.get(GATEWAY_NAME)?)
    }

    /// The waypoint that clients of a service go through.
    pub fn waypoint_of_service(&self, service: &Service) -> UseWaypoint<'_> {
        // What is a waypoint has none.
        if service.labels.get(MANAGED).is_some_and(|by| by == MESH_CONTROLLER) {
            return UseWaypoint::Unasked;
        }
        let origin = service.origin.field(path_of(USE_WAYPOINT));
        Self::for_traffic(self.of_target(&service.namespace, &service.labels, origin), TrafficType::Service)
    }

    /// The waypoint that clients who call a workload by its address go through.
    pub fn waypoint_of_workload(&self, workload: &Workload) -> UseWaypoint<'_> {
        if self.waypoint_of_proxy(&workload.namespace, &workload.labels).is_some() {
            return UseWaypoint::Unasked;
        }
        let kind = if workload.is_pod { Kind::Pod } else { Kind::WorkloadEntry };
        let origin = label_of(kind, &workload.namespace, &workload.name, USE_WAYPOINT);
        Self::for_traffic(self.of_target(&workload.namespace, &workload.labels, origin), TrafficType::Workload)
    }

    /// Whether gateways send what is for a service through its waypoint, by default not.
    pub fn is_for_ingress(service: &Service) -> bool {
        service.labels.get(INGRESS_USE_WAYPOINT).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The address that istiod gives a host of a ServiceEntry that has none of its own.
    pub fn auto_address(&self, namespace: &str, host: &str) -> Option<&str> {
        self.auto_addresses.get(&(namespace.to_owned(), host.to_owned())).map(String::as_str)
    }

    fn waypoint(&self, namespace: &str, name: &str) -> Option<&Waypoint> {
        self.waypoints.iter().find(|waypoint| waypoint.namespace == namespace && waypoint.name == name)
    }

    /// What an object's own label says, else its namespace's.
    fn of_target(&self, namespace: &str, labels: &Labels, origin: Origin) -> UseWaypoint<'_> {
        let of_namespace = self.namespaces.get(namespace);
        match labels.get(USE_WAYPOINT) {
            Some("none") => UseWaypoint::Off { origin },
            Some(name) => self.named(name, labels, namespace, origin),
            None => match of_namespace.and_then(|labels| Some((labels.get(USE_WAYPOINT)?, labels))) {
                Some((name, labels)) if name != "none" => self.named(name, labels, namespace, label_of(Kind::Namespace, "", namespace, USE_WAYPOINT)),
                _ => UseWaypoint::Unasked,
            },
        }
    }

    fn named(&self, name: &str, labels: &Labels, namespace: &str, origin: Origin) -> UseWaypoint<'_> {
        let home = labels.get(USE_WAYPOINT_NAMESPACE).unwrap_or(namespace);
        match self.waypoint(home, name) {
            None => UseWaypoint::Unusable { reason: format!("the waypoint {home}/{name} is not there, or none of its pods is ready"), origin },
            Some(waypoint) if !waypoint.takes_namespace(namespace, self.namespaces.get(namespace)) => {
                let reason = format!("the listener of the waypoint {home}/{name} does not allow routes from the namespace {namespace}");
                UseWaypoint::Unusable { reason, origin }
            }
            Some(waypoint) => UseWaypoint::Bound { waypoint, origin },
        }
    }

    fn for_traffic(found: UseWaypoint<'_>, wanted: TrafficType) -> UseWaypoint<'_> {
        match found {
            UseWaypoint::Bound { waypoint, origin } if !waypoint.traffic.covers(wanted) => {
                let Waypoint { namespace, name, .. } = waypoint;
                let reason = format!("the waypoint {namespace}/{name} is for {} traffic, and this is {wanted} traffic", waypoint.traffic);
                UseWaypoint::Unusable { reason, origin }
            }
            found => found,
        }
    }
}

/// What the node's agent notes at a pod that it has taken in, and whoever runs ztunnel elsewhere at a WorkloadEntry; istiod goes by it
/// (`setTunnelProtocol` in `workloads.go`).
fn is_noted(metadata: &Metadata) -> bool {
    metadata.annotations.get(REDIRECTION).is_some_and(|noted| noted == "enabled")
}

fn label_of(kind: Kind, namespace: &str, name: &str, label: &str) -> Origin {
    let id = ResourceId { kind, namespace: namespace.into(), name: name.into() };
    Origin::new(id.to_string(), path_of(label))
}

fn path_of(label: &str) -> String {
    format!("metadata.labels[{label}]")
}

/// Whether a workload's own proxy takes tunnels, as injection notes where ambient mode is installed (`SupportsTunnel` in
/// `pilot/pkg/model/service.go`).
pub fn takes_tunnels(labels: &Labels) -> bool {
    labels.get(TUNNEL).is_some_and(|protocols| protocols.split(',').any(|protocol| protocol == "http"))
}

/// Whether a pod's labels are those of a waypoint that istiod has deployed.
pub fn is_waypoint_proxy(labels: &Labels) -> bool {
    labels.get(MANAGED).is_some_and(|by| by == MESH_CONTROLLER)
}
