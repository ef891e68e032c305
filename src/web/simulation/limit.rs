//! How much one address may ask of the engine.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::web::{
    AppState, Error,
    middleware::{ClientAddress, rate_limit::neighbourhood},
};

/// Counts a request that makes the engine work.
pub async fn limit(State(state): State<AppState>, ClientAddress(address): ClientAddress, request: Request, next: Next) -> Result<Response, Error> {
    state.limits.questions_by_address.check(&neighbourhood(address))?;
    Ok(next.run(request).await)
}
