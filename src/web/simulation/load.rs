//! A load on the virtual clock, as plain data.

use serde::Serialize;
use utoipa::ToSchema;

use super::timeline;
use crate::engine::{
    envoy::{Ejection, Event, Moment, Run},
    mesh::LoadRun,
};

/// Several requests with stated answers of the backends, and what became of them at the proxy that sends them there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LoadReport {
    /// `pod.namespace` of that proxy.
    pub proxy: String,
    /// How many ended how, for example `3 × 200, 2 × 503 UO`.
    pub tally: String,
    /// How each ended: `status`, `flags`, `attempts`.
    #[schema(value_type = Vec<Object>)]
    pub runs: Vec<Run>,
    /// What happened when, in order, at most 4,000.
    pub moments: Vec<MomentReport>,
    /// Endpoints that were thrown out.
    pub ejections: Vec<EjectionReport>,
    /// How many moments are left out.
    pub omitted: usize,
    /// The same as a picture.
    pub svg: String,
}

/// One thing that happened.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MomentReport {
    /// Milliseconds since the first request began.
    pub at_ms: f64,
    /// To which run, from 0.
    pub run: usize,
    /// To which attempt of it, from 1; 0 before the first.
    pub attempt: u32,
    /// `begun`, `sent`, `queued`, `answered`, `failed`, `timed_out`, `retried`, `overflowed`, `ejected`, `spared` or `ended`.
    #[schema(value_type = String)]
    pub event: Event,
    /// `address:port`; empty where no endpoint is involved.
    pub endpoint: String,
    /// In words.
    pub words: String,
}

/// An endpoint that got no requests for a while.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EjectionReport {
    /// `address:port`
    pub endpoint: String,
    /// The pod there; empty where it is none.
    pub pod: String,
    /// When it was thrown out.
    pub at_ms: f64,
    /// When the load balancer took notice.
    pub known_from_ms: f64,
    /// When it comes back.
    pub until_ms: f64,
    /// What it had done.
    pub reason: String,
}

#[allow(clippy::cast_precision_loss, reason = "for people and programs")]
fn millis(nanos: i128) -> f64 {
    nanos as f64 / 1e6
}

impl LoadReport {
    pub(super) fn of(run: &LoadRun) -> Self {
        let moment = |moment: &Moment| MomentReport {
            at_ms: millis(moment.at_nanos),
            run: moment.run,
            attempt: moment.attempt,
            event: moment.event,
            endpoint: moment.endpoint.clone(),
            words: moment.words(&run.name_of(&moment.endpoint)),
        };
        let ejection = |ejection: &Ejection| EjectionReport {
            endpoint: ejection.endpoint.clone(),
            pod: run.pods.get(&ejection.endpoint).cloned().unwrap_or_default(),
            at_ms: millis(ejection.at_nanos),
            known_from_ms: millis(ejection.known_from_nanos),
            until_ms: millis(ejection.until_nanos),
            reason: ejection.reason.clone(),
        };
        Self {
            proxy: run.proxy.clone(),
            tally: run.tally(),
            runs: run.outcome.runs.clone().unwrap_or_default(),
            moments: run.timeline.moments.iter().map(moment).collect(),
            ejections: run.timeline.ejections.iter().map(ejection).collect(),
            omitted: run.timeline.omitted,
            svg: timeline::svg(run),
        }
    }
}
