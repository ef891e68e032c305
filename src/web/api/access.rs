//! Who may call whom.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Problem, body::Body, switches::WorldSwitches};
use crate::{
    engine::mesh::RequestError,
    web::simulation::{AccessQuestion, AccessReport, Setup, Simulator},
};

/// Configuration to apply to a world, and the method and path that everybody calls.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessBody {
    /// YAML or JSON, any number of documents. What is refused is not applied.
    #[serde(default)]
    text: String,
    /// The world it is applied to, `bookinfo` where it is absent.
    world: Option<String>,
    /// What is switched in the world.
    #[serde(default)]
    switches: WorldSwitches,
    /// `GET` where it is absent.
    #[serde(default)]
    method: String,
    /// `/` where it is absent.
    #[serde(default)]
    path: String,
}

/// Lets every workload call every Service, and says which of them may: how the connection is secured, what comes out, and which
/// policy decided.
#[utoipa::path(
    post,
    path = "/api/v1/access",
    tag = "playground",
    operation_id = "access",
    responses(
        (status = 200, description = "Callers and Services", body = AccessReport),
        (status = "4XX", description = "The request cannot be sent", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(State(simulator): State<Arc<Simulator>>, Body(body): Body<AccessBody>) -> Result<Json<AccessReport>, Problem> {
    let world = body.world.unwrap_or_default();
    let setup = Setup { world: world.clone(), switches: body.switches.read()?, text: body.text };
    let report = simulator.access(setup, AccessQuestion { method: body.method, path: body.path }).await?;
    let report = report.ok_or_else(|| Problem::unknown_world(&world, simulator.worlds()))??;
    Ok(Json(report.map_err(|error| match error {
        RequestError::BadUrl { .. } => Problem::of_field("path", error.to_string()),
        other => other.into(),
    })?))
}
