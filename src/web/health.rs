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
    state.store.ping().await?;
    Ok("ready\n")
}
