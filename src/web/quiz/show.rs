//! The front page of one quiz: what it asks, where an open attempt stands, how earlier ones went.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{go, record};
use crate::{
    course::Chapter,
    learning::{QuizRecord, Score},
    store::Attempt,
    web::{
        AppState, Error,
        middleware::session::Session,
        moment::in_words,
        page::{Chrome, Section, Visitor, render},
        urls,
    },
};

#[derive(Template)]
#[template(path = "quiz/show.html")]
struct QuizPage<'a> {
    chrome: Chrome,
    chapter: &'a Chapter,
    questions: usize,
    competencies: Vec<&'a str>,
    record: QuizRecord,
    attempts: Vec<AttemptView>,
}

struct AttemptView {
    address: String,
    started: String,
    is_first: bool,
    score: Option<Score>,
}

/// The page.
pub(in crate::web) async fn show(State(state): State<AppState>, session: Session, Path(slug): Path<String>) -> Result<Response, Error> {
    let course = &state.course;
    let chapter = course.chapter(&slug).ok_or(Error::NotFound)?;
    let mut competencies: Vec<&str> = Vec::new();
    for question in course.questions_of(&slug) {
        let title = course.competency(&question.competency).map_or(question.competency.as_str(), |(_, competency)| competency.title.as_str());
        if !competencies.contains(&title) {
            competencies.push(title);
        }
    }
    let questions = course.questions_of(&slug).count();
    if questions == 0 {
        return Err(Error::NotFound);
    }
    let mut attempts = match session.learner() {
        Some(learner) => state.store.list_attempts(&learner).await?,
        None => Vec::new(),
    };
    attempts.retain(|attempt| attempt.chapter == slug);
    let record = record(&attempts, &slug);
    let chrome = Chrome::new(format!("Quiz: {}", chapter.title), Section::Quiz, Visitor::from(&session));
    render(&QuizPage { chrome, chapter, questions, competencies, record, attempts: attempts.iter().rev().map(view).collect() })
}

fn view(attempt: &Attempt) -> AttemptView {
    AttemptView {
        address: urls::quiz_attempt(&attempt.chapter, attempt.id.as_str()),
        started: in_words(attempt.started_at),
        is_first: attempt.is_first,
        score: attempt.score.map(|points| Score { points, of: go(attempt).questions }),
    }
}
