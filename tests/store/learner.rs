//! Learners: what a guest did goes to the account, and a deleted learner leaves nothing.

use super::{Bench, address};

#[tokio::test]
async fn merging_keeps_both_sides_and_the_earlier_attempt_is_the_first() {
    let bench = Bench::new().await;
    let (owner, guest) = (bench.store.insert_guest().await.unwrap(), bench.store.insert_guest().await.unwrap());
    bench.store.insert_account(&owner, "owner", "hash").await.unwrap();
    let early = bench.start(&guest, "routing").await;
    let late = bench.start(&owner, "routing").await;
    bench.answer(&guest, &early, "q1", 1.0).await;
    bench.store.set_chapter_done(&owner, "mesh", true).await.unwrap();
    let done = bench.clock.now();
    bench.tick();
    bench.store.set_reading_position(&guest, "mesh", "late").await.unwrap();
    bench.store.set_reading_position(&guest, "routing", "order").await.unwrap();

    bench.snapshot(&guest).await;

    assert!(bench.store.merge_guest(&guest, &owner).await.unwrap());

    assert!(bench.store.find_learner(&guest).await.unwrap().is_none());
    let attempts: Vec<_> = bench.store.list_attempts(&owner).await.unwrap().into_iter().map(|attempt| (attempt.id, attempt.is_first)).collect();
    assert_eq!(attempts, [(early.clone(), true), (late, false)]);
    assert_eq!(bench.store.list_answers(&early).await.unwrap().len(), 1);
    assert_eq!(bench.store.list_snapshots(&owner).await.unwrap().len(), 1);
    let mut progress: Vec<_> =
        bench.store.list_chapter_progress(&owner).await.unwrap().into_iter().map(|row| (row.chapter, row.position, row.done_at)).collect();
    progress.sort();
    assert_eq!(progress, [("mesh".to_owned(), Some("late".to_owned()), Some(done)), ("routing".to_owned(), Some("order".to_owned()), None)]);
}

#[tokio::test]
async fn an_account_is_never_merged_away() {
    let bench = Bench::new().await;
    let (anna, berta) = (bench.store.insert_guest().await.unwrap(), bench.store.insert_guest().await.unwrap());
    bench.store.insert_account(&anna, "anna", "hash").await.unwrap();
    bench.store.insert_account(&berta, "berta", "hash").await.unwrap();
    assert!(!bench.store.merge_guest(&anna, &berta).await.unwrap());
    assert!(!bench.store.merge_guest(&anna, &anna).await.unwrap());
    assert!(bench.store.find_account(&anna).await.unwrap().is_some());
}

#[tokio::test]
async fn deleting_a_learner_leaves_no_row_of_theirs() {
    let bench = Bench::new().await;
    let (anna, other) = (bench.store.insert_guest().await.unwrap(), bench.store.insert_guest().await.unwrap());
    for (learner, name) in [(&anna, "anna"), (&other, "other")] {
        bench.store.insert_account(learner, name, "hash").await.unwrap();
        bench.store.insert_session(name, learner, i64::MAX).await.unwrap();
        let attempt = bench.start(learner, "routing").await;
        bench.answer(learner, &attempt, "q1", 1.0).await;
        bench.store.set_reading_position(learner, "routing", "order").await.unwrap();
        bench.snapshot(learner).await;
    }
    assert!(bench.store.delete_learner(&anna).await.unwrap());
    assert!(!bench.store.delete_learner(&anna).await.unwrap());
    bench.store.close().await;

    let database = sqlx::SqlitePool::connect(&address(bench.folder.path())).await.unwrap();
    for table in ["learners", "accounts", "sessions", "attempts", "answers", "chapter_progress", "snapshots"] {
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"))).fetch_one(&database).await.unwrap();
        assert_eq!(rows, 1, "{table} keeps the other learner's row and nothing else");
    }
}
