//! What the portal remembers, and every line of SQL that does so: one file per entity.
//!
//! [`Store`] is the boundary. Callers see plain records and [`Error`]; no pool, row or statement leaves this folder.
//! The statements keep to what SQLite and PostgreSQL share (`$n` placeholders, ids and times made by the application,
//! JSON as text), so that a second database is a second set of connections and not a second set of queries.
//! The store knows nothing of cookies, passwords in the clear, pages or the course.

mod account;
mod answer;
mod attempt;
mod chapter_progress;
mod clock;
mod connection;
mod error;
mod id;
mod learner;
mod meta;
mod session;
mod snapshot;

pub use account::Account;
pub use answer::{Answer, GivenAnswer, NewAnswer, Recorded};
pub use attempt::{Attempt, QuestionList};
pub use chapter_progress::ChapterProgress;
pub use clock::{Clock, Millis, millis};
pub use connection::MIGRATIONS;
pub use error::{Error, Result};
pub use id::{AttemptId, LearnerId};
pub use learner::Learner;
pub use session::{Session, Visit};
pub use snapshot::{KeptSnapshot, NewSnapshot, Snapshot, SnapshotEntry, SnapshotId, SnapshotLimits};

use answer::GroupCommit;
use connection::Connections;

/// The portal's memory. Clones share the connections.
#[derive(Clone)]
pub struct Store {
    connections: Connections,
    answers: GroupCommit,
    clock: Clock,
}

impl Store {
    /// Opens the database at `url`, for example `sqlite:data/meshwright.db`: creates it if missing and migrates it forward.
    /// Must be called within a tokio runtime.
    pub async fn open(url: &str, clock: Clock) -> Result<Self> {
        let connections = Connections::open(url).await?;
        Ok(Self { answers: GroupCommit::start(connections.clone()), connections, clock })
    }

    /// The clock that dates every record.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1 FROM meta LIMIT 1").fetch_optional(self.connections.read()).await?;
        Ok(())
    }

    /// Writes out what is still queued and closes the database. Later calls fail as unavailable.
    pub async fn close(&self) {
        self.answers.stop().await;
        self.connections.close().await;
    }
}
