//! Leaving: everything that is kept of a learner goes, at once and for good. An account asks for its password first.

use askama::Template;
use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::form::{Faults, count_try};
use crate::web::{
    AppState, Error,
    middleware::session::Session,
    page::{Chrome, Section, Visitor},
    urls,
};

/// What the form sends; a guest has no password.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::web) struct DeleteForm {
    password: String,
}

#[derive(Template)]
#[template(path = "account/delete.html")]
struct DeletePage {
    chrome: Chrome,
    name: Option<String>,
    faults: Faults,
}

fn page(session: &Session, faults: Faults) -> Result<Response, Error> {
    let page = DeletePage { chrome: Chrome::new("Delete everything", Section::Account, Visitor::from(session)), name: session.account(), faults };
    page.faults.respond(&page)
}

/// Asks whether it is meant.
pub(in crate::web) async fn ask(session: Session) -> Result<Response, Error> {
    match session.learner() {
        Some(_) => page(&session, Faults::default()),
        None => Ok(Redirect::to(urls::ACCOUNT).into_response()),
    }
}

/// Removes the learner.
pub(in crate::web) async fn delete(State(state): State<AppState>, session: Session, Form(form): Form<DeleteForm>) -> Result<Response, Error> {
    let Some(learner) = session.learner() else { return Ok(Redirect::to(urls::ACCOUNT).into_response()) };
    if let Some(account) = state.store.find_account(&learner).await? {
        if let Err(faults) = count_try(&session, &account.name) {
            return page(&session, faults);
        }
        if !state.passwords.is_right(form.password, Some(account.password_hash)).await? {
            return page(&session, Faults::one("password", "This is not the password of the account. Nothing was deleted."));
        }
    }
    state.store.delete_learner(&learner).await?;
    session.end().await?;
    Ok(Redirect::to(&format!("{}?done=deleted", urls::ACCOUNT)).into_response())
}
