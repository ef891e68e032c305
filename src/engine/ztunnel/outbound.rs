//! The way out: a pod connects to an address, and ztunnel finds out where to, and how.
//!
//! `build_request` in `src/proxy/outbound.rs`, `find_upstream` and `load_balance` in `src/state.rs` of istio/ztunnel at 1.26.4, in one network.

use super::{LoadBalancing, Mode, OWN_PORTS, Place, Protocol, Service, State, Step, StepKind, WaypointAddress, Workload};

/// The port on which tunnels end.
const HBONE_PORT: u32 = 15008;

/// What becomes of a connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision<'a> {
    /// It goes through a tunnel to one of a waypoint's pods, for the address that the client wanted.
    Waypoint(Vec<Endpoint<'a>>),
    /// It goes to one of these.
    Endpoints {
        /// What was called; none where it was a workload's own address.
        service: Option<&'a Service>,
        /// Each as likely as the others.
        endpoints: Vec<Endpoint<'a>>,
    },
    /// Nobody is known there; it goes on as it is.
    Passthrough,
    /// Nobody can take it.
    Refused,
}

/// A workload that a connection may go to.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint<'a> {
    /// The one.
    pub workload: &'a Workload,
    /// Its port.
    pub port: u32,
}

impl Endpoint<'_> {
    /// `address:port`, behind the tunnel where there is one.
    pub fn address(&self) -> String {
        format!("{}:{}", self.workload.addresses.first().unwrap_or(&self.workload.hostname), self.port)
    }
}

/// Decides about a connection to an address and port.
pub fn outbound<'a>(state: &'a State, source: Option<&Workload>, address: &str, port: u32) -> (Decision<'a>, Vec<Step>) {
    let captured = "the pod is in ambient mode, so its node's ztunnel takes what it sends, on port 15001.";
    let mut steps = vec![Step::taken(StepKind::Capture, format!("{address}:{port}"), captured, source.and_then(|source| source.origin.as_ref()))];
    // A workload's address goes first where both have it.
    let called = state.service_at(address).filter(|_| state.workload(address).is_none());
    if let Some(service) = called {
        steps.push(Step::taken(StepKind::Destination, &service.hostname, format!("its virtual address is {address}."), service.origin.as_ref()));
        if let Some(waypoint) = &service.waypoint {
            return to_waypoint(state, source, waypoint, steps);
        }
        match &service.no_waypoint {
            Some((why, origin)) => steps.push(Step::left(StepKind::Destination, "waypoint", format!("{why}, so there is no waypoint."), Some(origin))),
            None => steps.push(Step::left(StepKind::Destination, "waypoint", "no label asks for a waypoint, so no HTTP rule is asked on the way.", None)),
        }
    }
    if let Some(service) = state.service_at(address) {
        return to_service(state, source, service, port, steps);
    }
    let Some(workload) = state.workload(address) else {
        let reason = "no service and no workload of the mesh has this address, so the connection goes there as it is.";
        steps.push(Step::taken(StepKind::Destination, address, reason, None));
        return (Decision::Passthrough, steps);
    };
    steps.push(Step::taken(StepKind::Destination, workload.id(), format!("{address} is its own address; it is no service that is called."), None));
    if let Some(waypoint) = &workload.waypoint {
        return to_waypoint(state, source, waypoint, steps);
    }
    if let Some((why, origin)) = &workload.no_waypoint {
        steps.push(Step::left(StepKind::Destination, "waypoint", format!("{why}, so there is no waypoint."), Some(origin)));
    }
    let endpoints = vec![Endpoint { workload, port }];
    name_endpoints(&endpoints, &mut steps);
    (Decision::Endpoints { service: None, endpoints }, steps)
}

/// To any of the waypoint's pods that is ready, of the nearest.
fn to_waypoint<'a>(state: &'a State, source: Option<&Workload>, waypoint: &WaypointAddress, mut steps: Vec<Step>) -> (Decision<'a>, Vec<Step>) {
    let service = state.service(&waypoint.service);
    let Candidates { near: endpoints, far } = service.map(|service| candidates(state, source, service, HBONE_PORT)).unwrap_or_default();
    let name = waypoint.service.split_once('/').map_or(waypoint.service.as_str(), |(_, host)| host);
    if endpoints.is_empty() {
        steps.push(Step::left(
            StepKind::End,
            name,
            "none of the waypoint's pods can take the connection, and without it nobody may, so it is closed.",
            Some(&waypoint.origin),
        ));
        return (Decision::Refused, steps);
    }
    let reason = "this waypoint stands before it: the connection goes there through a tunnel (HBONE), for the address that the client wanted.";
    steps.push(Step::taken(StepKind::Destination, name, reason, Some(&waypoint.origin)));
    name_endpoints(&endpoints, &mut steps);
    name_passed_over(&far, service.and_then(|service| service.load_balancing.as_ref()), &mut steps);
    (Decision::Waypoint(endpoints), steps)
}

fn to_service<'a>(state: &'a State, source: Option<&Workload>, service: &'a Service, port: u32, mut steps: Vec<Step>) -> (Decision<'a>, Vec<Step>) {
    let Candidates { near, far } = if OWN_PORTS.contains(&port) { Candidates::default() } else { candidates(state, source, service, port) };
    let preference = service.load_balancing.as_ref();
    name_endpoints(&near, &mut steps);
    name_passed_over(&far, preference, &mut steps);
    if near.is_empty() {
        let (reason, origin) = match preference {
            _ if !service.ports.contains_key(&port) => ("it has no such port, so the connection is closed.", service.origin.as_ref()),
            Some(preference) if !far.is_empty() => {
                ("none of its workloads on the caller's node is ready, so the connection is closed.", Some(&preference.origin))
            }
            _ => ("none of its workloads is ready, so the connection is closed.", service.origin.as_ref()),
        };
        steps.push(Step::left(StepKind::End, &service.hostname, reason, origin));
        return (Decision::Refused, steps);
    }
    (Decision::Endpoints { service: Some(service), endpoints: near }, steps)
}

/// The workloads of a service that could take a connection.
#[derive(Default)]
struct Candidates<'a> {
    /// Those of which one does.
    near: Vec<Endpoint<'a>>,
    /// Those that are passed over for where they are, each with how much it shares with the client.
    far: Vec<(usize, Endpoint<'a>)>,
}

fn candidates<'a>(state: &'a State, source: Option<&Workload>, service: &Service, port: u32) -> Candidates<'a> {
    let all = endpoints(state, service, port);
    let (Some(preference), Some(source)) = (&service.load_balancing, source) else { return Candidates { near: all, far: Vec::new() } };
    let ranked: Vec<(usize, Endpoint<'_>)> = all.into_iter().map(|endpoint| (preference.rank(source, endpoint.workload), endpoint)).collect();
    let wanted = match preference.mode {
        Mode::Strict => preference.routing_preference.len(),
        Mode::Failover => ranked.iter().map(|(rank, _)| *rank).max().unwrap_or_default(),
    };
    let (near, far): (Vec<_>, Vec<_>) = ranked.into_iter().partition(|(rank, _)| *rank == wanted);
    Candidates { near: near.into_iter().map(|(_, endpoint)| endpoint).collect(), far }
}

fn name_passed_over(far: &[(usize, Endpoint<'_>)], preference: Option<&LoadBalancing>, steps: &mut Vec<Step>) {
    let Some(preference) = preference else { return };
    for (rank, endpoint) in far {
        let shared = match rank.checked_sub(1).and_then(|last| preference.routing_preference.get(last)) {
            None => "nothing",
            Some(Place::Region) => "its region",
            Some(Place::Zone) => "its zone",
            Some(Place::Subzone) => "its subzone",
            Some(Place::Node) => "its node",
        };
        let reason = match preference.mode {
            Mode::Strict => "it is not on the caller's node, and no other may take the connection.".to_owned(),
            Mode::Failover => format!("nearer ones take all connections: it shares {shared} with the caller."),
        };
        steps.push(Step::left(StepKind::Endpoint, endpoint.address(), reason, Some(&preference.origin)));
    }
}

fn endpoints<'a>(state: &'a State, service: &Service, port: u32) -> Vec<Endpoint<'a>> {
    let key = service.key();
    let Some(common) = service.ports.get(&port) else { return Vec::new() };
    let of_workload = |workload: &'a Workload| {
        let ports = workload.services.get(&key).filter(|_| workload.is_healthy || service.takes_unhealthy)?;
        let port = ports.get(&port).copied().or(Some(*common).filter(|common| *common != 0))?;
        Some(Endpoint { workload, port })
    };
    state.workloads.iter().filter_map(of_workload).collect()
}

fn name_endpoints(endpoints: &[Endpoint<'_>], steps: &mut Vec<Step>) {
    for endpoint in endpoints {
        let how = match endpoint.workload.protocol {
            Protocol::Hbone => "it is reached through a tunnel (HBONE, mutual TLS) to port 15008.",
            Protocol::Tcp => "it is outside the tunnels, so the connection goes to it in plain text.",
        };
        steps.push(Step::taken(StepKind::Endpoint, endpoint.address(), how, endpoint.workload.origin.as_ref()));
    }
}
