//! Starting a quiz, or going on where it was left.

use axum::{
    extract::{Path, State},
    response::Redirect,
};

use super::sheet::Sheet;
use crate::web::{AppState, Error, middleware::session::Session};

/// Leads to the first question without an answer. Whoever has no session becomes a guest.
pub(in crate::web) async fn create(State(state): State<AppState>, session: Session, Path(slug): Path<String>) -> Result<Redirect, Error> {
    let questions: Vec<String> = state.course.questions_of(&slug).map(|question| question.id.clone()).collect();
    if questions.is_empty() {
        return Err(Error::NotFound);
    }
    let learner = session.learner_or_guest().await?;
    let attempt = state.store.start_attempt(&learner, &slug, &questions).await?;
    let sheet = Sheet::load(&state.store, &state.course, Some(&learner), &slug, attempt.as_str()).await?;
    Ok(Redirect::to(&sheet.onward(0)))
}
