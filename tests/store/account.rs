//! Accounts: unique names, however they are written, and passwords that end sessions when they change.

use meshwright::store::Error;

use super::Bench;

#[tokio::test]
async fn a_name_is_found_in_any_case_and_spacing_and_taken_once() {
    let bench = Bench::new().await;
    let (anna, other) = (bench.store.insert_guest().await.unwrap(), bench.store.insert_guest().await.unwrap());
    bench.store.insert_account(&anna, " Änna  Berg ", "hash").await.unwrap();

    let found = bench.store.find_account_by_name("änna berg").await.unwrap().unwrap();
    assert_eq!((found.learner_id, found.name.as_str()), (anna, "Änna  Berg"));
    let taken = bench.store.insert_account(&other, "ÄNNA BERG", "hash").await;
    assert!(matches!(taken, Err(Error::Conflict)), "{taken:?}");
    assert!(bench.store.find_account(&other).await.unwrap().is_none());
}

#[tokio::test]
async fn a_learner_has_one_account() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    bench.store.insert_account(&anna, "anna", "hash").await.unwrap();
    let second = bench.store.insert_account(&anna, "berta", "hash").await;
    assert!(matches!(second, Err(Error::Conflict)), "{second:?}");
}

#[tokio::test]
async fn a_new_password_ends_every_session_of_its_owner_only() {
    let bench = Bench::new().await;
    let (anna, other) = (bench.store.insert_guest().await.unwrap(), bench.store.insert_guest().await.unwrap());
    bench.store.insert_account(&anna, "anna", "old").await.unwrap();
    let later = bench.clock.now() + 1000;
    for (token, learner) in [("a1", &anna), ("a2", &anna), ("b1", &other)] {
        bench.store.insert_session(token, learner, later).await.unwrap();
    }
    bench.store.update_password(&anna, "new").await.unwrap();

    assert_eq!(bench.store.find_account(&anna).await.unwrap().unwrap().password_hash, "new");
    assert!(bench.store.list_sessions(&anna).await.unwrap().is_empty());
    assert!(bench.store.find_visit("b1").await.unwrap().is_some());
}

#[tokio::test]
async fn a_hash_never_reaches_a_log_line() {
    let bench = Bench::new().await;
    let anna = bench.store.insert_guest().await.unwrap();
    bench.store.insert_account(&anna, "anna", "$argon2id$secret").await.unwrap();
    let shown = format!("{:?}", bench.store.find_account(&anna).await.unwrap());
    assert!(shown.contains("anna") && !shown.contains("secret"), "{shown}");
}
