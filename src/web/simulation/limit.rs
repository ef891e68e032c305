//! How much one address may ask of the engine.

use std::num::NonZeroU32;

use axum::{
    body::HttpBody,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::web::{
    AppState, Error,
    middleware::{ClientAddress, PASTE_LIMIT, rate_limit::neighbourhood},
};

/// A text of so many bytes costs as much again as the question itself.
const PORTION: u64 = 16 << 10;

/// Counts a request that makes the engine work.
pub async fn limit(State(state): State<AppState>, ClientAddress(address): ClientAddress, request: Request, next: Next) -> Result<Response, Error> {
    state.limits.questions_by_address.charge(&neighbourhood(address), cost(request.body().size_hint().upper()))?;
    Ok(next.run(request).await)
}

/// What a body of at most so many bytes costs; one that does not say how long it is, as much as the longest that is taken.
fn cost(bytes: Option<u64>) -> NonZeroU32 {
    let portions = bytes.unwrap_or(PASTE_LIMIT as u64) / PORTION;
    NonZeroU32::MIN.saturating_add(u32::try_from(portions).unwrap_or(u32::MAX))
}
