//! Snapshots of the playground's form: kept for whoever made them, read by whoever has the address.
//!
//! What pages and API share. Knows the fields of the form by their names only.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use super::{
    AppState, Error,
    middleware::{PASTE_LIMIT, session::Session},
};
use crate::store::{KeptSnapshot, NewSnapshot, Snapshot, SnapshotId, SnapshotLimits, millis};

/// The fields of the form with what stands in them; those with nothing are left out.
pub type Fields = BTreeMap<String, String>;

/// So many fields are kept; every namespace of a world has one.
const MOST_FIELDS: usize = 300;
/// Bytes of a field's name.
const LONGEST_NAME: usize = 300;
/// Characters of a title.
const LONGEST_TITLE: usize = 120;
/// So many bytes count as another snapshot against an address: the room is everybody's.
const PORTION: usize = 64 << 10;
/// What is no part of what is there: a button that was pressed, and what was sent before.
const PASSING: [&str; 3] = ["fix", "take", "previous"];

/// What is kept at once.
pub const LIMITS: SnapshotLimits = SnapshotLimits { of_learner: 100, bytes_of_learner: 16 << 20, bytes: 2 << 30 };

/// Keeps the fields for the visitor, who becomes a guest where they are a stranger.
pub async fn keep(state: &AppState, session: &Session, fields: Fields) -> Result<Snapshot, Error> {
    if state.config.snapshot_days == 0 {
        return Err(Error::Forbidden("this server keeps no snapshots; a link can carry everything in itself".into()));
    }
    let fields = checked(fields)?;
    let content = serde_json::to_string(&fields).map_err(anyhow::Error::new)?;
    if content.len() > PASTE_LIMIT {
        return Err(Error::Unprocessable(format!("a snapshot may have up to {} MB; keep less in one", PASTE_LIMIT >> 20)));
    }
    state.limits.snapshots_by_address.charge(&session.neighbourhood(), cost(content.len()))?;
    let learner = session.learner_or_guest().await?;
    state.limits.snapshots_by_learner.check(&learner)?;
    let now = state.store.clock().now();
    let new = NewSnapshot {
        title: title(&fields),
        content,
        expires_at: now.saturating_add(millis(Duration::from_hours(24 * u64::from(state.config.snapshot_days)))),
    };
    let id = match state.store.insert_snapshot(&learner, &new, LIMITS).await? {
        KeptSnapshot::Kept(id) => id,
        KeptSnapshot::TooMany => return Err(Error::Conflict(format!("{} snapshots of yours are kept already; delete one first", LIMITS.of_learner))),
        KeptSnapshot::TooLarge => {
            return Err(Error::Conflict(format!("your snapshots would be larger than {} MB together; delete some first", LIMITS.bytes_of_learner >> 20)));
        }
        KeptSnapshot::Full => {
            tracing::warn!("there is no room for more snapshots");
            return Err(Error::Unavailable("this server has no room for more snapshots; a link can carry everything in itself".into()));
        }
    };
    Ok(Snapshot { id, learner_id: learner, title: new.title, content: new.content, created_at: now, expires_at: new.expires_at })
}

fn cost(bytes: usize) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(u32::try_from(bytes / PORTION).unwrap_or(u32::MAX))
}

/// The snapshot behind what an address says; none where it says nothing, or is of one that is gone.
pub async fn find(state: &AppState, id: &str) -> Result<Option<Snapshot>, Error> {
    let Some(id) = SnapshotId::from_text(id) else { return Ok(None) };
    Ok(state.store.find_snapshot(&id).await?)
}

/// Deletes a snapshot of the visitor's own; says whether it was.
pub async fn delete(state: &AppState, session: &Session, id: &str) -> Result<bool, Error> {
    let (Some(id), Some(learner)) = (SnapshotId::from_text(id), session.learner()) else { return Ok(false) };
    Ok(state.store.delete_snapshot(&id, &learner).await?)
}

/// What is kept in it.
pub fn fields(snapshot: &Snapshot) -> Result<Fields, Error> {
    serde_json::from_str(&snapshot.content).map_err(|error| anyhow::Error::new(error).context("a snapshot is not what was kept").into())
}

fn checked(mut fields: Fields) -> Result<Fields, Error> {
    fields.retain(|name, value| !value.is_empty() && !PASSING.contains(&name.as_str()));
    if fields.len() > MOST_FIELDS {
        return Err(Error::Unprocessable(format!("{} fields are more than the {MOST_FIELDS} that a snapshot has", fields.len())));
    }
    if let Some(long) = fields.keys().find(|name| name.len() > LONGEST_NAME) {
        return Err(Error::Unprocessable(format!("the name of a field is too long: {}…", long.chars().take(40).collect::<String>())));
    }
    Ok(fields)
}

/// The request in one line, or the world where there is none.
fn title(fields: &Fields) -> String {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default().trim();
    let method = if field("method").is_empty() { "GET" } else { field("method") };
    let title = match (field("url"), field("from"), field("world")) {
        ("", _, "") => "configuration without a request".to_owned(),
        ("", _, world) => format!("configuration in {world}"),
        (url, "", _) => format!("{method} {url}"),
        (url, from, _) => format!("{method} {url} from {from}"),
    };
    let title = title.replace(char::is_control, " ");
    if title.chars().count() > LONGEST_TITLE { title.chars().take(LONGEST_TITLE - 1).chain(['…']).collect() } else { title }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_title_is_the_request_in_one_line() {
        assert_eq!(title(&fields(&[("url", " http://a/\n"), ("from", "b.c")])), "GET http://a/ from b.c");
        assert_eq!(title(&fields(&[("method", "PUT"), ("url", "http://a/\u{7}b")])), "PUT http://a/ b");
        assert_eq!(title(&fields(&[("world", "shop")])), "configuration in shop");
        assert_eq!(title(&fields(&[("url", &"é".repeat(500))])).chars().count(), LONGEST_TITLE);
    }

    #[test]
    fn what_says_nothing_is_left_out_and_what_is_too_much_is_refused() {
        assert_eq!(checked(fields(&[("url", "x"), ("from", ""), ("fix", "all")])).unwrap(), fields(&[("url", "x")]));
        assert!(checked((0..=MOST_FIELDS).map(|number| (number.to_string(), "x".into())).collect()).is_err());
        assert!(checked(fields(&[(&"n".repeat(LONGEST_NAME + 1), "x")])).is_err());
    }
}
