//! Accounts: the name and the password by which a learner comes back on another machine.
//!
//! The store keeps what it is given: whether a password is right, long enough or hashed well is the caller's matter.

use sqlx::FromRow;

use super::{LearnerId, Millis, Result, Store};

/// A learner's account.
#[derive(Clone, PartialEq, Eq, FromRow)]
pub struct Account {
    /// The owner.
    pub learner_id: LearnerId,
    /// The name or e-mail address as it was typed.
    pub name: String,
    /// The password's hash in PHC format.
    pub password_hash: String,
    /// When the learner signed up.
    pub created_at: Millis,
    /// When the password was last set.
    pub password_changed_at: Millis,
}

impl Account {
    /// The form in which names are compared: no case, no outer blanks, inner runs of blanks as one.
    pub fn key(name: &str) -> String {
        name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
    }
}

// A hash in a log line is a hash in the wrong place.
impl std::fmt::Debug for Account {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Account").field("learner_id", &self.learner_id).field("name", &self.name).finish_non_exhaustive()
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT learner_id, name, password_hash, created_at, password_changed_at FROM accounts ", $rest)
    };
}

impl Store {
    /// Turns a guest into the owner of an account. [`super::Error::Conflict`] if the name is taken or the learner has an account.
    pub async fn insert_account(&self, learner: &LearnerId, name: &str, password_hash: &str) -> Result<()> {
        let mut transaction = self.connections.write().await?;
        sqlx::query("INSERT INTO accounts (learner_id, name, name_key, password_hash, created_at, password_changed_at) VALUES ($1, $2, $3, $4, $5, $5)")
            .bind(learner)
            .bind(name.trim())
            .bind(Account::key(name))
            .bind(password_hash)
            .bind(self.clock.now())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The account with this name, however it is written.
    pub async fn find_account_by_name(&self, name: &str) -> Result<Option<Account>> {
        Ok(sqlx::query_as(select!("WHERE name_key = $1")).bind(Account::key(name)).fetch_optional(self.connections.read()).await?)
    }

    /// The learner's account; `None` for a guest.
    pub async fn find_account(&self, learner: &LearnerId) -> Result<Option<Account>> {
        Ok(sqlx::query_as(select!("WHERE learner_id = $1")).bind(learner).fetch_optional(self.connections.read()).await?)
    }

    /// Sets a new password and ends every session of the learner in the same transaction: whoever knew the old one is out.
    pub async fn update_password(&self, learner: &LearnerId, password_hash: &str) -> Result<()> {
        let mut transaction = self.connections.write().await?;
        sqlx::query("UPDATE accounts SET password_hash = $2, password_changed_at = $3 WHERE learner_id = $1")
            .bind(learner)
            .bind(password_hash)
            .bind(self.clock.now())
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM sessions WHERE learner_id = $1").bind(learner).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }
}
