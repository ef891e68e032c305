//! What every handler can reach.

use std::sync::Arc;

use anyhow::{Context, Result};
use axum::extract::FromRef;

use crate::{config::Config, course::Course};

/// The running portal. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// How it runs.
    pub config: Arc<Config>,
    /// What it teaches.
    pub course: Arc<Course>,
}

impl AppState {
    /// Loads the course that the binary carries and opens everything that is kept.
    pub async fn open(config: Config) -> Result<Self> {
        let course = Course::embedded().context("the course content cannot be loaded")?;
        Self::with_course(config, Arc::new(course)).await
    }

    /// The same with a course that is already loaded.
    #[expect(clippy::unused_async, reason = "opening the learner's record waits for the database")]
    pub async fn with_course(config: Config, course: Arc<Course>) -> Result<Self> {
        Ok(Self { config: Arc::new(config), course })
    }
}

impl FromRef<AppState> for Arc<Course> {
    fn from_ref(state: &AppState) -> Self {
        state.course.clone()
    }
}

impl FromRef<AppState> for Arc<Config> {
    fn from_ref(state: &AppState) -> Self {
        state.config.clone()
    }
}
