//! One question: the way to answer it, or once answered the verdict with the reason for every option.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    body::{self, Body},
    given::Fields,
    sheet::{Sheet, Slot},
};
use crate::{
    course::{Course, Prediction, Question, QuestionKind},
    learning::Score,
    store::Answer,
    web::{
        AppState, Error,
        middleware::session::Session,
        page::{Chrome, Section, Visitor, render},
        urls,
    },
};

#[derive(Template)]
#[template(path = "quiz/question.html")]
struct QuestionPage<'a> {
    chrome: Chrome,
    address: String,
    quiz: Quiz<'a>,
    number: usize,
    question: &'a Question,
    body: Body<'a>,
    prediction: Option<&'a Prediction>,
    fault: Option<String>,
    verdict: Option<Verdict>,
}

/// The attempt around the question.
struct Quiz<'a> {
    title: &'a str,
    address: String,
    steps: Vec<Step>,
}

struct Step {
    number: usize,
    address: String,
    correct: Option<bool>,
}

struct Verdict {
    correct: bool,
    score: Score,
    next: String,
    is_last: bool,
    lesson: String,
    lesson_title: String,
}

/// The page.
pub(in crate::web) async fn show(
    State(state): State<AppState>,
    session: Session,
    Path((slug, attempt, number)): Path<(String, String, usize)>,
) -> Result<Response, Error> {
    let learner = session.learner();
    let sheet = Sheet::load(&state.store, &state.course, learner.as_ref(), &slug, &attempt).await?;
    respond(&state.course, &session, &sheet, number, &Fields::new(), None)
}

/// The page of a question, with what is wrong with the form that was sent if something is.
pub(super) fn respond(course: &Course, session: &Session, sheet: &Sheet<'_>, number: usize, fields: &Fields, fault: Option<String>) -> Result<Response, Error> {
    let slot = sheet.slot(number)?;
    let question = slot.question.ok_or(Error::NotFound)?;
    let id = &sheet.attempt.id;
    let address = |number| urls::quiz_question(&sheet.attempt.chapter, id.as_str(), number);
    let steps =
        sheet.slots.iter().map(|slot| Step { number: slot.number, address: address(slot.number), correct: slot.answer.as_ref().map(|answer| answer.correct) });
    let title = course.chapter(&sheet.attempt.chapter).map_or(sheet.attempt.chapter.as_str(), |chapter| chapter.title.as_str());
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = QuestionPage {
        chrome: Chrome::new(format!("Question {number} of {}: {title}", sheet.slots.len()), Section::Quiz, Visitor::from(session)),
        address: address(number),
        quiz: Quiz { title, address: urls::quiz_attempt(&sheet.attempt.chapter, id.as_str()), steps: steps.collect() },
        number,
        question,
        body: match &slot.answer {
            Some(_) => body::answered(question, id, slot.given().as_ref()),
            None => body::open(question, id, fields),
        },
        prediction: match &question.kind {
            QuestionKind::Predict(prediction) => Some(prediction),
            _ => None,
        },
        fault,
        verdict: slot.answer.as_ref().map(|answer| verdict(course, sheet, slot, question, answer)),
    };
    Ok((status, render(&page)?).into_response())
}

fn verdict(course: &Course, sheet: &Sheet<'_>, slot: &Slot<'_>, question: &Question, answer: &Answer) -> Verdict {
    let next = sheet.onward(slot.number);
    Verdict {
        correct: answer.correct,
        score: Score { points: answer.score, of: 1 },
        is_last: sheet.next_open(slot.number).is_none() || sheet.attempt.finished_at.is_some(),
        next,
        lesson: question.teaches.address(),
        lesson_title: course.chapter(&question.teaches.slug).map_or_else(|| question.teaches.slug.clone(), |chapter| chapter.title.clone()),
    }
}
