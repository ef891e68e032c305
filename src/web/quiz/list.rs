//! All quizzes by part, with the first and the best score of each.

use askama::Template;
use axum::{extract::State, response::Response};

use super::record;
use crate::{
    learning::QuizRecord,
    web::{
        AppState, Error,
        middleware::session::Session,
        page::{Chrome, Section, Visitor, render},
        urls,
    },
};

#[derive(Template)]
#[template(path = "quiz/list.html")]
struct ListPage<'a> {
    chrome: Chrome,
    parts: Vec<PartView<'a>>,
    has_begun: bool,
}

struct PartView<'a> {
    title: &'a str,
    quizzes: Vec<QuizView<'a>>,
}

struct QuizView<'a> {
    title: &'a str,
    address: String,
    questions: usize,
    record: QuizRecord,
}

/// The page.
pub(in crate::web) async fn show(State(state): State<AppState>, session: Session) -> Result<Response, Error> {
    let attempts = match session.learner() {
        Some(learner) => state.store.list_attempts(&learner).await?,
        None => Vec::new(),
    };
    let course = &state.course;
    let parts = course.parts.iter().map(|part| {
        let quizzes = course.chapters_of(part).map(|chapter| QuizView {
            title: &chapter.title,
            address: urls::chapter_quiz(&chapter.slug),
            questions: course.questions_of(&chapter.slug).count(),
            record: record(&attempts, &chapter.slug),
        });
        PartView { title: &part.title, quizzes: quizzes.filter(|quiz| quiz.questions > 0).collect() }
    });
    let parts = parts.filter(|part| !part.quizzes.is_empty()).collect();
    render(&ListPage { chrome: Chrome::new("Quiz", Section::Quiz, Visitor::from(&session)), parts, has_begun: !attempts.is_empty() })
}
