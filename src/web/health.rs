//! What a supervisor asks: is it alive, may it be sent visitors.

use axum::extract::State;

use super::{AppState, Error};

/// The process answers.
pub(super) async fn live() -> &'static str {
    "alive\n"
}

/// Everything that a visitor needs answers.
pub(super) async fn ready(State(state): State<AppState>) -> Result<&'static str, Error> {
    if state.course.parts.is_empty() {
        return Err(Error::Unavailable("the course is not loaded".into()));
    }
    if let Err(error) = state.store.ping().await {
        tracing::error!(%error, "the store does not answer");
        return Err(Error::Unavailable("the store does not answer".into()));
    }
    Ok("ready\n")
}
