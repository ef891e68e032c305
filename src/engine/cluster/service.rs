//! Services of both registries, Kubernetes' and ServiceEntries', in one form.

use std::collections::BTreeMap;

use super::{Nearness, Protocol, Visibility};
use crate::engine::{resource::Labels, source::Origin};

/// The address of a service that has none.
pub const NO_ADDRESS: &str = "0.0.0.0";

/// Where a service is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants say it")]
pub enum Registry {
    Kubernetes,
    ServiceEntry,
}

/// How the addresses of a service are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// By its endpoints.
    ClientSide,
    /// By DNS, all addresses of the answer.
    Dns,
    /// By DNS, the first address of the answer.
    DnsRoundRobin,
    /// The address that the client asked for.
    Passthrough,
    /// It is another name for a service (`ExternalName`).
    Alias,
}

/// One port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name, which endpoints refer to.
    pub name: String,
    /// Its number.
    pub number: u32,
    /// What is spoken on it.
    pub protocol: Protocol,
}

/// A service under one host name.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// In full.
    pub hostname: String,
    /// The Service's name, or the host of a ServiceEntry.
    pub name: String,
    /// The namespace of the object.
    pub namespace: String,
    /// Where it is known from.
    pub registry: Registry,
    /// How its addresses are found.
    pub resolution: Resolution,
    /// In the order of the object.
    pub ports: Vec<Port>,
    /// Its virtual addresses; [`NO_ADDRESS`] where it has none.
    pub addresses: Vec<String>,
    /// Whether it lies outside the mesh.
    pub mesh_external: bool,
    /// Who sees it.
    pub visibility: Visibility,
    /// Which workloads it selects; empty for none.
    pub selector: Labels,
    /// The object's labels.
    pub labels: Labels,
    /// Whether workloads that are not fit to serve get traffic all the same.
    pub publishes_unready: bool,
    /// Which endpoints clients go to for being near.
    pub near: Nearness,
    /// The host that an alias stands for.
    pub external_name: String,
    /// Who its servers are, beyond what endpoints say.
    pub identities: Vec<String>,
    /// Ports under which a passthrough service is reached instead.
    pub port_overrides: BTreeMap<u32, u32>,
    /// When the object was made.
    pub created: String,
    /// Names of this service that are aliases.
    pub aliases: Vec<String>,
    /// The object.
    pub origin: Origin,
}

impl Service {
    /// The port of a number.
    pub fn port(&self, number: u32) -> Option<&Port> {
        self.ports.iter().find(|port| port.number == number)
    }

    /// The name of the object that it is made of.
    pub fn object_name(&self) -> &str {
        self.origin.resource.rsplit('/').next().unwrap_or_default()
    }

    /// The virtual address that listeners use.
    pub fn address(&self) -> &str {
        self.addresses.first().map_or(NO_ADDRESS, String::as_str)
    }

    /// Whether it is a Service without a virtual address.
    pub fn is_headless(&self) -> bool {
        self.registry == Registry::Kubernetes && self.resolution == Resolution::Passthrough
    }
}

/// `outbound|port|subset|host`.
pub fn cluster_name(host: &str, port: u32, subset: &str) -> String {
    ["outbound|", &port.to_string(), "|", subset, "|", host].concat()
}
