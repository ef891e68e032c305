//! Hashing and checking passwords: argon2id, never on a thread that serves requests, never many at once.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::web::Error;

/// Each hash takes 19 MiB and a core for some 20 ms.
const AT_ONCE: usize = 2;

/// The hash of a password that nobody knows, with today's parameters: checking against it takes as long as against a real one.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bWVzaHdyaWdodC1kZWNveQ$wX7n6c3mB7q1bZr0gk4o5mVQ0u0yqQm3m2m0hM3d1bA";

/// Hashes and checks passwords.
pub struct Passwords {
    permits: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Passwords {
    /// The hash to keep, in PHC format.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        self.run(move || {
            let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|error| anyhow!("a password cannot be hashed: {error}"))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password is the one of `hash`. Without a hash the answer is no, after the same time.
    pub async fn is_right(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        self.run(move || {
            let kept = hash.as_deref().unwrap_or(DECOY);
            let kept = PasswordHash::new(kept).map_err(|error| anyhow!("a kept password hash cannot be read: {error}"))?;
            let matches = Argon2::default().verify_password(password.as_bytes(), &kept).is_ok();
            Ok(matches && hash.is_some())
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> anyhow::Result<T> + Send + 'static) -> Result<T, Error> {
        let permit = self.permits.clone().acquire_owned().await.context("the semaphore of the password hasher is closed")?;
        let result = tokio::task::spawn_blocking(move || {
            let result = work();
            // Held until the memory is free again, also when the request has gone away meanwhile.
            drop(permit);
            result
        });
        Ok(result.await.context("hashing a password panicked")??)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(passwords.is_right("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.is_right("Correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.is_right("correct horse".into(), None).await.unwrap());
        assert_ne!(hash, passwords.hash("correct horse".into()).await.unwrap(), "every hash has a salt of its own");
    }

    #[tokio::test]
    async fn the_decoy_costs_what_a_real_hash_costs() {
        let real = Passwords::default().hash("any".into()).await.unwrap();
        let (real, decoy) = (PasswordHash::new(&real).unwrap(), PasswordHash::new(DECOY).unwrap());
        assert_eq!((real.algorithm, real.version, real.params.to_string()), (decoy.algorithm, decoy.version, decoy.params.to_string()));
        assert_eq!(real.hash.map(|hash| hash.len()), decoy.hash.map(|hash| hash.len()));
    }
}
