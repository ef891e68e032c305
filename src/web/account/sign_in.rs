//! Signing in. A wrong password and an unknown name get the same answer after the same time.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::form::{Faults, count_try, destination};
use crate::web::{
    AppState, Error,
    middleware::session::Session,
    page::{Chrome, Section, Visitor},
    urls,
};

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::web) struct SignInForm {
    name: String,
    password: String,
    next: String,
}

#[derive(Template)]
#[template(path = "account/sign_in.html")]
struct SignInPage {
    chrome: Chrome,
    name: String,
    next: String,
    faults: Faults,
    has_progress: bool,
}

fn page(session: &Session, form: SignInForm, faults: Faults) -> Result<Response, Error> {
    let chrome = Chrome::new("Sign in", Section::Account, Visitor::from(session));
    let page = SignInPage { chrome, name: form.name, next: form.next, faults, has_progress: session.learner().is_some() };
    page.faults.respond(&page)
}

/// The form.
pub(in crate::web) async fn new(session: Session, Query(form): Query<SignInForm>) -> Result<Response, Error> {
    if session.account().is_some() {
        return Ok(Redirect::to(urls::ACCOUNT).into_response());
    }
    page(&session, form, Faults::default())
}

/// Checks the password, gives a guest's progress to the account and begins a new session.
pub(in crate::web) async fn create(State(state): State<AppState>, session: Session, Form(form): Form<SignInForm>) -> Result<Response, Error> {
    if let Err(faults) = count_try(&session, &form.name) {
        return page(&session, form, faults);
    }
    let account = state.store.find_account_by_name(&form.name).await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let is_right = state.passwords.is_right(form.password.clone(), hash).await?;
    let Some(account) = account.filter(|_| is_right) else {
        return page(&session, form, Faults::one("password", "Name and password do not belong together. Check both and try again."));
    };
    // Another account that was signed in here keeps what is its own: the store merges guests only.
    if let Some(guest) = session.learner() {
        state.store.merge_guest(&guest, &account.learner_id).await?;
    }
    session.begin(&account.learner_id).await?;
    Ok(Redirect::to(destination(&form.next)).into_response())
}
