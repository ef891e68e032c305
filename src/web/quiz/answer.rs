//! Answering a question. The page that follows comes by a redirect, so that reload and back never answer again.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};

use super::{
    given::{self, Fields},
    question,
    sheet::Sheet,
};
use crate::{
    learning,
    store::{NewAnswer, Recorded},
    web::{AppState, Error, middleware::session::Session, urls},
};

/// Records the answer and leads to its verdict. A question that has an answer keeps it.
pub(in crate::web) async fn create(
    State(state): State<AppState>,
    session: Session,
    Path((slug, attempt, number)): Path<(String, String, usize)>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let learner = session.learner();
    let sheet = Sheet::load(&state.store, &state.course, learner.as_ref(), &slug, &attempt).await?;
    let slot = sheet.slot(number)?;
    let verdict = Redirect::to(&format!("{}#verdict", urls::quiz_question(&slug, &attempt, number)));
    if slot.answer.is_some() {
        return Ok(verdict.into_response());
    }
    let asked = slot.question.ok_or(Error::NotFound)?;
    let given = match given::read(asked, &fields) {
        Ok(given) => given,
        Err(fault) => return question::respond(&state.course, &session, &sheet, number, &fields, Some(fault)),
    };
    let mark = learning::mark(&given::key(asked), &given);
    let answer = NewAnswer {
        attempt: sheet.attempt.id.clone(),
        learner: sheet.attempt.learner_id.clone(),
        question: asked.id.clone(),
        given: serde_json::to_string(&given).map_err(anyhow::Error::new)?,
        correct: mark.correct,
        score: mark.score,
    };
    match state.store.record_answer(answer).await? {
        Recorded::Now | Recorded::Before => Ok(verdict.into_response()),
        Recorded::Closed => Ok(Redirect::to(&urls::quiz_attempt(&slug, &attempt)).into_response()),
        Recorded::NoAttempt => Err(Error::NotFound),
    }
}
