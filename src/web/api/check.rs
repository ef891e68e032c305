//! Judging configuration.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Problem, body::Body};
use crate::web::simulation::{CheckReport, Simulator};

/// So many files are taken at once.
const MOST_FILES: usize = 200;

/// Configuration to judge: `text`, or `files`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckQuestion {
    /// One text, YAML or JSON, any number of documents.
    text: Option<String>,
    /// Several texts, each judged by itself.
    files: Option<Vec<File>>,
}

/// A text under a name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct File {
    /// The name that findings call it by.
    name: String,
    /// YAML or JSON, any number of documents.
    text: String,
}

/// Says what `kubectl apply` would: the schema of each kind, then istiod's webhook, every fault with its place.
///
/// Faults are findings, not an error status. Verdicts do not depend on the cluster.
#[utoipa::path(
    post,
    path = "/api/v1/check",
    tag = "playground",
    operation_id = "check",
    responses(
        (status = 200, description = "Judged; faulty configuration too", body = CheckReport),
        (status = "4XX", description = "No question", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(State(simulator): State<Arc<Simulator>>, Body(question): Body<CheckQuestion>) -> Result<Json<CheckReport>, Problem> {
    let files = match (question.text, question.files) {
        (Some(text), None) => vec![("input.yaml".to_owned(), text)],
        (None, Some(files)) if files.len() > MOST_FILES => {
            return Err(Problem::of_field("files", format!("{} files are more than the {MOST_FILES} that are taken at once", files.len())));
        }
        (None, Some(files)) => files.into_iter().map(|file| (file.name, file.text)).collect(),
        _ => return Err(Problem::of_field("text", "send either `text` or `files`")),
    };
    Ok(Json(simulator.check(files).await?))
}
