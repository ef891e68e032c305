//! Reading positions and marks of completion.

use super::Bench;

#[tokio::test]
async fn the_last_position_stands_and_the_first_completion_counts() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    bench.store.set_reading_position(&anna, "routing", "order").await.unwrap();
    bench.tick();
    bench.store.set_chapter_done(&anna, "routing", true).await.unwrap();
    let done = bench.clock.now();
    bench.tick();
    bench.store.set_chapter_done(&anna, "routing", true).await.unwrap();
    bench.store.set_reading_position(&anna, "routing", "weights").await.unwrap();

    let progress = bench.store.list_chapter_progress(&anna).await.unwrap();
    assert_eq!(progress.len(), 1);
    assert_eq!((progress[0].position.as_deref(), progress[0].done_at), (Some("weights"), Some(done)));
    bench.store.set_chapter_done(&anna, "routing", false).await.unwrap();
    let progress = bench.store.list_chapter_progress(&anna).await.unwrap();
    assert_eq!((progress[0].position.as_deref(), progress[0].done_at), (Some("weights"), None));
}

#[tokio::test]
async fn the_chapter_read_last_comes_first_and_learners_do_not_mix() {
    let bench = Bench::new().await;
    let (anna, other) = (bench.store.insert_guest().await.unwrap(), bench.store.insert_guest().await.unwrap());
    for chapter in ["mesh", "routing"] {
        bench.tick();
        bench.store.set_reading_position(&anna, chapter, "top").await.unwrap();
    }
    let order: Vec<_> = bench.store.list_chapter_progress(&anna).await.unwrap().into_iter().map(|row| row.chapter).collect();
    assert_eq!(order, ["routing", "mesh"]);
    assert!(bench.store.list_chapter_progress(&other).await.unwrap().is_empty());
}
