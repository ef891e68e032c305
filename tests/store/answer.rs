//! Answers: once per question, by the owner, on disk when acknowledged, many to a commit.

use std::collections::BTreeSet;

use meshwright::store::{AttemptId, Clock, Recorded, Store};

use super::{Bench, address, new_answer};

#[tokio::test]
async fn the_last_answer_finishes_the_attempt_with_its_score() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    let attempt = bench.start(&anna, "routing").await;
    assert_eq!(bench.answer(&anna, &attempt, "q2", 0.5).await, Recorded::Now);
    assert!(bench.store.find_attempt(&attempt, &anna).await.unwrap().unwrap().finished_at.is_none());
    assert_eq!(bench.answer(&anna, &attempt, "q1", 1.0).await, Recorded::Now);

    let done = bench.store.find_attempt(&attempt, &anna).await.unwrap().unwrap();
    assert_eq!((done.finished_at, done.score), (Some(bench.clock.now()), Some(1.5)));
    let order =
        bench.store.list_answers(&attempt).await.unwrap().into_iter().map(|answer| (answer.sequence, answer.question_id, answer.correct)).collect::<Vec<_>>();
    assert_eq!(order, [(1, "q2".to_owned(), false), (2, "q1".to_owned(), true)]);
}

#[tokio::test]
async fn a_second_answer_changes_nothing() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    let attempt = bench.start(&anna, "routing").await;
    assert_eq!(bench.answer(&anna, &attempt, "q1", 0.0).await, Recorded::Now);
    assert_eq!(bench.answer(&anna, &attempt, "q1", 1.0).await, Recorded::Before);
    let answers = bench.store.list_answers(&attempt).await.unwrap();
    assert_eq!(answers.len(), 1);
    assert!(answers[0].score.abs() < f64::EPSILON);
}

#[tokio::test]
async fn nobody_answers_for_somebody_else_or_after_the_end() {
    let bench = Bench::new().await;
    let (anna, other) = (bench.store.insert_guest().await.unwrap(), bench.store.insert_guest().await.unwrap());
    let attempt = bench.start(&anna, "routing").await;
    assert_eq!(bench.answer(&other, &attempt, "q1", 1.0).await, Recorded::NoAttempt);
    assert_eq!(bench.answer(&anna, &AttemptId::from_text("nowhere"), "q1", 1.0).await, Recorded::NoAttempt);

    bench.answer(&anna, &attempt, "q1", 1.0).await;
    bench.store.finish_attempt(&attempt, &anna).await.unwrap();
    assert_eq!(bench.answer(&anna, &attempt, "q2", 1.0).await, Recorded::Closed);
    assert_eq!(bench.answer(&anna, &attempt, "q1", 1.0).await, Recorded::Before);
    assert_eq!(bench.store.list_answers_of(&anna).await.unwrap().len(), 1);
    assert!(bench.store.list_answers_of(&other).await.unwrap().is_empty());
}

#[tokio::test]
async fn many_at_once_are_each_answered_and_all_survive_a_reopening() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    let questions: Vec<String> = (0..200).map(|number| format!("q{number}")).collect();
    let attempt = bench.store.start_attempt(&anna, "routing", &questions).await.unwrap();
    let mut writing = tokio::task::JoinSet::new();
    // Every question twice: exactly one of the two is recorded.
    for question in questions.iter().chain(&questions) {
        let (store, answer) = (bench.store.clone(), new_answer(&anna, &attempt, question, 1.0));
        writing.spawn(async move { store.record_answer(answer).await.unwrap() });
    }
    let outcomes = writing.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Recorded::Now).count(), 200);
    // The twin of the answer that finished the attempt finds itself on record, not a closed door.
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Recorded::Before).count(), 200);

    bench.store.close().await;
    let again = Store::open(&address(bench.folder.path()), Clock::manual(super::START)).await.unwrap();
    let sequences: BTreeSet<i64> = again.list_answers(&attempt).await.unwrap().iter().map(|answer| answer.sequence).collect();
    assert_eq!(sequences, (1..=200).collect());
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    let attempt = bench.start(&anna, "routing").await;
    bench.store.close().await;
    let refused = bench.store.record_answer(new_answer(&anna, &attempt, "q1", 1.0)).await;
    assert!(matches!(refused, Err(meshwright::store::Error::Unavailable(_))), "{refused:?}");
    assert!(bench.store.ping().await.is_err());
}
