//! One request in two configurations.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Problem,
    body::Body,
    request::{CertificateQuestion, Headers, TokenQuestion, request},
    switches::WorldSwitches,
};
use crate::{
    engine::mesh::SwitchError,
    web::simulation::{DiffReport, Setup, Simulator},
};

/// Two configurations, and a request to send in both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DiffQuestion {
    /// The first.
    before: Configuration,
    /// The second.
    now: Configuration,
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
}

/// Configuration to apply to a world.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Configuration {
    /// YAML or JSON, any number of documents. What is refused is not applied.
    #[serde(default)]
    text: String,
    /// The world it is applied to, `bookinfo` where it is absent.
    world: Option<String>,
    /// What is switched in the world.
    #[serde(default)]
    switches: WorldSwitches,
}

impl Configuration {
    fn setup(self) -> Result<Setup, SwitchError> {
        Ok(Setup { switches: self.switches.read()?, world: self.world.unwrap_or_default(), text: self.text })
    }
}

/// Sends one request in two configurations and says what differs: what comes out, what is decided on the way, and what the proxies on
/// the way are told, field by field.
#[utoipa::path(
    post,
    path = "/api/v1/diff",
    tag = "playground",
    operation_id = "diff",
    responses(
        (status = 200, description = "What differs", body = DiffReport),
        (status = "4XX", description = "No question", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(State(simulator): State<Arc<Simulator>>, Body(question): Body<DiffQuestion>) -> Result<Json<DiffReport>, Problem> {
    let DiffQuestion { before, now, from, method, url, headers, token, certificate } = question;
    let (before, now) = (before.setup()?, now.setup()?);
    let request = request(from, method, url, headers, token, certificate)?;
    let is_missing = |name: &String| !name.is_empty() && !simulator.worlds().any(|known| known == name);
    let missing = [&before.world, &now.world].into_iter().find(|name| is_missing(name)).cloned().unwrap_or_default();
    let report = simulator.diff(before, now, request).await?;
    Ok(Json(report.ok_or_else(|| Problem::unknown_world(&missing, simulator.worlds()))??))
}
