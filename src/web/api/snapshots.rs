//! Snapshots of the playground's form.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Problem, body::Body};
use crate::{
    store::Snapshot,
    web::{
        AppState,
        middleware::session::Session,
        moment::rfc3339,
        snapshots::{self, Fields},
        urls,
    },
};

/// What is to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSnapshot {
    /// The fields of the playground's form by name, each as text: `yaml`, `world`, `from`, `method`, `url`, `headers` and all others
    /// of the page; a box that is ticked is `true`. Names that the page does not have are kept and passed over when it is opened.
    #[schema(value_type = Object)]
    fields: Fields,
}

/// A snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SnapshotReport {
    /// Its id, which cannot be guessed.
    id: String,
    /// Where the page opens it.
    url: String,
    /// When it was made.
    created_at: String,
    /// When it goes.
    expires_at: String,
    /// The fields that have something in them.
    #[schema(value_type = Object)]
    fields: Fields,
}

impl SnapshotReport {
    fn of(snapshot: &Snapshot) -> Result<Self, Problem> {
        Ok(Self {
            id: snapshot.id.to_string(),
            url: urls::snapshot(&snapshot.id),
            created_at: rfc3339(snapshot.created_at),
            expires_at: rfc3339(snapshot.expires_at),
            fields: snapshots::fields(snapshot)?,
        })
    }
}

fn no_such() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such snapshot; it may have been deleted, or its time is over")
}

/// Keeps the fields of the playground's form under an address of their own. They never change.
///
/// The cookie of the answer belongs to whoever made it: only with that cookie can it be deleted.
#[utoipa::path(
    post,
    path = "/api/v1/snapshots",
    tag = "playground",
    operation_id = "create_snapshot",
    responses(
        (status = 201, description = "Kept", body = SnapshotReport),
        (status = "4XX", description = "Too large, too many, or too often", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(State(state): State<AppState>, session: Session, Body(new): Body<NewSnapshot>) -> Result<Response, Problem> {
    let snapshot = snapshots::keep(&state, &session, new.fields).await?;
    let report = SnapshotReport::of(&snapshot)?;
    let location = HeaderValue::from_str(&format!("/api/v1/snapshots/{}", report.id)).ok();
    let mut response = (StatusCode::CREATED, Json(report)).into_response();
    response.headers_mut().extend(location.map(|location| (header::LOCATION, location)));
    Ok(response)
}

/// Gives what is kept in a snapshot to whoever knows its id.
#[utoipa::path(
    get,
    path = "/api/v1/snapshots/{id}",
    tag = "playground",
    operation_id = "snapshot",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "What is kept", body = SnapshotReport),
        (status = "4XX", description = "There is none, or none any more", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<SnapshotReport>, Problem> {
    let snapshot = snapshots::find(&state, &id).await?.ok_or_else(no_such)?;
    Ok(Json(SnapshotReport::of(&snapshot)?))
}

/// Deletes a snapshot, with the cookie of whoever made it.
#[utoipa::path(
    delete,
    path = "/api/v1/snapshots/{id}",
    tag = "playground",
    operation_id = "delete_snapshot",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 204, description = "It is gone"),
        (status = "4XX", description = "There is none of yours", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(State(state): State<AppState>, session: Session, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    if snapshots::delete(&state, &session, &id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(no_such()) }
}
