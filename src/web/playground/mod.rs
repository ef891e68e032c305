//! The playground: configuration and a request in, the answer with all its reasons out.
//!
//! Everything works as a form; the script only saves the reload. Decides nothing about Istio.

mod access;
mod body;
mod change;
mod config;
mod embed;
mod example;
mod expect;
mod fields;
mod finding;
mod form;
mod gallery;
mod page;
mod replay;
mod rule;
mod send;
mod show;
mod snapshot;
mod timeline;
mod view;
mod world;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    routing::{get, post},
};

use super::{AppState, simulation::limit, urls};

/// A form escapes every line break and colon: up to three bytes for one.
const FORM_LIMIT: usize = 3 * super::middleware::PASTE_LIMIT;

/// Every address of the playground.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    let page = get(show::show).post(send::create);
    let bench = Router::new()
        .route(urls::PLAYGROUND, page)
        .route(urls::REPLAY, post(replay::create))
        .route("/playground/s/{id}", get(snapshot::show))
        .route(urls::SNAPSHOTS, get(snapshot::list).post(snapshot::create))
        .route(urls::EMBED, get(embed::show))
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .layer(from_fn_with_state(state.clone(), limit));
    // These ask nothing of the engine.
    bench.route(urls::EXAMPLES, get(gallery::show)).route("/playground/snapshots/{id}/delete", post(snapshot::delete))
}
