//! Signing out, here or everywhere. A guest has nowhere to come back from, so for them this does nothing.

use axum::{extract::State, response::Redirect};

use crate::web::{AppState, Error, middleware::session::Session, urls};

/// Ends this session.
pub(in crate::web) async fn here(session: Session) -> Result<Redirect, Error> {
    if session.account().is_some() {
        session.end().await?;
    }
    Ok(Redirect::to(urls::HOME))
}

/// Ends every session of the account, this one included.
pub(in crate::web) async fn everywhere(State(state): State<AppState>, session: Session) -> Result<Redirect, Error> {
    if let (Some(learner), Some(_)) = (session.learner(), session.account()) {
        state.store.delete_sessions(&learner).await?;
        session.end().await?;
    }
    Ok(Redirect::to(urls::HOME))
}
