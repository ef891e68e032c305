//! Learners: whoever has clicked something worth keeping, with an account or without (a guest).

use sqlx::{FromRow, Sqlite, Transaction};

use super::{LearnerId, Millis, Result, Store};

/// Somebody whose progress is kept.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Learner {
    /// The learner.
    pub id: LearnerId,
    /// When the first click was kept.
    pub created_at: Millis,
}

impl Store {
    /// Makes a guest.
    pub async fn insert_guest(&self) -> Result<LearnerId> {
        let now = self.clock.now();
        let id = LearnerId::make(now);
        let mut transaction = self.connections.write().await?;
        sqlx::query("INSERT INTO learners (id, created_at) VALUES ($1, $2)").bind(&id).bind(now).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// The learner with this id.
    pub async fn find_learner(&self, id: &LearnerId) -> Result<Option<Learner>> {
        Ok(sqlx::query_as("SELECT id, created_at FROM learners WHERE id = $1").bind(id).fetch_optional(self.connections.read()).await?)
    }

    /// Removes the learner and everything that belongs to them; says whether there was one.
    pub async fn delete_learner(&self, id: &LearnerId) -> Result<bool> {
        let mut transaction = self.connections.write().await?;
        let deleted = sqlx::query("DELETE FROM learners WHERE id = $1").bind(id).execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        Ok(deleted > 0)
    }

    /// Gives everything the guest has done to the owner of an account and removes the guest. Nothing is dropped: of two
    /// attempts at a chapter both stay, and the earlier one is the first; a chapter is done if either had done it.
    /// A `guest` that has an account is left alone, and `false` says so.
    pub async fn merge_guest(&self, guest: &LearnerId, owner: &LearnerId) -> Result<bool> {
        let mut transaction = self.connections.write().await?;
        let has_account =
            sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM accounts WHERE learner_id = $1").bind(guest).fetch_one(&mut *transaction).await? > 0;
        if has_account || guest == owner {
            return Ok(false);
        }
        for statement in [
            "UPDATE attempts SET learner_id = $2 WHERE learner_id = $1",
            "UPDATE snapshots SET learner_id = $2 WHERE learner_id = $1",
            // The position of whichever side read last; done since whoever was done first.
            "INSERT INTO chapter_progress (learner_id, chapter, position, done_at, updated_at)
             SELECT $2, chapter, position, done_at, updated_at FROM chapter_progress WHERE learner_id = $1
             ON CONFLICT (learner_id, chapter) DO UPDATE SET
               position = CASE WHEN excluded.updated_at > chapter_progress.updated_at THEN excluded.position ELSE chapter_progress.position END,
               done_at = CASE WHEN chapter_progress.done_at IS NULL OR excluded.done_at < chapter_progress.done_at
                              THEN excluded.done_at ELSE chapter_progress.done_at END,
               updated_at = CASE WHEN excluded.updated_at > chapter_progress.updated_at THEN excluded.updated_at ELSE chapter_progress.updated_at END",
            "DELETE FROM learners WHERE id = $1",
        ] {
            sqlx::query(statement).bind(guest).bind(owner).execute(&mut *transaction).await?;
        }
        mark_first_attempts(&mut transaction, owner).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Decides anew which attempt at each chapter was the learner's first: the one started earliest.
async fn mark_first_attempts(transaction: &mut Transaction<'static, Sqlite>, learner: &LearnerId) -> Result<()> {
    sqlx::query(
        "UPDATE attempts SET is_first = NOT EXISTS (
             SELECT 1 FROM attempts AS other
             WHERE other.learner_id = attempts.learner_id AND other.chapter = attempts.chapter
               AND (other.started_at < attempts.started_at OR (other.started_at = attempts.started_at AND other.id < attempts.id)))
         WHERE learner_id = $1",
    )
    .bind(learner)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
