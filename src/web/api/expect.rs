//! Requests with what is expected of each.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Problem, body::Body, request::CaseQuestion, switches::WorldSwitches};
use crate::web::simulation::{ExpectQuestion, ExpectReport, MOST_CASES, Setup, Simulator};

/// Configuration to apply to a world, and requests to send there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectBody {
    /// YAML or JSON, any number of documents. What is refused is not applied.
    #[serde(default)]
    text: String,
    /// The world it is applied to, `bookinfo` where it is absent.
    world: Option<String>,
    /// What is switched in the world.
    #[serde(default)]
    switches: WorldSwitches,
    /// At most 50.
    requests: Vec<CaseQuestion>,
}

/// A file of requests.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestsBody {
    /// YAML or JSON, one document: the file that `meshwright send --requests` takes.
    text: String,
}

/// What the file holds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RequestsFile {
    /// The world that its author had in mind; empty where it names none.
    world: String,
    /// What is switched in it.
    switches: WorldSwitches,
    /// At most 50.
    requests: Vec<CaseQuestion>,
}

/// Sends requests, and says of every line of expectation whether it came so, and what came instead.
#[utoipa::path(
    post,
    path = "/api/v1/expect",
    tag = "playground",
    operation_id = "expect",
    responses(
        (status = 200, description = "All were tried, whatever came of them", body = ExpectReport),
        (status = "4XX", description = "No question", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(State(simulator): State<Arc<Simulator>>, Body(body): Body<ExpectBody>) -> Result<Json<ExpectReport>, Problem> {
    if body.requests.len() > MOST_CASES {
        return Err(Problem::of_field("requests", format!("{} requests are more than the {MOST_CASES} that are sent at once", body.requests.len())));
    }
    let world = body.world.unwrap_or_default();
    let setup = Setup { world: world.clone(), switches: body.switches.read()?, text: body.text };
    let cases = body.requests.into_iter().map(CaseQuestion::case).collect();
    let report = simulator.expect(ExpectQuestion { setup, cases }).await?;
    Ok(Json(report.ok_or_else(|| Problem::unknown_world(&world, simulator.worlds()))??))
}

/// Reads a file of requests, as `meshwright send --requests` does, and gives it back as `/api/v1/expect` takes it.
#[utoipa::path(
    post,
    path = "/api/v1/requests",
    tag = "playground",
    operation_id = "requests",
    responses(
        (status = 200, description = "What it holds", body = RequestsFile),
        (status = "4XX", description = "It cannot be read: which line and field, and why", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn read(State(simulator): State<Arc<Simulator>>, Body(body): Body<RequestsBody>) -> Result<Json<RequestsFile>, Problem> {
    let suite = simulator.read_suite(body.text).await?.map_err(|error| Problem::of_field("text", error.to_string()))?;
    let requests = suite.cases.iter().map(CaseQuestion::of).collect();
    Ok(Json(RequestsFile { world: suite.world, switches: WorldSwitches::of(&suite.switches), requests }))
}
