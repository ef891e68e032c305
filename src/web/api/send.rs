//! Sending a request.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Problem,
    body::Body,
    request::{CertificateQuestion, LoadQuestion, TokenQuestion},
    switches::WorldSwitches,
};
use crate::{
    engine::mesh::Request,
    web::simulation::{JourneyReport, LoadReport, Question, Report, Simulator, Wanted},
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
    /// What is switched in the world.
    #[serde(default)]
    switches: WorldSwitches,
    /// Who calls: `pod.namespace`, or `outside`.
    from: String,
    /// `GET` where it is absent.
    method: Option<String>,
    /// `http://host[:port]/path?query`
    url: String,
    /// Request headers by name.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// A token in the header `authorization`, as a test issuer signs it.
    token: Option<TokenQuestion>,
    /// What a client outside shows; over https only.
    certificate: Option<CertificateQuestion>,
    /// Several requests besides, on a virtual clock, with stated answers of the backends.
    load: Option<LoadQuestion>,
}

/// Where the request went, and what there is to say of the configuration.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SendReport {
    /// Of the configuration.
    configuration: Report,
    #[serde(flatten)]
    journey: JourneyReport,
    /// What became of the load; none where none was sent, or where no proxy sends the request to a backend.
    load: Option<LoadReport>,
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
    let switches = question.switches.read()?;
    let world = question.world.unwrap_or_default();
    let headers = question.headers.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
    let load = question.load.map(LoadQuestion::load);
    let token = question.token.map(TokenQuestion::token).transpose()?.map(Box::new);
    let certificate = question.certificate.map(|shown| Box::new(shown.certificate()));
    let request = Request { from: question.from, method: question.method.unwrap_or_default(), url: question.url, headers, token, certificate };
    let asked = Question {
        world: world.clone(),
        switches,
        text: question.text,
        request: Some(request),
        wanted: Wanted { load, ..Wanted::default() },
        ..Question::default()
    };
    let reply = simulator.ask(asked).await?.ok_or_else(|| Problem::unknown_world(&world, simulator.worlds()))?;
    reply.switches?;
    let journey = reply.journey.expect("a question with a request has an answer to it")?;
    let load = reply.panels.load.transpose().map_err(|error| Problem::of_field("load", format!("{}: {}", error.field, error.message)))?.flatten();
    Ok(Json(SendReport { configuration: reply.report, journey, load }))
}
