//! Opening a database: a new one, an older one, a wrong one; what is set on the connections; the installation's secret.

use meshwright::store::{AttemptId, Clock, LearnerId, MIGRATIONS, Store};

use super::{Bench, START, address};

/// Rows as a portal with the first schema left them.
const OLDER_ROWS: &str = "
    INSERT INTO meta VALUES ('cookie_secret', 'kept');
    INSERT INTO learners VALUES ('anna', 1);
    INSERT INTO accounts VALUES ('anna', 'Anna', 'anna', 'hash', 2, 2);
    INSERT INTO sessions VALUES ('token', 'anna', 3, 9000000000000);
    INSERT INTO attempts VALUES ('try', 'anna', 'routing', '[\"q1\",\"q2\"]', 2, TRUE, 4, NULL, NULL);
    INSERT INTO answers VALUES ('try', 'q1', '{}', TRUE, 1.0, 5, 1);";

#[tokio::test]
async fn a_database_of_the_first_schema_is_brought_forward_with_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let address = address(folder.path());
    let older = sqlx::SqlitePool::connect(&format!("{address}?mode=rwc")).await.unwrap();
    MIGRATIONS.run_to(1, &older).await.unwrap();
    sqlx::raw_sql(OLDER_ROWS).execute(&older).await.unwrap();
    let newer_table = sqlx::query("SELECT * FROM chapter_progress").fetch_optional(&older).await;
    assert!(newer_table.is_err(), "the fixture must be older than the current schema");
    older.close().await;

    let store = Store::open(&address, Clock::manual(START)).await.unwrap();
    let (anna, attempt) = (LearnerId::from_text("anna"), AttemptId::from_text("try"));
    assert_eq!(store.find_account_by_name("ANNA").await.unwrap().unwrap().learner_id, anna);
    assert_eq!(store.find_visit("token").await.unwrap().unwrap().learner_id, anna);
    assert!(store.find_attempt(&attempt, &anna).await.unwrap().unwrap().is_first);
    assert_eq!(store.list_answers(&attempt).await.unwrap().len(), 1);
    assert_eq!(store.cookie_secret("fresh").await.unwrap(), "kept");
    store.set_reading_position(&anna, "routing", "order").await.unwrap();
    assert_eq!(store.list_chapter_progress(&anna).await.unwrap().len(), 1);
    assert!(store.list_snapshots(&anna).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_file_is_in_write_ahead_mode_and_reopens() {
    let bench = Bench::new().await;
    bench.store.ping().await.unwrap();
    let database = sqlx::SqlitePool::connect(&address(bench.folder.path())).await.unwrap();
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&database).await.unwrap();
    assert_eq!(mode, "wal");
    Store::open(&address(bench.folder.path()), Clock::system()).await.unwrap().ping().await.unwrap();
}

#[tokio::test]
async fn the_first_secret_stays() {
    let bench = Bench::new().await;
    assert_eq!(bench.store.cookie_secret("one").await.unwrap(), "one");
    assert_eq!(bench.store.cookie_secret("two").await.unwrap(), "one");
}

#[tokio::test]
async fn what_cannot_be_opened_says_what_to_mend() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("text.db"), "this is no database, only some text that is long enough").unwrap();
    for (address, expected) in [
        ("postgres://localhost/meshwright".to_owned(), "sqlite:"),
        ("sqlite::memory:".to_owned(), "give a file"),
        (format!("sqlite:{}", folder.path().join("missing/test.db").display()), "unable to open"),
        (format!("sqlite:{}", folder.path().join("text.db").display()), "not a database"),
    ] {
        let Err(error) = Store::open(&address, Clock::system()).await else { panic!("{address} must not open") };
        assert!(error.to_string().contains(expected) && error.to_string().contains(&address), "{error}");
    }
}
