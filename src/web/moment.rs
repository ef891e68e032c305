//! Points in time as pages and files show them: always UTC, since the server does not know where its visitors are.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::store::Millis;

fn date(at: Millis) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// For machines: `2026-01-31T09:30:00Z`.
pub(super) fn rfc3339(at: Millis) -> String {
    date(at).format(&Rfc3339).unwrap_or_default()
}

/// For people: `31 January 2026, 09:30 UTC`.
pub(super) fn in_words(at: Millis) -> String {
    let date = date(at);
    format!("{} {} {}, {:02}:{:02} UTC", date.day(), date.month(), date.year(), date.hour(), date.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_name_the_same_moment() {
        let at = 1_769_851_800_000;
        assert_eq!(rfc3339(at), "2026-01-31T09:30:00Z");
        assert_eq!(in_words(at), "31 January 2026, 09:30 UTC");
        assert_eq!(rfc3339(Millis::MAX), "1970-01-01T00:00:00Z");
    }
}
