//! Making an account out of a guest. Everything the guest did stays with it.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::form::{Faults, check_name, check_password, count_try, destination};
use crate::{
    store,
    web::{
        AppState, Error,
        middleware::session::Session,
        page::{Chrome, Section, Visitor},
        urls,
    },
};

const TAKEN: &str = "This name is taken. If it is yours, sign in; otherwise choose another.";

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::web) struct SignUpForm {
    name: String,
    password: String,
    next: String,
}

#[derive(Template)]
#[template(path = "account/sign_up.html")]
struct SignUpPage {
    chrome: Chrome,
    name: String,
    next: String,
    faults: Faults,
    has_progress: bool,
}

fn page(session: &Session, form: SignUpForm, faults: Faults) -> Result<Response, Error> {
    let chrome = Chrome::new("Sign up", Section::Account, Visitor::from(session));
    let page = SignUpPage { chrome, name: form.name, next: form.next, faults, has_progress: session.learner().is_some() };
    page.faults.respond(&page)
}

/// The form.
pub(in crate::web) async fn new(session: Session, Query(form): Query<SignUpForm>) -> Result<Response, Error> {
    if session.account().is_some() {
        return Ok(Redirect::to(urls::ACCOUNT).into_response());
    }
    page(&session, form, Faults::default())
}

/// Makes the account.
pub(in crate::web) async fn create(State(state): State<AppState>, session: Session, Form(form): Form<SignUpForm>) -> Result<Response, Error> {
    if session.account().is_some() {
        return Ok(Redirect::to(urls::ACCOUNT).into_response());
    }
    let mut faults = Faults::default();
    check_name(&form.name, &mut faults);
    check_password("password", &form.password, &form.name, &mut faults);
    if !faults.is_empty() {
        return page(&session, form, faults);
    }
    if let Err(faults) = count_try(&session, &form.name) {
        return page(&session, form, faults);
    }
    if state.store.find_account_by_name(&form.name).await?.is_some() {
        return page(&session, form, Faults::one("name", TAKEN));
    }
    let hash = state.passwords.hash(form.password.clone()).await?;
    let learner = session.learner_or_guest().await?;
    match state.store.insert_account(&learner, &form.name, &hash).await {
        // Somebody else was faster between the look and the insertion.
        Err(store::Error::Conflict) => return page(&session, form, Faults::one("name", TAKEN)),
        other => other?,
    }
    session.begin(&learner).await?;
    Ok(Redirect::to(destination(&form.next)).into_response())
}
