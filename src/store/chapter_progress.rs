//! How far a learner has read.

use sqlx::FromRow;

use super::{LearnerId, Millis, Result, Store};

/// A learner's place in one chapter.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ChapterProgress {
    /// The chapter's slug.
    pub chapter: String,
    /// The anchor of the section last read.
    pub position: Option<String>,
    /// When the chapter was marked as done, if it is.
    pub done_at: Option<Millis>,
    /// When any of this last changed.
    pub updated_at: Millis,
}

impl Store {
    /// Where the learner is in each chapter they have opened, latest first.
    pub async fn list_chapter_progress(&self, learner: &LearnerId) -> Result<Vec<ChapterProgress>> {
        let rows =
            sqlx::query_as("SELECT chapter, position, done_at, updated_at FROM chapter_progress WHERE learner_id = $1 ORDER BY updated_at DESC, chapter")
                .bind(learner)
                .fetch_all(self.connections.read())
                .await?;
        Ok(rows)
    }

    /// Keeps the section the learner is reading.
    pub async fn set_reading_position(&self, learner: &LearnerId, chapter: &str, position: &str) -> Result<()> {
        let mut transaction = self.connections.write().await?;
        sqlx::query(
            "INSERT INTO chapter_progress (learner_id, chapter, position, updated_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (learner_id, chapter) DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at",
        )
        .bind(learner)
        .bind(chapter)
        .bind(position)
        .bind(self.clock.now())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Marks the chapter as done or takes the mark back. A second mark keeps the first date.
    pub async fn set_chapter_done(&self, learner: &LearnerId, chapter: &str, done: bool) -> Result<()> {
        let now = self.clock.now();
        let mut transaction = self.connections.write().await?;
        sqlx::query(
            "INSERT INTO chapter_progress (learner_id, chapter, done_at, updated_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (learner_id, chapter) DO UPDATE SET updated_at = excluded.updated_at,
               done_at = CASE WHEN excluded.done_at IS NULL THEN NULL ELSE COALESCE(chapter_progress.done_at, excluded.done_at) END",
        )
        .bind(learner)
        .bind(chapter)
        .bind(done.then_some(now))
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}
