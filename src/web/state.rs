//! What every handler can reach.

use std::sync::Arc;

use anyhow::{Context, Result};
use axum::extract::FromRef;

use super::{
    middleware::{rate_limit::Limits, session::SessionCookie},
    passwords::Passwords,
    replays::Replays,
    simulation::Simulator,
};
use crate::{
    config::Config,
    course::{Course, Files},
    store::{Clock, Store},
};

/// The running portal. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// How it runs.
    pub config: Arc<Config>,
    /// What it teaches.
    pub course: Arc<Course>,
    /// What it remembers.
    pub store: Store,
    /// How it knows a browser again.
    pub session_cookie: SessionCookie,
    /// How it hashes passwords.
    pub passwords: Arc<Passwords>,
    /// How often things may be tried.
    pub limits: Arc<Limits>,
    /// Where configuration is tried.
    pub simulator: Arc<Simulator>,
    /// Who may use the real Envoy, and when.
    pub replays: Arc<Replays>,
}

impl AppState {
    /// Loads the course that the binary carries and opens everything that is kept.
    pub async fn open(config: Config) -> Result<Self> {
        // First what the operator may have got wrong, so that the complaint comes at once and alone.
        let replays = Replays::open(&config)?;
        let store = Store::open(&config.database_url(), Clock::system()).await?;
        let started = std::time::Instant::now();
        let course = Course::embedded().context("the course content cannot be loaded")?;
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(chapters = course.chapters.len(), questions = course.questions.len(), millis, "course loaded");
        Self::assemble(config, Arc::new(course), store, replays).await
    }

    /// The same with a course that is already loaded.
    pub async fn with_course(config: Config, course: Arc<Course>) -> Result<Self> {
        let replays = Replays::open(&config)?;
        let store = Store::open(&config.database_url(), Clock::system()).await?;
        Self::assemble(config, course, store, replays).await
    }

    async fn assemble(config: Config, course: Arc<Course>, store: Store, replays: Replays) -> Result<Self> {
        let session_cookie = SessionCookie::open(&store, config.secure_cookies).await?;
        replays.log();
        let simulator = Arc::new(Simulator::new(&Files::embedded()));
        Ok(Self {
            config: Arc::new(config),
            course,
            simulator,
            store,
            session_cookie,
            passwords: Arc::default(),
            limits: Arc::default(),
            replays: Arc::new(replays),
        })
    }
}

impl FromRef<AppState> for Arc<Course> {
    fn from_ref(state: &AppState) -> Self {
        state.course.clone()
    }
}

impl FromRef<AppState> for Store {
    fn from_ref(state: &AppState) -> Self {
        state.store.clone()
    }
}

impl FromRef<AppState> for Arc<Config> {
    fn from_ref(state: &AppState) -> Self {
        state.config.clone()
    }
}

impl FromRef<AppState> for Arc<Simulator> {
    fn from_ref(state: &AppState) -> Self {
        state.simulator.clone()
    }
}
