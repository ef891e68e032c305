//! Snapshots of the form: kept, opened, listed for their maker, deleted.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    body::Sent,
    fields,
    page::{self, Opened},
};
use crate::{
    store::{Snapshot, SnapshotEntry},
    web::{
        AppState, Error,
        middleware::session::Session,
        moment::in_words,
        page::{Chrome, Section, Visitor, render},
        snapshots, urls,
    },
};

/// What the page says of the snapshot that is open, or of one that was not kept.
pub(super) struct SnapshotNote {
    pub text: String,
    pub is_bad: bool,
    /// Whether the visitor made it.
    pub is_own: bool,
}

impl SnapshotNote {
    fn of(snapshot: &Snapshot, is_own: bool) -> Self {
        let text =
            format!("A snapshot of {}, kept until {}. Whoever has its address can open it.", in_words(snapshot.created_at), in_words(snapshot.expires_at));
        Self { text, is_bad: false, is_own }
    }
}

/// Keeps the form as it is and leads to its address.
pub(super) async fn create(State(state): State<AppState>, session: Session, visitor: Visitor, Sent(form): Sent) -> Result<Response, Error> {
    let form = form.normalized();
    match snapshots::keep(&state, &session, fields::of_form(&form)?).await {
        Ok(snapshot) => Ok(Redirect::to(&urls::snapshot(&snapshot.id)).into_response()),
        Err(error @ Error::Internal(_)) => Err(error),
        // Nothing typed is lost: the page comes back with the reason.
        Err(error) => {
            let reason = error.public_message().unwrap_or("too many at once; wait a moment");
            let note = SnapshotNote { text: format!("Nothing was kept: {reason}."), is_bad: true, is_own: false };
            let retry = error.retry_after().map(|seconds| [(header::RETRY_AFTER, seconds.to_string())]);
            Ok((error.status(), retry, page::respond(&state, visitor, Opened { note: Some(note), ..Opened::asked_for(form) }).await?).into_response())
        }
    }
}

/// The playground as it was kept.
pub(super) async fn show(State(state): State<AppState>, session: Session, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Error> {
    let Some(snapshot) = snapshots::find(&state, &id).await? else { return gone(visitor) };
    let is_own = session.learner().as_ref() == Some(&snapshot.learner_id);
    let form = fields::form(snapshots::fields(&snapshot)?)?;
    let note = SnapshotNote::of(&snapshot, is_own);
    let mut response = page::respond(&state, visitor, Opened { note: Some(note), ..Opened::asked_for(form) }).await?;
    hide(&mut response);
    Ok(response)
}

/// An address that is a secret goes into no index and to no other site.
fn hide(response: &mut Response) {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
}

#[derive(Template)]
#[template(path = "playground/gone.html")]
struct GonePage {
    chrome: Chrome,
}

fn gone(visitor: Visitor) -> Result<Response, Error> {
    let mut response = render(&GonePage { chrome: Chrome::new("No such snapshot", Section::Playground, visitor) })?;
    *response.status_mut() = StatusCode::NOT_FOUND;
    hide(&mut response);
    Ok(response)
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    done: String,
}

#[derive(Template)]
#[template(path = "playground/snapshots.html")]
struct SnapshotsPage {
    chrome: Chrome,
    is_deleted: bool,
    days: u32,
    entries: Vec<EntryView>,
}

struct EntryView {
    title: String,
    url: String,
    delete_url: String,
    created: String,
    expires: String,
    size: String,
}

impl EntryView {
    fn of(entry: SnapshotEntry) -> Self {
        Self {
            url: urls::snapshot(&entry.id),
            delete_url: urls::snapshot_delete(&entry.id),
            title: entry.title,
            created: in_words(entry.created_at),
            expires: in_words(entry.expires_at),
            size: if entry.size < 1024 { format!("{} bytes", entry.size) } else { format!("{} KB", entry.size / 1024) },
        }
    }
}

/// Those of the visitor.
pub(super) async fn list(State(state): State<AppState>, session: Session, Query(query): Query<Done>) -> Result<Response, Error> {
    let entries = match session.learner() {
        Some(learner) => state.store.list_snapshots(&learner).await?,
        None => Vec::new(),
    };
    let chrome = Chrome::new("Your snapshots", Section::Playground, Visitor::from(&session));
    let page = SnapshotsPage {
        chrome,
        is_deleted: query.done == "deleted",
        days: state.config.snapshot_days,
        entries: entries.into_iter().map(EntryView::of).collect(),
    };
    let mut response = render(&page)?;
    hide(&mut response);
    Ok(response)
}

/// Removes one of the visitor's own.
pub(super) async fn delete(State(state): State<AppState>, session: Session, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Error> {
    if !snapshots::delete(&state, &session, &id).await? {
        return gone(visitor);
    }
    Ok(Redirect::to(&format!("{}?done=deleted", urls::SNAPSHOTS)).into_response())
}
