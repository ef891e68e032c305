//! Sending a request through real Envoys as well.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Problem,
    body::Body,
    request::{CertificateQuestion, Headers, TokenQuestion, request},
    switches::WorldSwitches,
};
use crate::web::{
    AppState,
    middleware::session::Session,
    replays::ReplayReport,
    simulation::{Setup, Unsendable},
};

/// Configuration to apply to a world, and a request to send there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayQuestion {
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
    /// A token in the header `authorization`; for the replay it is signed with a key that is thrown away.
    token: Option<TokenQuestion>,
    /// What a client outside shows; over https only.
    certificate: Option<CertificateQuestion>,
}

/// Sends a request through a real Envoy for each proxy on its way, and says where that differs from what is computed.
///
/// Every Envoy gets the xDS that istiod would push; backends are stand-ins on loopback. One replay runs at a time: others wait, and
/// whoever waits and closes the connection is passed over. A second request of one learner takes the place of the first.
#[utoipa::path(
    post,
    path = "/api/v1/replay",
    tag = "playground",
    operation_id = "replay",
    responses(
        (status = 200, description = "Replayed, as far as that is possible", body = ReplayReport),
        (status = "4XX", description = "The request cannot be sent, or comes too often", body = Problem, content_type = "application/problem+json"),
        (status = 501, description = "There is no Envoy here", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now: too many wait", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(State(state): State<AppState>, session: Session, Body(question): Body<ReplayQuestion>) -> Result<Json<ReplayReport>, Problem> {
    if let Some(reason) = state.replays.refusal() {
        return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, reason));
    }
    let ReplayQuestion { text, world, switches, from, method, url, headers, token, certificate } = question;
    let world = world.unwrap_or_default();
    let setup = Setup { world: world.clone(), switches: switches.read()?, text };
    let request = request(from, method, url, headers, token, certificate)?;
    let rehearsal = state.simulator.rehearse(setup, request).await?.ok_or_else(|| Problem::unknown_world(&world, state.simulator.worlds()))?;
    let rehearsal = rehearsal.map_err(|error| match error {
        Unsendable::Switch(error) => Problem::from(error),
        Unsendable::Request(error) => error.into(),
    })?;
    let place = state.replays.enter(&session)?;
    Ok(Json(state.replays.replay(place, rehearsal, |_| {}).await?))
}
