//! Tests of the store, one file per entity, each on a database file of its own.

mod account;
mod answer;
mod attempt;
mod chapter_progress;
mod kill;
mod learner;
mod opening;
mod session;
mod snapshot;

use meshwright::store::{AttemptId, Clock, LearnerId, NewAnswer, Recorded, Store};

const START: i64 = 1_767_225_600_000;

/// A store in a folder that goes when the test ends, and the hand on its clock.
struct Bench {
    store: Store,
    clock: Clock,
    folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(START);
        let store = Store::open(&address(folder.path()), clock.clone()).await.unwrap();
        Self { store, clock, folder }
    }

    fn tick(&self) {
        self.clock.advance(std::time::Duration::from_secs(1));
    }

    /// A guest with an attempt of two questions at `chapter`.
    async fn start(&self, learner: &LearnerId, chapter: &str) -> AttemptId {
        self.tick();
        self.store.start_attempt(learner, chapter, &["q1".to_owned(), "q2".to_owned()]).await.unwrap()
    }

    async fn answer(&self, learner: &LearnerId, attempt: &AttemptId, question: &str, score: f64) -> Recorded {
        self.tick();
        self.store.record_answer(new_answer(learner, attempt, question, score)).await.unwrap()
    }
}

fn address(folder: &std::path::Path) -> String {
    format!("sqlite:{}", folder.join("test.db").display())
}

fn new_answer(learner: &LearnerId, attempt: &AttemptId, question: &str, score: f64) -> NewAnswer {
    let given = format!("{{\"choice\":\"{question}\"}}");
    NewAnswer { attempt: attempt.clone(), learner: learner.clone(), question: question.to_owned(), given, correct: score >= 1.0, score }
}
