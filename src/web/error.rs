//! The one error of the web face.
//!
//! A handler returns it; `middleware::errors` turns it into our page (or JSON, or a fragment) with the request's id.
//! `NotFound` for an address or a thing that is not there, also for what belongs to somebody else; `BadRequest` for a request no
//! page of ours sends; `Unprocessable` for input that a form should have told (forms re-render themselves instead);
//! `Internal` for everything that is our fault: its text goes to the log only.

use std::{sync::Arc, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::store;

/// Why there is no page. The texts are for the visitor: what is wrong, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("not found")]
    NotFound,
    /// The request makes no sense.
    #[error("{0}")]
    BadRequest(String),
    /// The visitor may not do that.
    #[error("{0}")]
    Forbidden(String),
    /// It was already done, or changed meanwhile.
    #[error("{0}")]
    Conflict(String),
    /// Understood, but not possible.
    #[error("{0}")]
    Unprocessable(String),
    /// Too often.
    #[error("too many requests")]
    TooManyRequests {
        /// When to try again.
        retry_after: Duration,
    },
    /// Not now.
    #[error("{0}")]
    Unavailable(String),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

impl Error {
    /// The honest status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// In how many seconds to try again, where that may help.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests { retry_after } => Some(retry_after.as_secs().max(1)),
            Self::Unavailable(_) => Some(2),
            _ => None,
        }
    }

    /// What the visitor may read of it; none where the status says all.
    pub fn public_message(&self) -> Option<&str> {
        match self {
            Self::BadRequest(text) | Self::Forbidden(text) | Self::Conflict(text) | Self::Unprocessable(text) | Self::Unavailable(text) => Some(text),
            Self::NotFound | Self::TooManyRequests { .. } | Self::Internal(_) => None,
        }
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Self::Internal(anyhow::Error::new(error).context("a template failed"))
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Conflict => Self::Conflict("this exists already; reload the page and try again".into()),
            store::Error::Unavailable(cause) => {
                tracing::error!(?cause, "the database is not available");
                Self::Unavailable("what you do cannot be kept right now; try again in a moment".into())
            }
            error => Self::Internal(anyhow::Error::new(error)),
        }
    }
}

/// An error on its way to the middleware that shows it.
#[derive(Debug, Clone)]
pub(super) struct Fault(pub Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Fault(Arc::new(self)));
        response
    }
}
