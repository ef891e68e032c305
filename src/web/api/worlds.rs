//! What there is to try things in.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use crate::{
    course::{Course, WorldNote},
    web::simulation::{Question, Setup, Simulator},
};

/// A cluster to try things in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct World {
    /// What `world` calls it.
    name: String,
    /// For people.
    title: String,
    /// Who is there, in a sentence or two.
    about: String,
    /// Who can send a request there, before anything is applied.
    callers: Vec<Caller>,
}

/// Somebody who can send a request.
#[derive(Debug, Serialize, ToSchema)]
struct Caller {
    /// What `from` calls it.
    id: String,
    /// For people.
    label: String,
    /// Whether a sidecar, a gateway or ztunnel carries its requests.
    has_proxy: bool,
}

/// Lists the worlds with their workloads.
#[utoipa::path(
    get,
    path = "/api/v1/worlds",
    tag = "playground",
    operation_id = "worlds",
    responses(
        (status = 200, description = "All of them", body = Vec<World>),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(simulator): State<Arc<Simulator>>, State(course): State<Arc<Course>>) -> Result<Json<Vec<World>>, Problem> {
    let mut worlds = Vec::new();
    for WorldNote { name, title, about, .. } in &course.world_notes {
        let question = Question { setup: Setup { world: name.clone(), ..Setup::default() }, ..Question::default() };
        let Some(reply) = simulator.ask(question).await? else { continue };
        let callers = reply.callers.into_iter().map(|caller| Caller { id: caller.id, label: caller.label, has_proxy: caller.has_proxy }).collect();
        worlds.push(World { name: name.clone(), title: title.clone(), about: about.clone(), callers });
    }
    Ok(Json(worlds))
}

/// A world's objects, to be used with the terminal: `meshwright send -f bookinfo.yaml -f mine.yaml …`.
#[utoipa::path(
    get,
    path = "/api/v1/worlds/{file}",
    tag = "playground",
    operation_id = "world",
    params(("file" = String, Path, description = "Its name and `.yaml`")),
    responses(
        (status = 200, description = "YAML", body = String, content_type = "application/yaml"),
        (status = "4XX", description = "No such world", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(State(simulator): State<Arc<Simulator>>, Path(file): Path<String>) -> Result<Response, Problem> {
    let name = file.strip_suffix(".yaml").unwrap_or(&file);
    let text = simulator.world_text(name).ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, Problem::no_world(name, simulator.worlds())))?;
    Ok(([(header::CONTENT_TYPE, "application/yaml")], text.to_owned()).into_response())
}
