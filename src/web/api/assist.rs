//! Help while somebody writes: what may stand at a place, and what stands there means.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Problem, body::Body};
use crate::web::simulation::{AssistQuestion, CompletionReport, FormatReport, HoverReport, Simulator};

/// A place in a configuration.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceQuestion {
    /// YAML or JSON, any number of documents; it may be broken at the place. Above 1 MiB there is no help.
    text: String,
    /// The world it is applied to, whose names are offered; `bookinfo` where it is absent.
    world: Option<String>,
    /// From 1.
    line: usize,
    /// From 1, in characters: the place before the character of that number.
    column: usize,
}

impl PlaceQuestion {
    fn asked(self) -> AssistQuestion {
        AssistQuestion { world: self.world.unwrap_or_default(), text: self.text, line: self.line, column: self.column }
    }
}

/// A configuration.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FormatQuestion {
    /// YAML, any number of documents.
    text: String,
}

/// What a place means, if anything.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoverAnswer {
    /// Null where there is nothing to say.
    hover: Option<HoverReport>,
}

/// Says what may stand at a place: fields that are not there yet, values that may be chosen, names of the cluster.
#[utoipa::path(
    post,
    path = "/api/v1/complete",
    tag = "playground",
    operation_id = "complete",
    responses(
        (status = 200, description = "What may stand there, if anything", body = CompletionReport),
        (status = "4XX", description = "No question", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn complete(State(simulator): State<Arc<Simulator>>, Body(question): Body<PlaceQuestion>) -> Result<Json<CompletionReport>, Problem> {
    let question = question.asked();
    let world = question.world.clone();
    let report = simulator.complete(question).await?.ok_or_else(|| Problem::unknown_world(&world, simulator.worlds()))?;
    Ok(Json(report))
}

/// Says what stands at a place means: the field's type, what it is for, its values, and what a name stands for in the cluster.
#[utoipa::path(
    post,
    path = "/api/v1/hover",
    tag = "playground",
    operation_id = "hover",
    responses(
        (status = 200, description = "What it means, if anything", body = HoverAnswer),
        (status = "4XX", description = "No question", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn hover(State(simulator): State<Arc<Simulator>>, Body(question): Body<PlaceQuestion>) -> Result<Json<HoverAnswer>, Problem> {
    let question = question.asked();
    let world = question.world.clone();
    let hover = simulator.hover(question).await?.ok_or_else(|| Problem::unknown_world(&world, simulator.worlds()))?;
    Ok(Json(HoverAnswer { hover }))
}

/// Gives a configuration one look: two blanks a level, lists at the column of their key, double quotes. Comments and meaning stay.
#[utoipa::path(
    post,
    path = "/api/v1/format",
    tag = "playground",
    operation_id = "format",
    responses(
        (status = 200, description = "Formatted, as far as it can be read", body = FormatReport),
        (status = "4XX", description = "No question", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn format(State(simulator): State<Arc<Simulator>>, Body(question): Body<FormatQuestion>) -> Result<Json<FormatReport>, Problem> {
    Ok(Json(simulator.format(question.text).await?))
}
