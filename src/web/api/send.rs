//! Sending a request.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Problem, body::Body, switches::WorldSwitches};
use crate::{
    engine::mesh::{Certificate, Load, Request, Token},
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

/// A JWT. Every RequestAuthentication for its issuer takes its signature for good, unless it is forged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenQuestion {
    /// The claim `iss`.
    issuer: String,
    /// The claim `sub`.
    #[serde(default)]
    subject: String,
    /// The claim `aud`.
    #[serde(default)]
    audiences: Vec<String>,
    /// All others, up to 8,192 characters.
    #[serde(default)]
    #[schema(value_type = Object)]
    claims: serde_json::Map<String, serde_json::Value>,
    /// Whether its time is over.
    #[serde(default)]
    expired: bool,
    /// Whether somebody else's key has signed it.
    #[serde(default)]
    forged: bool,
}

/// A client certificate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CertificateQuestion {
    /// The name in it, for example `cluster.local/ns/default/sa/sleep`; some other one where it is empty.
    #[serde(default)]
    identity: String,
    /// Whether it comes from an authority that nobody here knows.
    #[serde(default)]
    unknown: bool,
}

/// What is sent, and how the backends behave.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoadQuestion {
    /// How many rounds, one after another; 1 where it is absent. Over all rounds at most 1,000 requests are sent.
    #[serde(default)]
    repeat: u32,
    /// How many requests at once in each; 1 where it is absent.
    #[serde(default)]
    concurrency: u32,
    /// Between rounds, for example `500ms`.
    #[serde(default)]
    pause: String,
    /// What attempts get, one after another, the last one again and again: `503, 503, 200`, also `reset` and `refused`; of one pod
    /// `reviews-v1-a=503`; several parted by `;`.
    #[serde(default)]
    upstream_status: String,
    /// How long each answer takes, in the same form: `200ms; reviews-v1-a=2s`.
    #[serde(default)]
    upstream_delay: String,
}

impl CertificateQuestion {
    pub(super) fn certificate(self) -> Certificate {
        Certificate { identity: self.identity, is_unknown: self.unknown }
    }
}

impl TokenQuestion {
    pub(super) fn token(self) -> Token {
        let Self { issuer, subject, audiences, claims, expired, forged } = self;
        Token { issuer, subject, audiences, claims, is_expired: expired, is_forged: forged }
    }
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
    let load = question.load.map(|load| Load {
        repeat: load.repeat,
        concurrency: load.concurrency,
        pause: load.pause,
        status: load.upstream_status,
        delay: load.upstream_delay,
    });
    let token = question.token.map(|asked| Box::new(asked.token()));
    let certificate = question.certificate.map(|shown| Box::new(shown.certificate()));
    let request = Request { from: question.from, method: question.method.unwrap_or_default(), url: question.url, headers, token, certificate };
    let asked = Question { world: world.clone(), switches, text: question.text, request: Some(request), wanted: Wanted { load, ..Wanted::default() } };
    let reply = simulator.ask(asked).await?.ok_or_else(|| Problem::unknown_world(&world, simulator.worlds()))?;
    reply.switches?;
    let journey = reply.journey.expect("a question with a request has an answer to it")?;
    let load = reply.panels.load.transpose().map_err(|error| Problem::of_field("load", format!("{}: {}", error.field, error.message)))?.flatten();
    Ok(Json(SendReport { configuration: reply.report, journey, load }))
}
