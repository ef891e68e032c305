//! Marking a chapter as done, or taking the mark back; a plain form at the end of the chapter.

use axum::{Form, extract::State, response::Redirect};
use serde::Deserialize;

use crate::web::{AppState, Error, middleware::session::Session, urls};

/// What the form sends: the chapter's slug, and `false` to take the mark back.
#[derive(Deserialize)]
pub(in crate::web) struct DoneForm {
    chapter: String,
    #[serde(default = "yes")]
    done: bool,
}

fn yes() -> bool {
    true
}

/// Keeps the mark and leads back to the chapter.
pub(in crate::web) async fn update(State(state): State<AppState>, session: Session, Form(form): Form<DoneForm>) -> Result<Redirect, Error> {
    if state.course.chapter(&form.chapter).is_none() {
        return Err(Error::NotFound);
    }
    let learner = session.learner_or_guest().await?;
    state.store.set_chapter_done(&learner, &form.chapter, form.done).await?;
    Ok(Redirect::to(&urls::chapter(&form.chapter)))
}
