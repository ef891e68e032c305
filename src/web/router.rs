//! Every address of the portal, in one place.

use axum::{
    Router,
    routing::{get, post},
};

use super::{AppState, Error, account, api, assets, health, middleware, playground, progress, quiz, rules, study, urls};

/// The whole portal as a service.
pub fn router(state: AppState) -> Router {
    let routes = Router::new()
        // Study
        .route(urls::HOME, get(study::home::show))
        .route(urls::COURSE, get(study::contents::show))
        .route("/course/{slug}", get(study::chapter::show))
        .route(urls::ABOUT, get(study::about::show))
        // Rules
        .route(urls::RULES, get(rules::list::show))
        .route("/rules/{code}", get(rules::show::show))
        // Playground
        .merge(playground::routes(&state))
        .merge(api::routes(&state))
        // Quiz
        .route(urls::QUIZ, get(quiz::list::show))
        .route("/quiz/{slug}", get(quiz::show::show).post(quiz::start::create))
        .route("/quiz/{slug}/{attempt}", get(quiz::result::show))
        .route("/quiz/{slug}/{attempt}/finish", post(quiz::finish::create))
        .route("/quiz/{slug}/{attempt}/{number}", get(quiz::question::show).post(quiz::answer::create))
        // Progress
        .route(urls::PROGRESS, get(progress::show::show))
        .route(urls::PROGRESS_READING, post(progress::reading::update))
        .route(urls::PROGRESS_DONE, post(progress::done::update))
        // Account
        .route(urls::ACCOUNT, get(account::show::show))
        .route(urls::SIGN_IN, get(account::sign_in::new).post(account::sign_in::create))
        .route(urls::SIGN_UP, get(account::sign_up::new).post(account::sign_up::create))
        .route(urls::SIGN_OUT, post(account::sign_out::here))
        .route(urls::SIGN_OUT_EVERYWHERE, post(account::sign_out::everywhere))
        .route(urls::PASSWORD, get(account::password::edit).post(account::password::update))
        .route(urls::ACCOUNT_DATA, get(account::data::show))
        .route(urls::ACCOUNT_DELETE, get(account::delete::ask).post(account::delete::delete))
        // Machinery
        .route("/assets/{file}", get(assets::serve))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .fallback(async || Error::NotFound);
    middleware::around(routes, &state).with_state(state)
}
