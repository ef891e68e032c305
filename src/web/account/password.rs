//! A new password. It needs the old one and ends every other session.

use askama::Template;
use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::form::{Faults, check_password, count_try};
use crate::web::{
    AppState, Error,
    middleware::session::Session,
    page::{Chrome, Section, Visitor},
    urls,
};

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::web) struct PasswordForm {
    password: String,
    new_password: String,
}

#[derive(Template)]
#[template(path = "account/password.html")]
struct PasswordPage {
    chrome: Chrome,
    name: String,
    faults: Faults,
}

fn page(session: &Session, name: String, faults: Faults) -> Result<Response, Error> {
    let page = PasswordPage { chrome: Chrome::new("Change the password", Section::Account, Visitor::from(session)), name, faults };
    page.faults.respond(&page)
}

/// The form.
pub(in crate::web) async fn edit(session: Session) -> Result<Response, Error> {
    match session.account() {
        Some(name) => page(&session, name, Faults::default()),
        None => Ok(Redirect::to(urls::SIGN_IN).into_response()),
    }
}

/// Sets the password.
pub(in crate::web) async fn update(State(state): State<AppState>, session: Session, Form(form): Form<PasswordForm>) -> Result<Response, Error> {
    let Some(learner) = session.learner() else { return Ok(Redirect::to(urls::SIGN_IN).into_response()) };
    let Some(account) = state.store.find_account(&learner).await? else { return Ok(Redirect::to(urls::SIGN_IN).into_response()) };
    let mut faults = Faults::default();
    check_password("new_password", &form.new_password, &account.name, &mut faults);
    if !faults.is_empty() {
        return page(&session, account.name, faults);
    }
    if let Err(faults) = count_try(&session, &account.name) {
        return page(&session, account.name, faults);
    }
    if !state.passwords.is_right(form.password, Some(account.password_hash)).await? {
        return page(&session, account.name, Faults::one("password", "This is not the current password."));
    }
    let hash = state.passwords.hash(form.new_password).await?;
    state.store.update_password(&learner, &hash).await?;
    session.begin(&learner).await?;
    Ok(Redirect::to(&format!("{}?done=password", urls::ACCOUNT)).into_response())
}
