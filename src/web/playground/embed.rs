//! An example in a frame of our own pages: its YAML, one request that can be changed, and the answer.
//!
//! A form whose address says all of it, so nothing is kept and nothing needs a script.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::Response,
};
use serde::Deserialize;

use super::{
    example::ExampleView,
    form::Form,
    page::{self, Results},
    send::with_status,
};
use crate::web::{AppState, Error, middleware::FRAMED_BY_US, page::render, urls};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    example: String,
    api: Option<String>,
    request: Option<usize>,
    /// What is sent instead of the example's own request.
    url: Option<String>,
    from: Option<String>,
    headers: Option<String>,
}

#[derive(Template)]
#[template(path = "playground/embed.html")]
struct EmbedPage<'a> {
    example: ExampleView<'a>,
    form: Form,
    results: Results,
    /// The same in the playground.
    url: String,
}

pub(super) async fn show(State(state): State<AppState>, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let number = asked.request.unwrap_or(1);
    let example = ExampleView::find(&state.course, &asked.example, asked.api.as_deref(), number).ok_or(Error::NotFound)?;
    let mut form = example.form();
    for (field, given) in [(&mut form.url, asked.url), (&mut form.from, asked.from), (&mut form.headers, asked.headers)] {
        if let Some(given) = given {
            *field = given;
        }
    }
    let form = form.normalized();
    let results = page::results(&state, &form).await?;
    let is_usable = results.is_usable();
    let url = urls::playground_example(&example.exhibit.name, example.is_twin, number);
    let mut response = with_status(render(&EmbedPage { example, form, results, url })?, is_usable);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FRAMED_BY_US));
    Ok(response)
}
