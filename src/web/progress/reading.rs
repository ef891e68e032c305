//! Chapters report which section is being read, so that the learner can go on from there.

use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
};
use serde::Deserialize;

use crate::web::{AppState, Error, middleware::session::Session};

/// Longer than any anchor of the course.
const LONGEST_ANCHOR: usize = 200;

/// The chapter, which the page writes into the address it reports to.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::web) struct ReadingQuery {
    chapter: String,
}

/// What is reported; the chapter may come here as well.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::web) struct ReadingForm {
    chapter: String,
    anchor: String,
}

/// Keeps the position. The reader may be a guest, and becomes one by this.
pub(in crate::web) async fn update(
    State(state): State<AppState>,
    session: Session,
    Query(query): Query<ReadingQuery>,
    Form(form): Form<ReadingForm>,
) -> Result<StatusCode, Error> {
    let chapter = if form.chapter.is_empty() { query.chapter } else { form.chapter };
    if state.course.chapter(&chapter).is_none() {
        return Err(Error::NotFound);
    }
    let is_anchor = (1..=LONGEST_ANCHOR).contains(&form.anchor.len()) && !form.anchor.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    if !is_anchor {
        return Err(Error::Unprocessable("a reading position is the id of a heading".into()));
    }
    let learner = session.learner_or_guest().await?;
    state.store.set_reading_position(&learner, &chapter, &form.anchor).await?;
    Ok(StatusCode::NO_CONTENT)
}
