//! The account page: who the portal thinks this is, and what can be done about it.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use crate::web::{
    AppState, Error,
    middleware::session::Session,
    moment::in_words,
    page::{Chrome, Section, Visitor, render},
};

/// What was just done; leads here from elsewhere.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::web) struct AccountQuery {
    done: String,
}

#[derive(Template)]
#[template(path = "account/show.html")]
struct AccountPage {
    chrome: Chrome,
    notice: Option<&'static str>,
    has_progress: bool,
    account: Option<Summary>,
}

struct Summary {
    name: String,
    since: String,
    password_since: String,
    sessions: Vec<String>,
}

/// The page.
pub(in crate::web) async fn show(State(state): State<AppState>, session: Session, Query(query): Query<AccountQuery>) -> Result<Response, Error> {
    let notice = match query.done.as_str() {
        "password" => Some("The password is changed, and every other browser is signed out."),
        "deleted" => Some("Everything that was kept of you is deleted."),
        _ => None,
    };
    let mut account = None;
    if let Some(learner) = session.learner()
        && let Some(found) = state.store.find_account(&learner).await?
    {
        let sessions = state.store.list_sessions(&learner).await?;
        account = Some(Summary {
            name: found.name,
            since: in_words(found.created_at),
            password_since: in_words(found.password_changed_at),
            sessions: sessions.into_iter().map(|session| in_words(session.created_at)).collect(),
        });
    }
    let chrome = Chrome::new("Account", Section::Account, Visitor::from(&session));
    render(&AccountPage { chrome, notice, has_progress: session.learner().is_some(), account })
}
