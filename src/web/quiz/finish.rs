//! Ending an attempt before every question is answered. What is left out counts as wrong.

use axum::{
    extract::{Path, State},
    response::Redirect,
};

use super::sheet::Sheet;
use crate::web::{AppState, Error, middleware::session::Session, urls};

/// Ends it and leads to the result; an attempt that has ended already stays as it is.
pub(in crate::web) async fn create(State(state): State<AppState>, session: Session, Path((slug, attempt)): Path<(String, String)>) -> Result<Redirect, Error> {
    let learner = session.learner();
    let sheet = Sheet::load(&state.store, &state.course, learner.as_ref(), &slug, &attempt).await?;
    state.store.finish_attempt(&sheet.attempt.id, &sheet.attempt.learner_id).await?;
    Ok(Redirect::to(&urls::quiz_attempt(&slug, &attempt)))
}
