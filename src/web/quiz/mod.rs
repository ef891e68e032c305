//! Quizzes: a chapter's questions one a screen, the verdict with its reasons, the score, and the way to try again.
//!
//! An attempt belongs to the learner of the session; somebody else's is not found. Nothing is graded in the browser.

pub(super) mod answer;
mod body;
pub(super) mod finish;
mod given;
pub(super) mod list;
pub(super) mod question;
pub(super) mod result;
mod sheet;
pub(super) mod show;
pub(super) mod start;

use crate::{
    learning::{Go, QuizRecord},
    store::Attempt,
};

/// Sums up a learner's attempts at one chapter.
fn record(attempts: &[Attempt], chapter: &str) -> QuizRecord {
    QuizRecord::of(attempts.iter().filter(|attempt| attempt.chapter == chapter).map(go))
}

fn go(attempt: &Attempt) -> Go {
    Go { is_first: attempt.is_first, points: attempt.score, questions: attempt.questions.0.len() }
}
