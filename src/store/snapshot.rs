//! Snapshots: what somebody keeps of the playground under an address that cannot be guessed. None ever changes.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sqlx::FromRow;

use super::{LearnerId, Millis, Result, Store};

/// Bytes of chance in an id.
const CHANCE: usize = 18;
/// What they are as text.
const LENGTH: usize = CHANCE * 4 / 3;

/// The id of a snapshot. Whoever knows it may read, so it is chance alone: 144 bits.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::Type, serde::Serialize)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct SnapshotId(String);

impl SnapshotId {
    fn make() -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; CHANCE]>()))
    }

    /// The id that an address names; none where it can be none.
    pub fn from_text(text: &str) -> Option<Self> {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (text.len() == LENGTH && text.bytes().all(is_letter)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Snapshot {
    /// The snapshot.
    pub id: SnapshotId,
    /// Whose it is.
    pub learner_id: LearnerId,
    /// What its maker's list calls it.
    pub title: String,
    /// What is kept, as the caller wrote it.
    pub content: String,
    /// When it was made.
    pub created_at: Millis,
    /// When it goes.
    pub expires_at: Millis,
}

/// The same without what is kept.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SnapshotEntry {
    /// The snapshot.
    pub id: SnapshotId,
    /// What its maker's list calls it.
    pub title: String,
    /// Bytes of what is kept.
    pub size: i64,
    /// When it was made.
    pub created_at: Millis,
    /// When it goes.
    pub expires_at: Millis,
}

/// What is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSnapshot {
    /// What its maker's list calls it.
    pub title: String,
    /// What is kept.
    pub content: String,
    /// When it goes.
    pub expires_at: Millis,
}

/// How much is kept at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotLimits {
    /// Snapshots of one learner.
    pub of_learner: i64,
    /// Their bytes together.
    pub bytes_of_learner: i64,
    /// Bytes of all snapshots of everybody.
    pub bytes: i64,
}

/// What became of a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptSnapshot {
    /// It is kept.
    Kept(SnapshotId),
    /// The learner has too many.
    TooMany,
    /// The learner's would be too large together.
    TooLarge,
    /// There is no room for anybody's.
    Full,
}

impl Store {
    /// Keeps a snapshot where the limits leave room; what has expired does not count.
    pub async fn insert_snapshot(&self, learner: &LearnerId, new: &NewSnapshot, limits: SnapshotLimits) -> Result<KeptSnapshot> {
        let now = self.clock.now();
        let size = i64::try_from(new.content.len()).unwrap_or(i64::MAX);
        let mut transaction = self.connections.write().await?;
        sqlx::query("DELETE FROM snapshots WHERE expires_at <= $1").bind(now).execute(&mut *transaction).await?;
        let sums = "SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM snapshots WHERE learner_id = $1";
        let (count, own): (i64, i64) = sqlx::query_as(sums).bind(learner).fetch_one(&mut *transaction).await?;
        let all: i64 = sqlx::query_scalar("SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM snapshots").fetch_one(&mut *transaction).await?;
        if count >= limits.of_learner {
            return Ok(KeptSnapshot::TooMany);
        } else if own.saturating_add(size) > limits.bytes_of_learner {
            return Ok(KeptSnapshot::TooLarge);
        } else if all.saturating_add(size) > limits.bytes {
            return Ok(KeptSnapshot::Full);
        }
        let id = SnapshotId::make();
        sqlx::query("INSERT INTO snapshots (id, learner_id, title, size, created_at, expires_at, content) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(&id)
            .bind(learner)
            .bind(&new.title)
            .bind(size)
            .bind(now)
            .bind(new.expires_at)
            .bind(&new.content)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(KeptSnapshot::Kept(id))
    }

    /// The snapshot, unless its time is over.
    pub async fn find_snapshot(&self, id: &SnapshotId) -> Result<Option<Snapshot>> {
        let found = sqlx::query_as("SELECT id, learner_id, title, content, created_at, expires_at FROM snapshots WHERE id = $1 AND expires_at > $2")
            .bind(id)
            .bind(self.clock.now())
            .fetch_optional(self.connections.read())
            .await?;
        Ok(found)
    }

    /// The learner's snapshots, newest first.
    pub async fn list_snapshots(&self, learner: &LearnerId) -> Result<Vec<SnapshotEntry>> {
        let query = "SELECT id, title, size, created_at, expires_at FROM snapshots WHERE learner_id = $1 AND expires_at > $2 ORDER BY created_at DESC, id";
        Ok(sqlx::query_as(query).bind(learner).bind(self.clock.now()).fetch_all(self.connections.read()).await?)
    }

    /// The same with what is kept.
    pub async fn list_whole_snapshots(&self, learner: &LearnerId) -> Result<Vec<Snapshot>> {
        let query = "SELECT id, learner_id, title, content, created_at, expires_at FROM snapshots
                     WHERE learner_id = $1 AND expires_at > $2 ORDER BY created_at DESC, id";
        Ok(sqlx::query_as(query).bind(learner).bind(self.clock.now()).fetch_all(self.connections.read()).await?)
    }

    /// Removes a snapshot, if it is the learner's own; says whether it was.
    pub async fn delete_snapshot(&self, id: &SnapshotId, learner: &LearnerId) -> Result<bool> {
        let mut transaction = self.connections.write().await?;
        let deleted = sqlx::query("DELETE FROM snapshots WHERE id = $1 AND learner_id = $2").bind(id).bind(learner).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(deleted.rows_affected() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::SnapshotId;

    #[test]
    fn an_id_is_chance_and_nothing_else_is_one() {
        let (one, other) = (SnapshotId::make(), SnapshotId::make());
        assert_ne!(one, other);
        assert_eq!(SnapshotId::from_text(&one.to_string()), Some(one));
        for text in ["", "x", "../../../../../../etc/pw", "AAAAAAAAAAAAAAAAAAAAAAA%", "AAAAAAAAAAAAAAAAAAAAAAAAA", "éééééééééééé"] {
            assert_eq!(SnapshotId::from_text(text), None, "{text}");
        }
    }
}
