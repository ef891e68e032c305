//! The JSON API of the playground, `/api/v1/`: the same questions as the page asks, for programs.
//!
//! A route and its description are one thing, so that none is missing from the OpenAPI document. Knows no page.

mod access;
mod assist;
mod body;
mod check;
mod diff;
mod document;
mod expect;
mod problem;
mod proxy_config;
mod replay;
mod request;
mod send;
mod snapshots;
mod switches;
mod worlds;

use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn_with_state};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use problem::Problem;

use super::{AppState, middleware::PASTE_LIMIT, simulation::limit};

/// Every address of the API.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    described().split_for_parts().0.layer(DefaultBodyLimit::max(PASTE_LIMIT)).layer(from_fn_with_state(state.clone(), limit))
}

fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(document::Document::openapi())
        .routes(routes!(access::create))
        .routes(routes!(assist::complete))
        .routes(routes!(assist::format))
        .routes(routes!(assist::hover))
        .routes(routes!(check::create))
        .routes(routes!(diff::create))
        .routes(routes!(expect::create))
        .routes(routes!(expect::read))
        .routes(routes!(proxy_config::create))
        .routes(routes!(replay::create))
        .routes(routes!(send::create))
        .routes(routes!(snapshots::create))
        .routes(routes!(snapshots::show, snapshots::delete))
        .routes(routes!(worlds::list))
        .routes(routes!(worlds::show))
        .routes(routes!(document::show))
}
