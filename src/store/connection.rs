//! Opening the database: one connection that writes, several that read, and the schema brought up to date.

use std::str::FromStr;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::error::{Error, Result};

/// Every step from an empty file to the current schema. Only appended to: what was released is never edited.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

const BUSY: Duration = Duration::from_secs(5);
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(10);
const READERS: u32 = 4;

/// The connections to one database.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Connections {
    /// Opens the database at `url` (`sqlite:path`), creating the file if missing, and migrates it forward.
    pub(super) async fn open(url: &str) -> Result<Self> {
        let failed = |reason: String| Error::Open { url: url.to_owned(), reason };
        if !url.starts_with("sqlite:") {
            return Err(failed("this version keeps its data in SQLite; give an address such as sqlite:meshwright.db".to_owned()));
        }
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err(failed("a database in memory cannot be shared between connections; give a file".to_owned()));
        }
        let options = SqliteConnectOptions::from_str(url).map_err(|error| failed(error.to_string()))?;
        let options = options.foreign_keys(true).busy_timeout(BUSY);

        // FULL, not NORMAL: in WAL mode NORMAL may forget the last commits when power fails, and an answer that the
        // page has acknowledged must survive that. Group commit makes many answers share the flush FULL costs.
        let writing = options.clone().create_if_missing(true).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(WAIT_FOR_CONNECTION);
        let writer = pool.connect_with(writing).await.map_err(|error| failed(plain(&error)))?;
        MIGRATIONS.run(&writer).await.map_err(|error| failed(error.to_string()))?;

        let pool = SqlitePoolOptions::new().max_connections(READERS).acquire_timeout(WAIT_FOR_CONNECTION);
        let readers = pool.connect_with(options.read_only(true)).await.map_err(|error| failed(plain(&error)))?;
        Ok(Self { writer, readers })
    }

    /// Connections for statements that only read.
    pub(super) fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// A transaction that may write. It takes SQLite's write lock at its start: a transaction that first reads and takes
    /// the lock later can fail in the middle with SQLITE_BUSY, whatever the busy timeout.
    pub(super) async fn write(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// SQLite's own words without sqlx's wrapping, which repeats itself.
fn plain(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(cause) => cause.message().to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_sqlite_is_asked_for_holds_on_the_connections() {
        let folder = tempfile::tempdir().unwrap();
        let connections = Connections::open(&format!("sqlite:{}", folder.path().join("test.db").display())).await.unwrap();
        let value = async |pool: &SqlitePool, pragma: &'static str| sqlx::query_scalar::<_, i64>(pragma).fetch_one(pool).await.unwrap();
        for pool in [&connections.writer, &connections.readers] {
            assert_eq!(value(pool, "PRAGMA foreign_keys").await, 1);
            assert_eq!(value(pool, "PRAGMA busy_timeout").await, 5000);
        }
        assert_eq!(value(&connections.writer, "PRAGMA synchronous").await, 2, "2 is FULL");
        assert!(sqlx::query("DELETE FROM meta").execute(&connections.readers).await.is_err(), "readers must not write");
    }
}
