//! Everything that is kept of a learner, as a file they can take along.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    store::{Attempt, GivenAnswer, LearnerId, Snapshot, Store},
    web::{AppState, Error, middleware::session::Session, moment::rfc3339, urls},
};

/// The form of the file; counts up when it changes.
const FORMAT: u32 = 2;

#[derive(Serialize)]
struct Data {
    format: u32,
    learner: LearnerId,
    since: Option<String>,
    account: Option<AccountData>,
    sessions: Vec<SessionData>,
    chapters: Vec<ChapterData>,
    attempts: Vec<AttemptData>,
    snapshots: Vec<SnapshotData>,
}

#[derive(Serialize)]
struct AccountData {
    name: String,
    created_at: String,
    password_changed_at: String,
}

#[derive(Serialize)]
struct SessionData {
    created_at: String,
    expires_at: String,
}

#[derive(Serialize)]
struct ChapterData {
    chapter: String,
    position: Option<String>,
    done_at: Option<String>,
    updated_at: String,
}

#[derive(Serialize)]
struct AttemptData {
    chapter: String,
    is_first: bool,
    started_at: String,
    finished_at: Option<String>,
    score: Option<f64>,
    questions: Vec<String>,
    answers: Vec<AnswerData>,
}

#[derive(Serialize)]
struct SnapshotData {
    url: String,
    title: String,
    created_at: String,
    expires_at: String,
    fields: Box<RawValue>,
}

#[derive(Serialize)]
struct AnswerData {
    question: String,
    given: Box<RawValue>,
    correct: bool,
    score: f64,
    answered_at: String,
}

/// The file. Whoever has done nothing yet has no data.
pub(in crate::web) async fn show(State(state): State<AppState>, session: Session) -> Result<Response, Error> {
    let Some(learner) = session.learner() else { return Ok(Redirect::to(urls::ACCOUNT).into_response()) };
    let data = collect(&state.store, learner).await?;
    let headers = [(header::CONTENT_DISPOSITION, "attachment; filename=\"meshwright-data.json\"")];
    Ok((headers, Json(data)).into_response())
}

async fn collect(store: &Store, learner: LearnerId) -> Result<Data, Error> {
    let account = store.find_account(&learner).await?.map(|account| AccountData {
        name: account.name,
        created_at: rfc3339(account.created_at),
        password_changed_at: rfc3339(account.password_changed_at),
    });
    let session = |session: crate::store::Session| SessionData { created_at: rfc3339(session.created_at), expires_at: rfc3339(session.expires_at) };
    let chapter = |row: crate::store::ChapterProgress| ChapterData {
        chapter: row.chapter,
        position: row.position,
        done_at: row.done_at.map(rfc3339),
        updated_at: rfc3339(row.updated_at),
    };
    let mut answers = store.list_answers_of(&learner).await?;
    Ok(Data {
        format: FORMAT,
        since: store.find_learner(&learner).await?.map(|learner| rfc3339(learner.created_at)),
        account,
        sessions: store.list_sessions(&learner).await?.into_iter().map(session).collect(),
        chapters: store.list_chapter_progress(&learner).await?.into_iter().map(chapter).collect(),
        snapshots: store.list_whole_snapshots(&learner).await?.into_iter().map(snapshot_data).collect::<Result<_, _>>()?,
        attempts: store.list_attempts(&learner).await?.into_iter().map(|attempt| attempt_data(attempt, &mut answers)).collect::<Result<_, _>>()?,
        learner,
    })
}

fn snapshot_data(snapshot: Snapshot) -> Result<SnapshotData, Error> {
    Ok(SnapshotData {
        url: urls::snapshot(&snapshot.id),
        title: snapshot.title,
        created_at: rfc3339(snapshot.created_at),
        expires_at: rfc3339(snapshot.expires_at),
        fields: RawValue::from_string(snapshot.content).map_err(anyhow::Error::new)?,
    })
}

/// Takes the attempt's answers out of the list of all.
fn attempt_data(attempt: Attempt, answers: &mut Vec<GivenAnswer>) -> Result<AttemptData, Error> {
    let own = answers.extract_if(.., |answer| answer.attempt_id == attempt.id);
    let answers = own.map(|GivenAnswer { answer, .. }| {
        let given = RawValue::from_string(answer.given).map_err(anyhow::Error::new)?;
        Ok(AnswerData { question: answer.question_id, given, correct: answer.correct, score: answer.score, answered_at: rfc3339(answer.answered_at) })
    });
    Ok(AttemptData {
        answers: answers.collect::<Result<_, Error>>()?,
        chapter: attempt.chapter,
        is_first: attempt.is_first,
        started_at: rfc3339(attempt.started_at),
        finished_at: attempt.finished_at.map(rfc3339),
        score: attempt.score,
        questions: attempt.questions.0,
    })
}
