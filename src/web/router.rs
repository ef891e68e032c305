//! Every address of the portal, in one place.

use axum::{Router, routing::get};

use super::{AppState, Error, api, assets, health, middleware, study, urls};

/// The whole portal as a service.
pub fn router(state: AppState) -> Router {
    let routes = Router::new()
        // Study
        .route(urls::HOME, get(study::home::show))
        .route(urls::COURSE, get(study::contents::show))
        .route("/course/{slug}", get(study::chapter::show))
        .route(urls::ABOUT, get(study::about::show))
        // Playground
        .merge(api::routes(&state))
        // Machinery
        .route("/assets/{file}", get(assets::serve))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .fallback(async || Error::NotFound);
    middleware::around(routes, &state).with_state(state)
}
