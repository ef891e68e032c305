//! A journey as a replay needs it: for each proxy on the way what it is told, what reaches it, and what the engine makes of that.

use std::{collections::BTreeMap, sync::Arc};

use super::{Setup, Simulator, step};
use crate::{
    engine::{
        envoy::{Call, Outcome},
        manifest::Manifest,
        mesh::{HopRole, Request, RequestError, SwitchError},
        xds::ProxyConfig,
    },
    web::Error,
};

/// What is to be replayed.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// What the engine computes for the whole way, in one line.
    pub answer: String,
    /// The proxies on the way, in order.
    pub hops: Vec<RehearsedHop>,
    /// Pods by their address.
    pub pods: BTreeMap<String, String>,
}

/// One proxy on the way.
#[derive(Debug, Clone)]
pub struct RehearsedHop {
    /// What it is on this way.
    pub role: HopRole,
    /// `pod.namespace`.
    pub proxy: String,
    /// The share of all requests that comes this way, 0 to 1.
    pub share: f64,
    /// What it is told; none where it is no Envoy.
    pub config: Option<Arc<ProxyConfig>>,
    /// What reaches it.
    pub call: Call,
    /// What the engine makes of it.
    pub outcome: Outcome,
}

/// Why there is nothing to replay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// The world cannot be switched so.
    #[error(transparent)]
    Switch(#[from] SwitchError),
    /// The request cannot be sent.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl Simulator {
    /// Computes the way of a request. None where there is no such world.
    pub async fn rehearse(&self, setup: Setup, request: Request) -> Result<Option<Result<Rehearsal, Unsendable>>, Error> {
        let Some(world) = self.world(&setup.world) else { return Ok(None) };
        self.run(move || rehearse(&world, &setup, &request)).await.map(Some)
    }
}

fn rehearse(world: &Manifest, setup: &Setup, request: &Request) -> Result<Rehearsal, Unsendable> {
    let scene = setup.scene(world)?;
    let journey = scene.send(request)?;
    let mut hops = Vec::new();
    for hop in journey.hops {
        let config = scene.config_of(&hop);
        hops.push(RehearsedHop { role: hop.role, proxy: hop.proxy, share: hop.share, config, call: hop.call, outcome: hop.outcome });
    }
    Ok(Rehearsal { answer: journey.answer.to_string(), hops, pods: step::pods(&scene) })
}
