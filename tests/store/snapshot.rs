//! Snapshots: kept for their time, read by whoever knows the id, deleted by nobody but their maker, within limits.

use std::{collections::BTreeSet, time::Duration};

use meshwright::store::{KeptSnapshot, LearnerId, NewSnapshot, SnapshotId, SnapshotLimits};

use super::{Bench, START};

const LIMITS: SnapshotLimits = SnapshotLimits { of_learner: 3, bytes_of_learner: 100, bytes: 150 };
const HOUR: i64 = 3_600_000;

fn new(content: &str) -> NewSnapshot {
    NewSnapshot { title: "GET /".into(), content: content.into(), expires_at: START + HOUR }
}

impl Bench {
    /// A snapshot of the learner's.
    pub(super) async fn snapshot(&self, learner: &LearnerId) {
        self.kept(learner, "{}").await;
    }

    async fn keep(&self, learner: &LearnerId, content: &str) -> KeptSnapshot {
        self.tick();
        self.store.insert_snapshot(learner, &new(content), LIMITS).await.unwrap()
    }

    async fn kept(&self, learner: &LearnerId, content: &str) -> SnapshotId {
        match self.keep(learner, content).await {
            KeptSnapshot::Kept(id) => id,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_snapshot_is_what_it_was_until_its_time_is_over() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    let id = bench.kept(&anna, "{\"yaml\":\"é\"}").await;
    let found = bench.store.find_snapshot(&id).await.unwrap().unwrap();
    assert_eq!((found.content.as_str(), &found.learner_id, found.created_at, found.expires_at), ("{\"yaml\":\"é\"}", &anna, START + 1000, START + HOUR));
    let entry = &bench.store.list_snapshots(&anna).await.unwrap()[0];
    assert_eq!((entry.size, entry.title.as_str()), (13, "GET /"));
    bench.clock.advance(Duration::from_hours(1));
    assert!(bench.store.find_snapshot(&id).await.unwrap().is_none());
    assert!(bench.store.list_snapshots(&anna).await.unwrap().is_empty());
    assert!(bench.store.list_whole_snapshots(&anna).await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_else_deletes_it() {
    let bench = Bench::new().await;
    let (anna, other) = (bench.store.insert_guest().await.unwrap(), bench.store.insert_guest().await.unwrap());
    let (first, second) = (bench.kept(&anna, "1").await, bench.kept(&anna, "2").await);
    assert!(!bench.store.delete_snapshot(&first, &other).await.unwrap());
    assert!(bench.store.find_snapshot(&first).await.unwrap().is_some());
    assert!(bench.store.delete_snapshot(&first, &anna).await.unwrap());
    assert!(!bench.store.delete_snapshot(&first, &anna).await.unwrap());
    assert!(bench.store.find_snapshot(&first).await.unwrap().is_none());
    assert_eq!(bench.store.list_whole_snapshots(&anna).await.unwrap()[0].id, second);
}

#[tokio::test]
async fn number_and_size_are_bounded_and_what_has_expired_makes_room() {
    let bench = Bench::new().await;
    let (anna, other) = (bench.store.insert_guest().await.unwrap(), bench.store.insert_guest().await.unwrap());
    for _ in 0..3 {
        bench.kept(&anna, "x").await;
    }
    assert_eq!(bench.keep(&anna, "x").await, KeptSnapshot::TooMany);
    assert_eq!(bench.keep(&other, &"x".repeat(101)).await, KeptSnapshot::TooLarge);
    bench.kept(&other, &"x".repeat(100)).await;
    assert_eq!(bench.keep(&other, "x").await, KeptSnapshot::TooLarge);
    let third = bench.store.insert_guest().await.unwrap();
    assert_eq!(bench.keep(&third, &"x".repeat(48)).await, KeptSnapshot::Full);
    bench.kept(&third, &"x".repeat(47)).await;
    bench.clock.advance(Duration::from_hours(1));
    let late = NewSnapshot { expires_at: START + 3 * HOUR, ..new(&"x".repeat(100)) };
    assert!(matches!(bench.store.insert_snapshot(&anna, &late, LIMITS).await.unwrap(), KeptSnapshot::Kept(_)));
}

#[tokio::test]
async fn a_sweep_takes_what_has_expired_and_nothing_else() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    bench.store.insert_session("token", &anna, i64::MAX).await.unwrap();
    bench.kept(&anna, "old").await;
    let late = NewSnapshot { expires_at: START + 3 * HOUR, ..new("new") };
    bench.store.insert_snapshot(&anna, &late, LIMITS).await.unwrap();
    bench.clock.advance(Duration::from_hours(1));
    bench.store.delete_expired().await.unwrap();
    bench.store.close().await;
    let database = sqlx::SqlitePool::connect(&super::address(bench.folder.path())).await.unwrap();
    let left: Vec<String> = sqlx::query_scalar("SELECT content FROM snapshots").fetch_all(&database).await.unwrap();
    assert_eq!(left, ["new"]);
}

#[tokio::test]
async fn a_thousand_have_a_thousand_ids_and_are_found_at_once() {
    let bench = Bench::new().await;
    let wide = SnapshotLimits { of_learner: 1000, bytes_of_learner: i64::MAX, bytes: i64::MAX };
    let anna = bench.store.insert_guest().await.unwrap();
    let mut ids = BTreeSet::new();
    for number in 0..1000 {
        let KeptSnapshot::Kept(id) = bench.store.insert_snapshot(&anna, &new(&number.to_string()), wide).await.unwrap() else { panic!("there is room") };
        ids.insert(id.to_string());
    }
    assert_eq!(ids.len(), 1000);
    assert!(ids.iter().all(|id| id.len() == 24));
    assert_eq!(bench.store.list_snapshots(&anna).await.unwrap().len(), 1000);
    assert_eq!(bench.store.insert_snapshot(&anna, &new("x"), wide).await.unwrap(), KeptSnapshot::TooMany);
    assert!(bench.store.delete_learner(&anna).await.unwrap());
    assert!(bench.store.list_snapshots(&anna).await.unwrap().is_empty());
}
