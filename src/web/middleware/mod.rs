//! What happens to every request before and after its handler.
//!
//! From the outside in: `trace` (id, log line), `security` (headers), `strangers` (pages kept compressed), compression, `errors` (our pages for faults), panics, time limit,
//! cross-site requests, `cache` (nothing is kept by default), `client` (whose address it is), `session` (who it is), size limit.

mod cache;
mod client;
mod errors;
pub mod rate_limit;
mod security;
pub mod session;
mod strangers;
mod trace;

use std::{any::Any, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::StatusCode,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
    csrf::{CsrfLayer, ProtectionError},
};

use super::{AppState, Error, urls};
pub use client::ClientAddress;
pub use security::FRAMED_BY_US;
pub use trace::RequestId;

/// Bodies of forms.
pub const FORM_LIMIT: usize = 1 << 20;
/// Bodies of the playground and its API: above the engine's own limit, so that the engine's clear answer is the one that is seen.
pub const PASTE_LIMIT: usize = 6 << 20;
/// The longest that a request may take.
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// The same for a replay, which waits for its turn and then for Envoy.
const REPLAY_LIMIT: Duration = Duration::from_secs(45);
/// Below this many bytes compressing costs more than it saves.
const COMPRESS_FROM: u64 = 1024;

/// Puts all of it around the routes.
pub(super) fn around(routes: Router<AppState>, state: &AppState) -> Router<AppState> {
    // The last layer added is the outermost.
    routes
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .layer(from_fn_with_state(state.clone(), session::identify))
        .layer(from_fn_with_state(state.clone(), client::identify))
        .layer(from_fn(cache::keep_nothing_by_default))
        .layer(CsrfLayer::new().with_rejection_response(cross_site))
        .layer(from_fn(end_in_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(errors::show))
        .layer(compression())
        .layer(from_fn_with_state(strangers::Kept::default(), strangers::keep))
        .layer(from_fn_with_state(state.clone(), security::set_headers))
        .layer(from_fn(trace::follow))
}

async fn end_in_time(request: Request, next: Next) -> Response {
    let limit = if matches!(request.uri().path(), urls::REPLAY | urls::API_REPLAY) { REPLAY_LIMIT } else { TIME_LIMIT };
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

/// The fastest level: the usual one costs a hundred times what rendering costs. Assets come compressed and are left alone.
fn compression() -> CompressionLayer<impl Predicate> {
    let worth_it = SizeAbove::new(COMPRESS_FROM).and(NotForContentType::const_new("image/png")).and(NotForContentType::const_new("text/event-stream"));
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth_it)
}

fn cross_site(_: ProtectionError) -> Response {
    Error::Forbidden("This form was sent from another site. Open the page here and send it again.".into()).into_response()
}

fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("no message");
    Error::Internal(anyhow::anyhow!("a handler panicked: {text}")).into_response()
}
