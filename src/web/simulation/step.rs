//! A journey as plain data: every decision with the place in the text that caused it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Part, Place, graph};
use crate::engine::{
    envoy::{Outcome, Stage, Step, Verdict},
    mesh::{Hop, HopRole, Journey, Scene},
    resource::Spec,
    xds::Origin,
};

/// A request and what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JourneyReport {
    /// In one line, for example `200 reviews/v1 90%, 200 reviews/v2 10%`.
    pub answer: String,
    /// In words.
    pub summary: String,
    /// The exact distribution over what can come out, most frequent first.
    pub parts: Vec<Part>,
    /// The proxies on the way, in order.
    pub hops: Vec<HopReport>,
    /// The way as a picture.
    pub svg: String,
}

/// One proxy on the way.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HopReport {
    /// `client_sidecar`, `ingress_gateway`, `gateway`, `server_sidecar`, `client_ztunnel`, `waypoint`, `server_ztunnel` or `no_proxy`.
    pub role: &'static str,
    /// `pod.namespace`.
    pub proxy: String,
    /// The share of all requests that comes this way, 0 to 1.
    pub share: f64,
    /// How it was decided, with places.
    pub steps: Vec<StepReport>,
    /// The whole outcome, as `meshwright send --requests` prints it.
    #[schema(value_type = Object)]
    pub outcome: Outcome,
}

/// One decision.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StepReport {
    /// `listener`, `filter_chain`, `virtual_host`, `route`, `filter`, `cluster`, `endpoint`, `response`, `service`, `policy` or `access_log`.
    #[schema(value_type = String)]
    pub stage: Stage,
    /// `chosen`, `lost` or `unreached`.
    #[schema(value_type = String)]
    pub verdict: Verdict,
    /// The candidate.
    pub subject: String,
    /// Why, in one sentence.
    pub reason: String,
    /// The resource and field that made it so, for example `VirtualService/default/reviews spec.http[0]`.
    pub origin: Option<String>,
    /// Where that stands in the text that was sent; none for what the world brings along.
    pub place: Option<Place>,
}

impl JourneyReport {
    pub(super) fn of(scene: &Scene, journey: Journey) -> Self {
        let svg = graph::svg(&journey, &pods(scene));
        Self {
            answer: journey.answer.to_string(),
            summary: journey.summary,
            parts: journey
                .answer
                .parts
                .into_iter()
                .map(|part| Part { text: part.text, status: part.status, destination: part.destination, share: part.share })
                .collect(),
            hops: journey.hops.into_iter().map(|hop| HopReport::of(scene, hop)).collect(),
            svg,
        }
    }
}

impl HopReport {
    fn of(scene: &Scene, hop: Hop) -> Self {
        let mut places = Places { scene, known: BTreeMap::new() };
        let steps = hop.outcome.trace.iter().map(|step| places.report(step)).collect();
        Self { role: role_word(hop.role), proxy: hop.proxy, share: hop.share, steps, outcome: hop.outcome }
    }
}

/// What reports call a role.
pub fn role_word(role: HopRole) -> &'static str {
    match role {
        HopRole::ClientSidecar => "client_sidecar",
        HopRole::IngressGateway => "ingress_gateway",
        HopRole::Gateway => "gateway",
        HopRole::ServerSidecar => "server_sidecar",
        HopRole::ClientZtunnel => "client_ztunnel",
        HopRole::Waypoint => "waypoint",
        HopRole::ServerZtunnel => "server_ztunnel",
        HopRole::NoProxy => "no_proxy",
    }
}

/// Looks places up once for each origin: a trace names the same few again and again.
struct Places<'a> {
    scene: &'a Scene,
    known: BTreeMap<&'a Origin, Option<Place>>,
}

impl<'a> Places<'a> {
    fn report(&mut self, step: &'a Step) -> StepReport {
        let place = step.origin.as_ref().and_then(|origin| {
            *self
                .known
                .entry(origin)
                .or_insert_with(|| self.scene.locate(origin).and_then(|(file, span)| self.scene.is_under_test(&file).then(|| Place::of(&file, span))))
        });
        StepReport {
            stage: step.stage,
            verdict: step.verdict,
            subject: step.subject.clone(),
            reason: step.reason.clone(),
            origin: step.origin.as_ref().map(|origin| format!("{} {}", origin.resource, origin.path).trim_end().to_owned()),
            place,
        }
    }
}

/// Pods by their address.
pub(super) fn pods(scene: &Scene) -> BTreeMap<String, String> {
    let resources = scene.cluster.resources.iter();
    resources
        .filter_map(|resource| match &resource.spec {
            Spec::Pod(pod) if !pod.status.pod_ip.is_empty() => Some((pod.status.pod_ip.clone(), resource.metadata.name.to_string())),
            _ => None,
        })
        .collect()
}
