//! What can go wrong between the portal and its database.

/// An error of the store. Absence is not one: lookups answer `None`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else has it already: a unique name, a key.
    #[error("the record exists already")]
    Conflict,
    /// The database does not answer now; the same call may succeed later.
    #[error("the database is not available")]
    Unavailable(#[source] Option<sqlx::Error>),
    /// The database could not be opened or brought to the current schema.
    #[error("cannot open the database {url}: {reason}")]
    Open {
        /// The address as given.
        url: String,
        /// What the operator can act on.
        reason: String,
    },
    /// The database refused a statement or returned what the code cannot read: a fault of ours.
    #[error("the database refused a statement")]
    Database(#[source] sqlx::Error),
}

/// The result of a call to the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(cause) if cause.is_unique_violation() => Self::Conflict,
            sqlx::Error::Database(cause) if is_passing(cause.code().as_deref()) => Self::Unavailable(Some(error)),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::Io(_) => Self::Unavailable(Some(error)),
            _ => Self::Database(error),
        }
    }
}

/// Whether SQLite's result code speaks of a state that passes: busy (5), locked (6), read-only (8), I/O (10), full (13).
/// Extended codes carry the primary one in their low byte: <https://sqlite.org/rescode.html>.
fn is_passing(code: Option<&str>) -> bool {
    let primary = code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff);
    matches!(primary, Some(5 | 6 | 8 | 10 | 13))
}

#[cfg(test)]
mod tests {
    use super::is_passing;

    #[test]
    fn extended_codes_are_read_by_their_primary_part() {
        assert!(is_passing(Some("5")), "SQLITE_BUSY");
        assert!(is_passing(Some("261")), "SQLITE_BUSY_RECOVERY");
        assert!(!is_passing(Some("1")), "SQLITE_ERROR");
        assert!(!is_passing(None));
    }
}
