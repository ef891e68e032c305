//! Attempts: resumed while open, owned by one learner, the first told from the rest.

use super::Bench;

#[tokio::test]
async fn starting_twice_resumes_and_a_finished_attempt_makes_room() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    let first = bench.start(&anna, "routing").await;
    assert_eq!(bench.start(&anna, "routing").await, first);
    assert_ne!(bench.start(&anna, "mesh").await, first, "another chapter, another attempt");

    assert!(bench.store.finish_attempt(&first, &anna).await.unwrap());
    assert!(!bench.store.finish_attempt(&first, &anna).await.unwrap(), "finished once");
    let second = bench.start(&anna, "routing").await;
    assert_ne!(second, first);
    let marks = bench.store.list_attempts(&anna).await.unwrap().into_iter().map(|attempt| (attempt.chapter, attempt.is_first)).collect::<Vec<_>>();
    assert_eq!(marks, [("routing".to_owned(), true), ("mesh".to_owned(), true), ("routing".to_owned(), false)]);
}

#[tokio::test]
async fn an_attempt_keeps_its_questions_and_its_owner() {
    let bench = Bench::new().await;
    let (anna, other) = (bench.store.insert_guest().await.unwrap(), bench.store.insert_guest().await.unwrap());
    let attempt = bench.start(&anna, "routing").await;
    let kept = bench.store.find_attempt(&attempt, &anna).await.unwrap().unwrap();
    assert_eq!(kept.questions.0, ["q1", "q2"]);
    assert!(bench.store.find_attempt(&attempt, &other).await.unwrap().is_none());
    assert!(!bench.store.finish_attempt(&attempt, &other).await.unwrap());
}

#[tokio::test]
async fn an_attempt_ended_early_scores_what_was_answered() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    let (some, none) = (bench.start(&anna, "routing").await, bench.start(&anna, "mesh").await);
    bench.answer(&anna, &some, "q2", 0.5).await;
    for attempt in [&some, &none] {
        bench.store.finish_attempt(attempt, &anna).await.unwrap();
    }
    assert_eq!(bench.store.find_attempt(&some, &anna).await.unwrap().unwrap().score, Some(0.5));
    assert_eq!(bench.store.find_attempt(&none, &anna).await.unwrap().unwrap().score, Some(0.0));
}
