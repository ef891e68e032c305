//! Sending a request.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Problem,
    body::Body,
    request::{CertificateQuestion, Headers, LoadQuestion, TokenQuestion, request},
    switches::WorldSwitches,
};
use crate::web::{
    Error,
    simulation::{JourneyReport, LoadReport, Question, Report, Setup, Simulator, Wanted},
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
    #[serde(default)]
    method: String,
    /// `http://host[:port]/path?query`
    url: String,
    /// Request headers by name, or as lines such as `name: value`.
    #[serde(default)]
    headers: Headers,
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
    let SendQuestion { text, world, switches, from, method, url, headers, token, certificate, load } = question;
    let world = world.unwrap_or_default();
    let setup = Setup { world: world.clone(), switches: switches.read()?, text };
    let request = request(from, method, url, headers, token, certificate)?;
    let wanted = Wanted { load: load.map(LoadQuestion::load), ..Wanted::default() };
    let asked = Question { setup, request: Some(request), wanted, ..Question::default() };
    let reply = simulator.ask(asked).await?.ok_or_else(|| Problem::unknown_world(&world, simulator.worlds()))?;
    reply.switches?;
    let journey = reply.journey.ok_or_else(|| Error::Internal(anyhow::anyhow!("a question with a request has no answer")))??;
    let load = reply.panels.load.transpose().map_err(|error| Problem::of_field("load", format!("{}: {}", error.field, error.message)))?.flatten();
    Ok(Json(SendReport { configuration: reply.report, journey, load }))
}
