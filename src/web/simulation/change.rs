//! What is otherwise than before, as plain data.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Setup, Simulator};
use crate::{
    engine::mesh::{
        ChangeKind, Difference, FieldChange, HopChange, Journey, PartChange, ProxyChange, Request, RequestError, ResourceChange, Scene, SwitchError,
    },
    web::Error,
};

/// What one request comes to in two configurations, and what differs.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct DiffReport {
    /// Whether answer, way and what its proxies are told are the same.
    pub same: bool,
    /// The answer in the first, in one line; why nothing was sent there.
    pub before: String,
    /// The same of the second.
    pub now: String,
    /// What comes out with another share.
    pub parts: Vec<PartDiff>,
    /// Proxies that came onto the way or left it, and those that decide otherwise.
    pub hops: Vec<HopDiff>,
    /// What the proxies on either way are told.
    pub proxies: Vec<ProxyDiff>,
}

/// Something that can come out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartDiff {
    /// For example `200 reviews/v2`.
    pub text: String,
    /// 0 to 1.
    pub before: f64,
    /// 0 to 1.
    pub now: f64,
}

/// A proxy of the way.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HopDiff {
    /// `pod.namespace`
    pub proxy: String,
    /// What it is on the way, in words.
    pub role: String,
    /// `came`, `went` or `changed`.
    #[schema(value_type = String)]
    pub change: ChangeKind,
    /// What it decides otherwise.
    pub decisions: Vec<FieldDiff>,
}

/// What one proxy is told otherwise.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProxyDiff {
    /// `pod.namespace`
    pub proxy: String,
    /// At most 60.
    pub resources: Vec<ResourceDiff>,
    /// How many more there are.
    pub omitted: usize,
}

/// A listener, route configuration, cluster or load assignment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResourceDiff {
    /// `listener`, `route`, `cluster` or `endpoint`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// `came`, `went` or `changed`.
    #[schema(value_type = String)]
    pub change: ChangeKind,
    /// At most 50.
    pub fields: Vec<FieldDiff>,
    /// How many more there are.
    pub omitted: usize,
}

/// A field of it, in Envoy's own form.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldDiff {
    /// For example `virtualHosts[reviews:9080].routes[0].route.cluster`.
    pub path: String,
    /// Shortened where it is long; null where the field is new.
    pub before: Option<String>,
    /// Shortened where it is long; null where the field is gone.
    pub now: Option<String>,
}

impl Simulator {
    /// Sends one request in two configurations and compares. None where a world is not there.
    pub async fn diff(&self, before: Setup, now: Setup, request: Request) -> Result<Option<Result<DiffReport, SwitchError>>, Error> {
        let (Some(old), Some(new)) = (self.world(&before.world), self.world(&now.world)) else { return Ok(None) };
        let work = move || {
            let (before, now) = (before.scene(&old)?, now.scene(&new)?);
            Ok(DiffReport::of((&before, &before.send(&request)), (&now, &now.send(&request))))
        };
        self.run(work).await.map(Some)
    }
}

/// A scene and what became of the request there.
type Sent<'a> = (&'a Scene, &'a Result<Journey, RequestError>);

impl DiffReport {
    pub(super) fn of((old, before): Sent<'_>, (new, now): Sent<'_>) -> Self {
        let difference = Difference::between((old, before.as_ref().ok()), (new, now.as_ref().ok()));
        let words =
            |sent: &Result<Journey, RequestError>| sent.as_ref().map_or_else(|error| format!("not sent: {error}"), |journey| journey.answer.to_string());
        let (before, now) = (words(before), words(now));
        Self {
            same: difference.is_none() && before == now,
            before,
            now,
            parts: difference.parts.into_iter().map(|PartChange { text, before, now }| PartDiff { text, before, now }).collect(),
            hops: difference.hops.into_iter().map(HopDiff::of).collect(),
            proxies: difference.proxies.into_iter().map(ProxyDiff::of).collect(),
        }
    }
}

impl HopDiff {
    fn of(change: HopChange) -> Self {
        let HopChange { role, proxy, kind, decisions } = change;
        Self { proxy, role: role.to_string(), change: kind, decisions: decisions.into_iter().map(FieldDiff::of).collect() }
    }
}

impl ProxyDiff {
    fn of(change: ProxyChange) -> Self {
        let ProxyChange { proxy, resources, omitted } = change;
        Self { proxy, resources: resources.into_iter().map(ResourceDiff::of).collect(), omitted }
    }
}

impl ResourceDiff {
    fn of(change: ResourceChange) -> Self {
        let ResourceChange { what, name, kind, fields, omitted } = change;
        Self { kind: what.word(), name, change: kind, fields: fields.into_iter().map(FieldDiff::of).collect(), omitted }
    }
}

impl FieldDiff {
    fn of(FieldChange { path, before, now }: FieldChange) -> Self {
        Self { path, before, now }
    }
}
