//! The dashboard: where the learner stands in each domain of the exam, in counts, and where to go on.

use std::collections::BTreeSet;

use askama::Template;
use axum::{extract::State, response::Response};

use super::onward::{Onward, onward};
use crate::{
    course::{Chapter, Course, Domain},
    learning::{self, DomainMastery, Go, QuizRecord, Response as Answered, Score},
    store::{Attempt, ChapterProgress, GivenAnswer, LearnerId, Store},
    web::{
        AppState, Error,
        middleware::session::Session,
        page::{Chrome, Section, Visitor, render},
        urls,
    },
};

/// All that is kept of a learner, as far as the dashboard needs it.
#[derive(Default)]
pub(super) struct History {
    pub answers: Vec<GivenAnswer>,
    pub attempts: Vec<Attempt>,
    /// Latest first.
    pub reading: Vec<ChapterProgress>,
}

impl History {
    async fn load(store: &Store, learner: &LearnerId) -> Result<Self, Error> {
        Ok(Self {
            answers: store.list_answers_of(learner).await?,
            attempts: store.list_attempts(learner).await?,
            reading: store.list_chapter_progress(learner).await?,
        })
    }

    fn is_empty(&self) -> bool {
        self.attempts.is_empty() && self.reading.is_empty()
    }

    /// The chapters marked as done.
    pub(super) fn done(&self) -> BTreeSet<&str> {
        self.reading.iter().filter(|row| row.done_at.is_some()).map(|row| row.chapter.as_str()).collect()
    }

    fn record(&self, chapter: &str) -> QuizRecord {
        let attempts = self.attempts.iter().filter(|attempt| attempt.chapter == chapter);
        QuizRecord::of(attempts.map(|attempt| Go { is_first: attempt.is_first, points: attempt.score, questions: attempt.questions.0.len() }))
    }
}

#[derive(Template)]
#[template(path = "progress/show.html")]
struct ProgressPage<'a> {
    chrome: Chrome,
    is_empty: bool,
    is_guest: bool,
    /// The share of the exam whose questions were right at least once, in percent.
    percent: u32,
    onward: Vec<Onward>,
    domains: Vec<DomainView<'a>>,
    chapters: Vec<ChapterView<'a>>,
}

struct DomainView<'a> {
    mastery: DomainMastery<'a>,
    percent: u32,
    chapters: usize,
    done: usize,
}

struct ChapterView<'a> {
    title: &'a str,
    address: String,
    quiz: String,
    is_done: bool,
    record: QuizRecord,
}

/// The page.
pub(in crate::web) async fn show(State(state): State<AppState>, session: Session) -> Result<Response, Error> {
    let course = &state.course;
    let history = match session.learner() {
        Some(learner) => History::load(&state.store, &learner).await?,
        None => History::default(),
    };
    let questions: Vec<(&str, &str)> = course.questions.iter().map(|question| (question.id.as_str(), question.competency.as_str())).collect();
    let responses: Vec<Answered<'_>> =
        history.answers.iter().map(|given| Answered { question: &given.answer.question_id, correct: given.answer.correct }).collect();
    let mastery = learning::by_domain(&course.domains, &questions, &responses);
    let page = ProgressPage {
        chrome: Chrome::new("Progress", Section::Progress, Visitor::from(&session)),
        is_empty: history.is_empty(),
        is_guest: session.learner().is_some() && session.account().is_none(),
        percent: percent(learning::weighted_share(&mastery)),
        onward: onward(course, &history),
        domains: mastery.into_iter().zip(&course.domains).map(|(mastery, domain)| domain_view(course, &history, mastery, domain)).collect(),
        chapters: course.chapters.iter().map(|chapter| chapter_view(&history, chapter)).collect(),
    };
    render(&page)
}

fn domain_view<'a>(course: &Course, history: &History, mastery: DomainMastery<'a>, domain: &Domain) -> DomainView<'a> {
    let teaches = |chapter: &&Chapter| chapter.competencies.iter().any(|id| domain.competencies.iter().any(|competency| competency.id == *id));
    let done = history.done();
    let chapters: Vec<&Chapter> = course.chapters.iter().filter(teaches).collect();
    DomainView {
        percent: percent(mastery.tally.share()),
        done: chapters.iter().filter(|chapter| done.contains(chapter.slug.as_str())).count(),
        chapters: chapters.len(),
        mastery,
    }
}

fn chapter_view<'a>(history: &History, chapter: &'a Chapter) -> ChapterView<'a> {
    ChapterView {
        title: &chapter.title,
        address: urls::chapter(&chapter.slug),
        quiz: urls::chapter_quiz(&chapter.slug),
        is_done: history.done().contains(chapter.slug.as_str()),
        record: history.record(&chapter.slug),
    }
}

fn percent(share: f64) -> u32 {
    Score { points: share, of: 1 }.percent()
}
