//! How an attempt went: the score, each question with its verdict, what to read again. While it is open, where it stands.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    record,
    sheet::{Sheet, Slot},
};
use crate::{
    course::{Course, SafeHtml},
    learning::{QuizRecord, Score},
    web::{
        AppState, Error,
        middleware::session::Session,
        page::{Chrome, Section, Visitor, render},
        urls,
    },
};

#[derive(Template)]
#[template(path = "quiz/result.html")]
struct ResultPage<'a> {
    chrome: Chrome,
    title: &'a str,
    quiz: String,
    lesson: String,
    finish: String,
    onward: String,
    is_first: bool,
    /// `None` while the attempt is open.
    score: Option<Score>,
    pass_percent: u32,
    answered: usize,
    rows: Vec<Row<'a>>,
    record: QuizRecord,
}

struct Row<'a> {
    number: usize,
    address: String,
    prompt: Option<&'a SafeHtml>,
    competency: &'a str,
    verdict: Option<(bool, Score)>,
    lesson: Option<String>,
}

/// The page.
pub(in crate::web) async fn show(State(state): State<AppState>, session: Session, Path((slug, attempt)): Path<(String, String)>) -> Result<Response, Error> {
    let course = &state.course;
    let learner = session.learner();
    let sheet = Sheet::load(&state.store, course, learner.as_ref(), &slug, &attempt).await?;
    let record = record(&state.store.list_attempts(&sheet.attempt.learner_id).await?, &slug);
    let title = course.chapter(&slug).map_or(slug.as_str(), |chapter| chapter.title.as_str());
    let page = ResultPage {
        chrome: Chrome::new(format!("Result: {title}"), Section::Quiz, Visitor::from(&session)),
        title,
        quiz: urls::chapter_quiz(&slug),
        lesson: urls::chapter(&slug),
        finish: urls::quiz_finish(&slug, &attempt),
        onward: sheet.onward(0),
        is_first: sheet.attempt.is_first,
        score: sheet.attempt.score.map(|points| Score { points, of: sheet.slots.len() }),
        pass_percent: course.exam.pass_percent,
        answered: sheet.answered(),
        rows: sheet.slots.iter().map(|slot| row(course, &sheet, slot)).collect(),
        record,
    };
    render(&page)
}

fn row<'a>(course: &'a Course, sheet: &Sheet<'a>, slot: &Slot<'a>) -> Row<'a> {
    let competency = slot.question.and_then(|question| course.competency(&question.competency));
    let verdict = slot.answer.as_ref().map(|answer| (answer.correct, Score { points: answer.score, of: 1 }));
    Row {
        number: slot.number,
        address: urls::quiz_question(&sheet.attempt.chapter, sheet.attempt.id.as_str(), slot.number),
        prompt: slot.question.map(|question| &question.prompt),
        competency: competency.map_or("", |(_, competency)| competency.title.as_str()),
        lesson: slot.question.filter(|_| verdict.is_some_and(|(correct, _)| !correct)).map(|question| question.teaches.address()),
        verdict,
    }
}
