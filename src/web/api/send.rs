//! Sending a request.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Problem, body::Body};
use crate::{
    engine::mesh::Request,
    web::simulation::{JourneyReport, Question, Report, Simulator},
};

/// Configuration to apply to a world, and a request to send there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SendQuestion {
    /// YAML or JSON, any number of documents. What is refused is not applied.
    #[serde(default)]
    text: String,
    /// The world it is applied to, `bookinfo` where it is absent.
    world: Option<String>,
    /// Who calls: `pod.namespace`, or `outside`.
    from: String,
    /// `GET` where it is absent.
    method: Option<String>,
    /// `http://host[:port]/path?query`
    url: String,
    /// Request headers by name.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// Where the request went, and what there is to say of the configuration.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SendReport {
    /// Of the configuration.
    configuration: Report,
    #[serde(flatten)]
    journey: JourneyReport,
}

/// Follows a request through every proxy: the answer with its exact distribution, and why.
#[utoipa::path(
    post,
    path = "/api/v1/send",
    tag = "playground",
    operation_id = "send",
    responses(
        (status = 200, description = "The request was followed to its end, whatever that is", body = SendReport),
        (status = "4XX", description = "The request cannot be sent", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(State(simulator): State<Arc<Simulator>>, Body(question): Body<SendQuestion>) -> Result<Json<SendReport>, Problem> {
    let world = question.world.unwrap_or_default();
    let headers = question.headers.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
    let request = Request { from: question.from, method: question.method.unwrap_or_default(), url: question.url, headers };
    let asked = Question { world: world.clone(), text: question.text, request: Some(request), ..Question::default() };
    let reply = simulator.ask(asked).await?.ok_or_else(|| Problem::unknown_world(&world, simulator.worlds()))?;
    let journey = reply.journey.expect("a question with a request has an answer to it")?;
    Ok(Json(SendReport { configuration: reply.report, journey }))
}
