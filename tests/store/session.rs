//! Sessions: they end when their time is over, and guests nobody can reach go with them.

use std::time::Duration;

use super::Bench;

#[tokio::test]
async fn a_session_says_who_it_is_until_it_expires() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    bench.store.insert_session("t", &anna, bench.clock.now() + 1000).await.unwrap();

    let visit = bench.store.find_visit("t").await.unwrap().unwrap();
    assert_eq!((visit.learner_id, visit.account_name), (anna.clone(), None));
    bench.store.insert_account(&anna, "Anna", "hash").await.unwrap();
    assert_eq!(bench.store.find_visit("t").await.unwrap().unwrap().account_name.as_deref(), Some("Anna"));
    assert!(bench.store.find_visit("other").await.unwrap().is_none());

    bench.clock.advance(Duration::from_secs(1));
    assert!(bench.store.find_visit("t").await.unwrap().is_none(), "at its expiry it is over");
}

#[tokio::test]
async fn a_renewed_session_lasts_and_a_deleted_one_does_not() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    for token in ["one", "two", "three"] {
        bench.store.insert_session(token, &anna, bench.clock.now() + 1000).await.unwrap();
    }
    bench.store.renew_session("one", bench.clock.now() + 10_000).await.unwrap();
    bench.store.delete_session("two").await.unwrap();
    assert!(bench.store.find_visit("two").await.unwrap().is_none());
    bench.clock.advance(Duration::from_secs(5));
    assert_eq!(bench.store.list_sessions(&anna).await.unwrap().len(), 1);
    bench.store.delete_sessions(&anna).await.unwrap();
    assert!(bench.store.find_visit("one").await.unwrap().is_none());
}

#[tokio::test]
async fn what_has_expired_is_removed_and_accounts_stay() {
    let bench = Bench::new().await;
    let (lost, guest, owner) =
        (bench.store.insert_guest().await.unwrap(), bench.store.insert_guest().await.unwrap(), bench.store.insert_guest().await.unwrap());
    bench.store.insert_account(&owner, "owner", "hash").await.unwrap();
    bench.store.insert_session("old", &lost, bench.clock.now() + 10).await.unwrap();
    bench.store.insert_session("good", &guest, i64::MAX).await.unwrap();
    bench.clock.advance(Duration::from_hours(25));
    let new = bench.store.insert_guest().await.unwrap();
    bench.store.delete_expired().await.unwrap();

    assert!(bench.store.find_learner(&lost).await.unwrap().is_none());
    assert!(bench.store.find_learner(&guest).await.unwrap().is_some());
    assert!(bench.store.find_learner(&owner).await.unwrap().is_some());
    assert!(bench.store.find_learner(&new).await.unwrap().is_some(), "its session may be about to begin");
    assert!(bench.store.find_visit("old").await.unwrap().is_none());
}
