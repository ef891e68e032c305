//! Facts about the installation itself, by name. Today: the secret that signs cookies.

use super::{Result, Store};

const COOKIE_SECRET: &str = "cookie_secret";

impl Store {
    /// The installation's secret for signing cookies. The first caller's `fresh` is kept and every later call gets that
    /// one, so that cookies outlive a restart and replicas on one database agree.
    pub async fn cookie_secret(&self, fresh: &str) -> Result<String> {
        let mut transaction = self.connections.write().await?;
        sqlx::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
            .bind(COOKIE_SECRET)
            .bind(fresh)
            .execute(&mut *transaction)
            .await?;
        let secret = sqlx::query_scalar("SELECT value FROM meta WHERE key = $1").bind(COOKIE_SECRET).fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(secret)
    }
}
