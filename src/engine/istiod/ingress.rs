//! The ways in that a Sidecar lists, which take the place of those that services imply.
//!
//! Retells the Sidecar's part of `buildInboundChainConfigs` (`pilot/pkg/networking/core/listener_inbound.go`) and
//! `buildInboundClustersFromSidecar` (`cluster.go`) of istio/istio at 1.26.4.

use std::collections::{BTreeMap, HashSet};

use super::{Proxy, outbound::socket};
use crate::engine::{
    cluster::{NO_ADDRESS, Nearness, Port, Protocol, Registry, Resolution, Service, Sidecar, Visibility},
    resource::{Labels, SidecarIngress},
    xds::{Address, Origin, Pipe},
};

/// An ingress listener.
pub(super) struct Ingress<'a> {
    pub spec: &'a SidecarIngress,
    /// It has a service of its own, by which telemetry calls it.
    pub service: Service,
    pub port: Port,
    /// The address in its name.
    pub bind: String,
    /// Whether it listens for itself instead of taking what is captured.
    pub binds_to_port: bool,
    pub origin: Origin,
}

/// The ingress listeners of a Sidecar, by their ports; of two with one port the first counts.
pub(super) fn ingress_listeners<'a>(sidecar: Sidecar<'a>, proxy: &Proxy) -> Vec<Ingress<'a>> {
    let mut seen = HashSet::new();
    let mut listeners: Vec<Ingress> = Vec::new();
    for (at, spec) in sidecar.spec.ingress.iter().enumerate() {
        let Some(port) = spec.port.as_ref().filter(|port| seen.insert(port.number)) else { continue };
        let origin = sidecar.field(format!("spec.ingress[{at}]"));
        listeners.push(Ingress {
            spec,
            service: stand_in(&sidecar.resource.metadata.name, &proxy.namespace, origin.clone()),
            port: Port { name: port.name.clone(), number: port.number, protocol: Protocol::parse(&port.protocol) },
            bind: if spec.bind.is_empty() { proxy.ip.clone() } else { spec.bind.clone() },
            binds_to_port: spec.capture_mode.as_deref() == Some("NONE"),
            origin,
        });
    }
    listeners.sort_by_key(|listener| listener.port.number);
    listeners
}

impl Ingress<'_> {
    /// Whether the proxy's own ports for metrics and readiness stand in the way.
    pub fn is_blocked(&self) -> bool {
        let takes_all_addresses = self.spec.bind == NO_ADDRESS || self.spec.bind.is_empty() && self.port.protocol.is_http();
        takes_all_addresses && matches!(self.port.number, 15021 | 15090)
    }

    /// Where it sends to; none for the address and port that the client asked for.
    pub fn endpoint(&self, proxy: &Proxy) -> Option<Address> {
        let endpoint = self.spec.default_endpoint.as_str();
        if let Some(path) = endpoint.strip_prefix("unix://") {
            return Some(Address { pipe: Some(Pipe { path: path.to_owned() }), ..Address::default() });
        }
        let (host, port) = endpoint.rsplit_once(':')?;
        let address = match host {
            "127.0.0.1" | "[::1]" | "[::]" => "127.0.0.1",
            NO_ADDRESS => &proxy.ip,
            _ => return None,
        };
        Some(socket(address, port.parse().ok()?))
    }
}

fn stand_in(name: &str, namespace: &str, origin: Origin) -> Service {
    Service {
        hostname: format!("{name}.{namespace}"),
        name: name.to_owned(),
        namespace: namespace.to_owned(),
        registry: Registry::ServiceEntry,
        resolution: Resolution::ClientSide,
        ports: Vec::new(),
        addresses: Vec::new(),
        mesh_external: true,
        visibility: Visibility::default(),
        selector: Labels::new(),
        labels: Labels::new(),
        publishes_unready: false,
        near: Nearness::default(),
        external_name: String::new(),
        identities: Vec::new(),
        port_overrides: BTreeMap::new(),
        created: String::new(),
        aliases: Vec::new(),
        origin,
    }
}
