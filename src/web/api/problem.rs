//! Refusals of the API, as `application/problem+json` (RFC 9457).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{engine::mesh::RequestError, web::Error};

/// Why a question was not answered. Faults in configuration are no problem in this sense: they are the answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the status says what kind it is.
    r#type: &'static str,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// What is wrong and how to mend it.
    detail: String,
    /// The field of the body that is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Refused").to_owned();
        Self { r#type: "about:blank", title, status: status.as_u16(), detail: detail.into(), field: None, retry_after: None }
    }

    pub(super) fn of_field(field: &'static str, detail: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    pub(super) fn unknown_world<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Self {
        Self::of_field("world", Self::no_world(given, known))
    }

    pub(super) fn no_world<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> String {
        format!("there is no world {given:?}; there are: {}", known.collect::<Vec<_>>().join(", "))
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        let field = match error {
            RequestError::UnknownCaller { .. } => "from",
            RequestError::BadUrl { .. } => "url",
            RequestError::BadHeader { .. } => "headers",
            RequestError::BadMethod { .. } => "method",
            RequestError::BadToken { .. } => "token",
            RequestError::BadCertificate { .. } => "certificate",
        };
        Self::of_field(field, error.to_string())
    }
}

/// What the web's error says to a visitor; what is our fault is logged and stays here.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        if let Error::Internal(cause) = &error {
            tracing::error!("{cause:#}");
        }
        let detail = error.public_message().unwrap_or(match error {
            Error::NotFound => "there is no such thing",
            Error::TooManyRequests { .. } => "too many requests; wait a moment",
            _ => "something broke on our side; it has been logged",
        });
        Self { retry_after: error.retry_after(), ..Self::new(error.status(), detail) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
