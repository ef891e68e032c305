//! Which connections of a pod pass its proxy: iptables hands them over unless the pod's annotations say otherwise.
//!
//! Retells the order of the rules that `tools/istio-iptables/pkg/capture/run.go` writes, and the defaults of
//! `manifests/charts/istio-control/istio-discovery/files/injection-template.yaml` (istio/istio at 1.26.4).

use std::net::IpAddr;

use super::{
    Hop, HopRole,
    names::{Attachment, Workload},
    send::Path,
    server::Group,
};
use crate::engine::{
    envoy::{Call, CallError, Mode, Outcome, Stage, Step, Tls, Verdict},
    xds::Origin,
};

const BYPASS: &str = "ambient.istio.io/bypass-inbound-capture";
const PREFIX: &str = "traffic.sidecar.istio.io/";

/// Why a connection of the pod's application passes its sidecar by; none where the sidecar has it. `address` is that which the
/// application calls, so that of a Service and not of a pod.
pub(super) fn passed_by_on_the_way_out(workload: Workload<'_>, address: &str, port: u32) -> Option<Step> {
    if workload.attachment() != Attachment::Sidecar {
        return None;
    }
    let pod = Annotations(workload);
    let address: Option<IpAddr> = address.parse().ok();
    let is_within = |ranges: &str| address.is_some_and(|address| items(ranges).any(|range| contains(range, address)));
    if pod.get("excludeOutboundPorts").is_some_and(|ports| has_port(ports, port)) {
        return Some(pod.step("excludeOutboundPorts", &format!("leaves out the port {port}")));
    }
    if pod.get("excludeOutboundIPRanges").is_some_and(is_within) {
        return Some(pod.step("excludeOutboundIPRanges", "leaves out the address"));
    }
    if pod.get("includeOutboundPorts").is_some_and(|ports| has_port(ports, port)) {
        return None;
    }
    let ranges = pod.get("includeOutboundIPRanges")?;
    (ranges != "*" && !is_within(ranges)).then(|| pod.step("includeOutboundIPRanges", "does not name the address"))
}

/// Why a connection to the pod passes its sidecar by; none where the sidecar has it. Tunnels are for the sidecar itself.
pub(super) fn passed_by_on_the_way_in(workload: Workload<'_>, mode: Mode, port: u32) -> Option<Step> {
    if workload.attachment() != Attachment::Sidecar || mode == Mode::Tunnel {
        return None;
    }
    let pod = Annotations(workload);
    match pod.get("includeInboundPorts") {
        // What is left out counts only where all ports are taken.
        None | Some("*") => {
            let is_left_out = pod.get("excludeInboundPorts").is_some_and(|ports| has_port(ports, port));
            is_left_out.then(|| pod.step("excludeInboundPorts", &format!("leaves out the port {port}")))
        }
        Some(ports) => (!has_port(ports, port)).then(|| pod.step("includeInboundPorts", &format!("does not name the port {port}"))),
    }
}

/// Why a connection to a pod in ambient mode passes the ztunnel of its node by: a pod that takes calls from outside the mesh can have it
/// so. Tunnels always end at ztunnel (`cni/pkg/iptables/iptables.go`: `IngressMode`).
pub(super) fn passed_by_ztunnel(workload: Workload<'_>, mode: Mode) -> Option<Step> {
    let value = workload.resource.metadata.annotations.get(BYPASS)?;
    let is_set = matches!(value, "1" | "t" | "T" | "TRUE" | "true" | "True");
    (is_set && mode != Mode::Tunnel).then(|| Step {
        stage: Stage::Listener,
        verdict: Verdict::Lost,
        subject: "iptables".into(),
        reason: format!("the ztunnel of {} never sees the connection: {BYPASS} leaves plain text to the application", workload.id()),
        origin: Some(Origin::new(workload.resource.id().to_string(), format!("metadata.annotations[{BYPASS}]"))),
    })
}

/// Whether connections to two pods pass their proxies by alike.
pub(super) fn are_captured_alike(a: Workload<'_>, b: Workload<'_>) -> bool {
    fn own(workload: Workload<'_>) -> impl Iterator<Item = (&str, &str)> {
        workload.resource.metadata.annotations.iter().filter(|(name, _)| name.starts_with(PREFIX) || *name == BYPASS)
    }
    own(a).eq(own(b))
}

impl Path<'_> {
    /// The application itself takes the connection, for the reason in `step`. It reads no mutual TLS of the mesh.
    pub(super) fn serve_past_the_proxy(&mut self, group: &Group<'_>, call: &Call, step: Step, destination: &str, share: f64, has_http_sender: bool) {
        let is_refused = call.tls == Tls::Mtls;
        let reason = "the application gets the mutual TLS that is meant for its proxy, and cannot read it".to_owned();
        let refused = Step { stage: Stage::Response, verdict: Verdict::Lost, subject: "closed".into(), reason, origin: None };
        let trace = [step].into_iter().chain(is_refused.then_some(refused)).collect();
        let outcome = Outcome { error: is_refused.then_some(CallError::TlsError), trace, ..Outcome::default() };
        if is_refused {
            self.refuse(call, share, has_http_sender);
        } else {
            self.parts.add_reply(200, destination, &group.pods, share);
        }
        if is_refused || !self.hops.iter().skip(1).any(|hop| hop.role == HopRole::NoProxy) {
            let proxy = group.workload.map(|workload| workload.id()).unwrap_or_default();
            self.hops.push(Hop { role: HopRole::NoProxy, proxy, share, call: call.clone(), outcome });
        }
    }
}

/// Those of a pod that say what is taken.
struct Annotations<'a>(Workload<'a>);

impl<'a> Annotations<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.resource.metadata.annotations.get(&format!("{PREFIX}{name}")).map(str::trim)
    }

    fn step(&self, name: &str, why: &str) -> Step {
        Step {
            stage: Stage::Listener,
            verdict: Verdict::Lost,
            subject: "iptables".into(),
            reason: format!("the sidecar of {} never sees the connection: {PREFIX}{name} {why}", self.0.id()),
            origin: Some(Origin::new(self.0.resource.id().to_string(), format!("metadata.annotations[{PREFIX}{name}]"))),
        }
    }
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn has_port(list: &str, port: u32) -> bool {
    items(list).any(|item| item.parse() == Ok(port))
}

/// Whether a range such as `10.96.0.0/12` has an address in it; what is no range has none.
fn contains(range: &str, address: IpAddr) -> bool {
    let Some((network, length)) = range.split_once('/') else { return false };
    match (network.parse::<IpAddr>(), address) {
        (Ok(IpAddr::V4(network)), IpAddr::V4(address)) => same_bits(network.to_bits().into(), address.to_bits().into(), 32, length),
        (Ok(IpAddr::V6(network)), IpAddr::V6(address)) => same_bits(network.to_bits(), address.to_bits(), 128, length),
        _ => false,
    }
}

fn same_bits(network: u128, address: u128, width: u32, length: &str) -> bool {
    let rest = length.parse().ok().and_then(|length| width.checked_sub(length));
    rest.is_some_and(|rest| rest == 128 || network >> rest == address >> rest)
}
