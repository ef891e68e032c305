//! What istiod tells ztunnel: workloads, services and policies, as plain data.
//!
//! Messages and fields are those of `pkg/workloadapi` of istio/istio, as far as they decide something in a mesh of one network.

use std::collections::BTreeMap;

use super::{Authorization, Scope};
use crate::engine::source::Origin;

/// Everything that a ztunnel knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Whatever has an address of its own.
    pub workloads: Vec<Workload>,
    /// What stands for several of them.
    pub services: Vec<Service>,
    /// Who may connect.
    pub policies: Vec<Authorization>,
}

/// How a workload is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Protocol {
    /// As it is.
    #[default]
    Tcp,
    /// Through a tunnel of HTTP/2 CONNECT over mutual TLS, to port 15008.
    Hbone,
}

/// One address of compute.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Workload {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// IP addresses.
    pub addresses: Vec<String>,
    /// A name that DNS resolves, where it has no address.
    pub hostname: String,
    /// Who it is, for example `cluster.local/ns/shop/sa/cart`.
    pub identity: String,
    /// How it is reached.
    pub protocol: Protocol,
    /// The waypoint before it, for who calls it by its address.
    pub waypoint: Option<WaypointAddress>,
    /// Why there is none where one is asked for, and where that is written.
    pub no_waypoint: Option<(String, Origin)>,
    /// The policies that are bound to it by labels.
    pub policies: Vec<PolicyReference>,
    /// Whether it is fit to serve.
    pub is_healthy: bool,
    /// Region, zone and subzone.
    pub locality: [String; 3],
    /// The node it runs on.
    pub node: String,
    /// Its port for each port of each service that it serves, by `namespace/hostname`.
    pub services: BTreeMap<String, BTreeMap<u32, u32>>,
    /// What makes it speak through tunnels.
    pub origin: Option<Origin>,
}

/// A policy that is bound to a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyReference {
    /// `namespace/name`.
    pub key: String,
    /// What binds it, where that is not the policy itself.
    pub origin: Option<Origin>,
}

/// A service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Service {
    /// Its namespace.
    pub namespace: String,
    /// Its host name in full.
    pub hostname: String,
    /// Virtual addresses.
    pub addresses: Vec<String>,
    /// The workloads' port for each port; 0 where each workload has its own.
    pub ports: BTreeMap<u32, u32>,
    /// The waypoint before it.
    pub waypoint: Option<WaypointAddress>,
    /// Why there is none where one is asked for, and where that is written.
    pub no_waypoint: Option<(String, Origin)>,
    /// Whether workloads get traffic that are not fit to serve.
    pub takes_unhealthy: bool,
    /// Which of its workloads go first.
    pub load_balancing: Option<LoadBalancing>,
    /// The object.
    pub origin: Option<Origin>,
}

/// Which of a service's workloads a client gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancing {
    /// What becomes of those that do not share all of it with the client.
    pub mode: Mode,
    /// What a workload may share with the client, the widest first. Networks are left out, as there is one.
    pub routing_preference: &'static [Place],
    /// What asks for it.
    pub origin: Origin,
}

/// What becomes of workloads that are elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They are never taken.
    Strict,
    /// They are taken where no other is nearer.
    Failover,
}

/// What two workloads may share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants say it")]
pub enum Place {
    Region,
    Zone,
    Subzone,
    Node,
}

/// Where a waypoint is: a service, by `namespace/hostname`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaypointAddress {
    /// The service before its pods.
    pub service: String,
    /// The label that asks for it.
    pub origin: Origin,
}

impl Workload {
    /// `name.namespace`.
    pub fn id(&self) -> String {
        format!("{}.{}", self.name, self.namespace)
    }
}

impl LoadBalancing {
    /// How much of what is asked for a workload shares with the client, as far as it goes from the widest on.
    pub fn rank(&self, client: &Workload, workload: &Workload) -> usize {
        let is_shared = |place: &&Place| match place {
            Place::Region => client.locality[0] == workload.locality[0],
            Place::Zone => client.locality[1] == workload.locality[1],
            Place::Subzone => client.locality[2] == workload.locality[2],
            Place::Node => client.node == workload.node,
        };
        self.routing_preference.iter().take_while(is_shared).count()
    }
}

impl Service {
    /// `namespace/hostname`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.namespace, self.hostname)
    }
}

impl State {
    /// The workload that has an address.
    pub fn workload(&self, address: &str) -> Option<&Workload> {
        self.workloads.iter().find(|workload| workload.addresses.iter().any(|own| own == address))
    }

    /// The service that has a virtual address.
    pub fn service_at(&self, address: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.addresses.iter().any(|own| own == address))
    }

    /// The service of a key.
    pub fn service(&self, key: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.key() == key)
    }

    /// The policies that hold for a workload, each with where it is written: of its namespace, of all, then those bound to it.
    pub(super) fn policies_of<'a>(&'a self, workload: &'a Workload) -> Vec<(&'a Authorization, Option<&'a Origin>)> {
        let of = |scope: Scope| self.policies.iter().filter(move |policy| policy.scope == scope).map(|policy| (policy, policy.origin.as_ref()));
        let of_namespace = of(Scope::Namespace).filter(|(policy, _)| policy.namespace == workload.namespace);
        let bound = workload.policies.iter().filter_map(|reference| {
            let policy = self.policies.iter().find(|policy| policy.key() == reference.key)?;
            Some((policy, reference.origin.as_ref().or(policy.origin.as_ref())))
        });
        of_namespace.chain(of(Scope::Global)).chain(bound).collect()
    }
}
