//! Judging configuration.

use std::{collections::HashSet, sync::Arc};

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Problem, body::Body, switches::WorldSwitches};
use crate::web::simulation::{Check, CheckReport, Simulator};

/// So many files are taken at once.
const MOST_FILES: usize = 200;

/// Configuration to judge: `text`, or `files`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckQuestion {
    /// One text, YAML or JSON, any number of documents.
    text: Option<String>,
    /// Several texts, judged as one cluster.
    files: Option<Vec<File>>,
    /// The world that the cluster consists of besides; where it is absent, of nothing.
    world: Option<String>,
    /// What is switched in the world.
    #[serde(default)]
    switches: WorldSwitches,
    /// Whether our own hints (`MW` codes) are told as well; they are where it is absent.
    hints: Option<bool>,
}

/// A text under a name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct File {
    /// The name that findings call it by; no two are the same.
    name: String,
    /// YAML or JSON, any number of documents.
    text: String,
}

/// Says what `kubectl apply` and `istioctl analyze` would: the schema of each kind, istiod's webhook, then the cluster as a whole;
/// and our own hints. Every finding with its place, the reason, and a cure where one is certain.
///
/// Faults are findings, not an error status. Verdicts do not depend on the cluster; findings of the stages `analyze` and `hint` do.
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
    let mut names = HashSet::new();
    if let Some((name, _)) = files.iter().find(|(name, _)| !names.insert(name.as_str())) {
        return Err(Problem::of_field("files", format!("two files are called {name:?}; findings could not tell them apart")));
    }
    let world = question.world.clone().unwrap_or_default();
    let switches = question.switches.read()?;
    let check = Check { world: question.world, switches, files, hints: question.hints.unwrap_or(true) };
    let report = simulator.check(check).await?.ok_or_else(|| Problem::unknown_world(&world, simulator.worlds()))?;
    Ok(Json(report?))
}
