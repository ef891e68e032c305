//! Sessions: what ties a browser to a learner. Only the SHA-256 of a token is kept, so a copy of the database opens no session.

use std::time::Duration;

use sqlx::FromRow;

use super::{LearnerId, Millis, Result, Store, millis};

/// How long a guest without a session is left alone.
const SPARED: Duration = Duration::from_hours(24);

/// A session as its owner may see it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Session {
    /// When it began.
    pub created_at: Millis,
    /// When it ends unless renewed.
    pub expires_at: Millis,
}

/// Who stands behind a session's token.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Visit {
    /// The learner.
    pub learner_id: LearnerId,
    /// The name of the account; `None` for a guest.
    pub account_name: Option<String>,
    /// When the session ends unless renewed.
    pub expires_at: Millis,
}

impl Store {
    /// Begins a session for the learner.
    pub async fn insert_session(&self, token_hash: &str, learner: &LearnerId, expires_at: Millis) -> Result<()> {
        let mut transaction = self.connections.write().await?;
        sqlx::query("INSERT INTO sessions (token_hash, learner_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
            .bind(token_hash)
            .bind(learner)
            .bind(self.clock.now())
            .bind(expires_at)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Who the token belongs to, unless its session has ended.
    pub async fn find_visit(&self, token_hash: &str) -> Result<Option<Visit>> {
        let visit = sqlx::query_as(
            "SELECT sessions.learner_id, accounts.name AS account_name, sessions.expires_at
             FROM sessions LEFT JOIN accounts ON accounts.learner_id = sessions.learner_id
             WHERE sessions.token_hash = $1 AND sessions.expires_at > $2",
        )
        .bind(token_hash)
        .bind(self.clock.now())
        .fetch_optional(self.connections.read())
        .await?;
        Ok(visit)
    }

    /// The learner's sessions that are still good, newest first.
    pub async fn list_sessions(&self, learner: &LearnerId) -> Result<Vec<Session>> {
        let sessions = sqlx::query_as("SELECT created_at, expires_at FROM sessions WHERE learner_id = $1 AND expires_at > $2 ORDER BY created_at DESC")
            .bind(learner)
            .bind(self.clock.now())
            .fetch_all(self.connections.read())
            .await?;
        Ok(sessions)
    }

    /// Lets a session last until `expires_at`.
    pub async fn renew_session(&self, token_hash: &str, expires_at: Millis) -> Result<()> {
        let mut transaction = self.connections.write().await?;
        sqlx::query("UPDATE sessions SET expires_at = $2 WHERE token_hash = $1").bind(token_hash).bind(expires_at).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Ends one session.
    pub async fn delete_session(&self, token_hash: &str) -> Result<()> {
        let mut transaction = self.connections.write().await?;
        sqlx::query("DELETE FROM sessions WHERE token_hash = $1").bind(token_hash).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Ends every session of the learner.
    pub async fn delete_sessions(&self, learner: &LearnerId) -> Result<()> {
        let mut transaction = self.connections.write().await?;
        sqlx::query("DELETE FROM sessions WHERE learner_id = $1").bind(learner).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes sessions and snapshots whose time is over, and guests whom no session can reach any more. A new guest is spared: its session may
    /// be about to begin.
    pub async fn delete_expired(&self) -> Result<()> {
        let now = self.clock.now();
        let mut transaction = self.connections.write().await?;
        sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(now).execute(&mut *transaction).await?;
        sqlx::query("DELETE FROM snapshots WHERE expires_at <= $1").bind(now).execute(&mut *transaction).await?;
        sqlx::query(
            "DELETE FROM learners WHERE created_at < $1 AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.learner_id = learners.id)
               AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.learner_id = learners.id)",
        )
        .bind(now.saturating_sub(millis(SPARED)))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}
