//! The page as it is sent.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use super::{
    body::Sent,
    form::Form,
    page::{self, Opened},
};
use crate::{
    engine::diagnostic::{Stage, mend},
    web::{
        AppState, Error,
        page::Visitor,
        simulation::{Finding, Question, Reply, Setup},
    },
};

/// The whole page; for the script only what changed on it.
pub(super) async fn create(State(state): State<AppState>, visitor: Visitor, headers: HeaderMap, Sent(form): Sent) -> Result<Response, Error> {
    let mut form = form.normalized();
    if !form.fix.is_empty() {
        form.yaml = mended(&state, &form).await?;
    }
    if headers.contains_key("hx-request") {
        return page::respond_with_results(&state, &form).await;
    }
    page::respond(&state, visitor, Opened { is_sent: true, ..Opened::asked_for(form) }).await
}

/// The configuration with the cure of one finding applied, or all cures that go together, or in one look. What fits no finding changes
/// nothing.
async fn mended(state: &AppState, form: &Form) -> Result<String, Error> {
    if form.fix == "format" {
        return Ok(state.simulator.format(form.yaml.clone()).await?.text);
    }
    // The findings that the page has numbered: those of the world as it is switched.
    let setup = Setup { world: form.world.clone(), switches: form.switches().unwrap_or_default(), text: form.yaml.clone() };
    let question = Question { setup, ..Question::default() };
    let findings = state.simulator.ask(question).await?.map(|Reply { report, .. }| report.findings).unwrap_or_default();
    let is_wanted = |(at, finding): &(usize, &Finding)| match form.fix.as_str() {
        "all" => !(form.hide_hints && finding.stage == Stage::Hint),
        number => number.parse() == Ok(*at),
    };
    let cures = findings.iter().enumerate().filter(is_wanted).filter_map(|(_, finding)| finding.cure());
    Ok(mend(&form.yaml, cures))
}

/// What is said of a form that cannot be used: the page again, with an honest status.
pub(super) fn with_status(response: Response, is_usable: bool) -> Response {
    if is_usable { response } else { (StatusCode::UNPROCESSABLE_ENTITY, response).into_response() }
}
