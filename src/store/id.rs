//! Ids made by the application, so that no database has to count: 48 bits of time and 80 of chance in 26 letters (a ULID).
//! They sort by the time of their making and cannot be guessed.

use std::fmt;

use super::clock::Millis;

/// Crockford's base 32: no letter that is mistaken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 26;

fn ulid(at: Millis, chance: u128) -> String {
    let time = u128::from(at.unsigned_abs()) & ((1 << 48) - 1);
    let bits = (time << 80) | (chance & ((1 << 80) - 1));
    (0..LENGTH).rev().map(|place| char::from(ALPHABET[usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0)])).collect()
}

macro_rules! id {
    ($name:ident, $what:literal) => {
        #[doc = concat!("The id of ", $what, ".")]
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type, serde::Serialize, serde::Deserialize)]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new id, made at `at`.
            pub(super) fn make(at: Millis) -> Self {
                Self(ulid(at, rand::random()))
            }

            /// The id in a URL or form; whether it exists is for the store to say.
            pub fn from_text(text: &str) -> Self {
                Self(text.to_owned())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

id!(LearnerId, "a learner, guest or not");
id!(AttemptId, "one go at a quiz");

#[cfg(test)]
mod tests {
    use super::ulid;

    #[test]
    fn ids_sort_by_time_and_have_one_length() {
        let early = ulid(1_700_000_000_000, u128::MAX);
        let late = ulid(1_700_000_000_001, 0);
        assert!(early < late, "{early} {late}");
        assert_eq!(early.len(), 26);
        assert_eq!(ulid(0, 0), "0".repeat(26));
    }
}
