//! The parts of a path that lie in ambient mode: the ztunnel of who calls, the one of who answers.

use std::sync::Arc;

use super::{
    Hop, HopRole,
    capture::passed_by_ztunnel,
    describe,
    names::{self, Attachment, Workload},
    send::{MAX_HOPS, Path, call},
    server::{self, Connection, Group},
    url::Target,
};
use crate::engine::{
    envoy::{Call, CallError, ClusterShare, Mode, Outcome, Peer, Stage, Step, Verdict},
    ztunnel::{self, Decision, Endpoint, Ruling, StepKind},
};

impl Path<'_> {
    /// The caller's ztunnel takes the connection, and sends it to a waypoint, to an endpoint, or where it was going.
    pub(super) fn leave_by_ztunnel(&mut self, workload: Workload<'_>, target: &Target, address: &str) {
        let state = Arc::clone(&self.state);
        let source = state.workload(&workload.pod.status.pod_ip);
        let (decision, steps) = ztunnel::outbound(&state, source, address, target.port);
        let taken = Call { mode: Mode::Outbound, address: address.to_owned(), port: target.port, ..call(target) };
        let endpoints = match &decision {
            Decision::Waypoint(endpoints) | Decision::Endpoints { endpoints, .. } => endpoints.iter().map(Endpoint::address).collect(),
            Decision::Passthrough => vec![format!("{address}:{}", target.port)],
            Decision::Refused => Vec::new(),
        };
        let name = cluster_name(&decision, target.port);
        let destination = name.as_deref().map(describe::destination).unwrap_or_default();
        let clusters = name.into_iter().map(|name| ClusterShare { name, share: 1.0, endpoints: endpoints.clone(), ..ClusterShare::default() }).collect();
        let error = (decision == Decision::Refused).then_some(CallError::ConnectionClosed);
        let outcome = Outcome { error, listener: "port 15001".into(), clusters, trace: in_words(steps), ..Outcome::default() };
        self.hops.push(Hop { role: HopRole::ClientZtunnel, proxy: workload.id(), share: 1.0, call: taken.clone(), outcome });
        match decision {
            Decision::Refused => self.parts.add("connection closed", None, "", 1.0),
            Decision::Passthrough => self.parts.add_reply(200, &destination, &[], 1.0),
            Decision::Waypoint(endpoints) => {
                let Some(waypoint) = endpoints.first().and_then(|endpoint| names::workload_at(self.cluster, endpoint.workload.addresses.first()?)) else {
                    self.parts.add("connection closed", None, "", 1.0);
                    return;
                };
                self.enter_waypoint(workload, waypoint, Call { mode: Mode::Tunnel, ..taken }, 1.0);
            }
            Decision::Endpoints { endpoints: found, .. } => {
                for group in server::groups(self.cluster, &endpoints, &[]) {
                    let is_tunnel = found.iter().any(|endpoint| endpoint.address() == group.label() && endpoint.workload.protocol == ztunnel::Protocol::Hbone);
                    if let Some(gateway) = group.workload.filter(|found| found.attachment() == Attachment::GatewayProxy) {
                        let next = Call { mode: Mode::Gateway, address: String::new(), port: group.port, ..call(target) };
                        self.through(gateway, HopRole::Gateway, &next, group.share);
                        continue;
                    }
                    let connection = Connection::carrying(&taken, is_tunnel);
                    let next = server::call(self.cluster, workload, &connection, &group, None, &taken);
                    self.serve(&group, &next, &destination, group.share, false);
                }
            }
        }
    }

    /// A waypoint at the end of a tunnel of `sender`'s. Whoever is behind it sees the waypoint as the one who calls.
    pub(super) fn enter_waypoint(&mut self, sender: Workload<'_>, waypoint: Workload<'_>, call: Call, share: f64) {
        let metadata = &sender.resource.metadata;
        let peer = server::identity(self.cluster, sender).map(|principal| Peer { principal, namespace: metadata.namespace.to_string(), trusted: None });
        let source_ip = Some(sender.pod.status.pod_ip.clone()).filter(|address| !address.is_empty());
        self.through(waypoint, HopRole::Waypoint, &Call { mode: Mode::Tunnel, peer, source_ip, ..call }, share);
    }

    /// The ztunnel of the workload that answers asks who connects.
    pub(super) fn serve_by_ztunnel(&mut self, group: &Group<'_>, workload: Workload<'_>, call: &Call, destination: &str, share: f64, has_http_sender: bool) {
        if let Some(step) = passed_by_ztunnel(workload, call.mode) {
            return self.serve_past_the_proxy(group, call, step, destination, share, has_http_sender);
        }
        let state = Arc::clone(&self.state);
        let Some(told) = state.workload(&group.address) else {
            self.parts.add_reply(200, destination, &group.pods, share);
            return;
        };
        let connection = ztunnel::Connection {
            source: call.source_ip.as_deref().and_then(|address| address.parse().ok()),
            identity: call.peer.as_ref().filter(|_| call.mode == Mode::Tunnel).map(|peer| peer.principal.clone()),
            destination: group.address.parse().ok(),
            port: group.port,
        };
        let (ruling, steps) = ztunnel::inbound(&state, told, &connection);
        let is_denied = ruling != Ruling::Allowed;
        if is_denied {
            // An Envoy that is refused the tunnel answers for itself.
            self.refuse(call, share, has_http_sender);
        } else {
            self.parts.add_reply(200, destination, &group.pods, share);
        }
        if (is_denied || !self.hops.iter().any(|hop| hop.role == HopRole::ServerZtunnel)) && self.hops.len() < MAX_HOPS {
            let pod = ClusterShare { name: format!("inbound|{}||", group.port), share: 1.0, endpoints: vec![group.label()], ..ClusterShare::default() };
            let outcome = Outcome {
                error: is_denied.then_some(CallError::ConnectionClosed),
                listener: if connection.identity.is_some() { "port 15008" } else { "plain text" }.into(),
                clusters: if is_denied { Vec::new() } else { vec![pod] },
                trace: in_words(steps),
                ..Outcome::default()
            };
            self.hops.push(Hop { role: HopRole::ServerZtunnel, proxy: workload.id(), share, call: call.clone(), outcome });
        }
    }
}

/// What a connection goes to, in the form of a cluster's name; none where it goes nowhere.
fn cluster_name(decision: &Decision<'_>, port: u32) -> Option<String> {
    let protocol = |endpoints: &[Endpoint<'_>]| {
        let has_tunnel = endpoints.iter().any(|endpoint| endpoint.workload.protocol == ztunnel::Protocol::Hbone);
        if has_tunnel { "hbone" } else { "tcp" }
    };
    match decision {
        Decision::Refused => None,
        Decision::Passthrough => Some("PassthroughCluster".into()),
        Decision::Waypoint(endpoints) => {
            let waypoint = endpoints.first()?;
            Some(format!("hbone|{}||{}.{}.svc.cluster.local", waypoint.port, waypoint.workload.name, waypoint.workload.namespace))
        }
        Decision::Endpoints { service: Some(service), endpoints } => Some(format!("{}|{port}||{}", protocol(endpoints), service.hostname)),
        Decision::Endpoints { service: None, endpoints } => {
            let workload = endpoints.first()?.workload;
            Some(format!("{}|{port}||{}.{}.svc.cluster.local", protocol(endpoints), workload.name, workload.namespace))
        }
    }
}

fn in_words(steps: Vec<ztunnel::Step>) -> Vec<Step> {
    let step = |step: ztunnel::Step| Step {
        stage: match step.kind {
            StepKind::Capture => Stage::Listener,
            StepKind::Destination => Stage::Service,
            StepKind::Endpoint => Stage::Endpoint,
            StepKind::Policy => Stage::Policy,
            StepKind::End => Stage::Response,
        },
        verdict: if step.is_taken { Verdict::Chosen } else { Verdict::Lost },
        subject: step.subject,
        reason: step.reason,
        origin: step.origin,
    };
    steps.into_iter().map(step).collect()
}
