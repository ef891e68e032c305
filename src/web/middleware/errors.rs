//! Makes an error page of ours from every error that has none yet, and logs what is our fault, once.

use askama::Template;
use axum::{
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use serde_json::json;

use super::RequestId;
use crate::web::{
    error::{Error, Fault},
    page::{Chrome, Section, Visitor},
};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    chrome: Chrome,
    status: u16,
    advice: String,
    request_id: Option<String>,
}

#[derive(Template)]
#[template(path = "_error.html")]
struct ErrorFragment<'a> {
    title: &'a str,
    advice: &'a str,
    request_id: Option<&'a str>,
}

pub(super) async fn show(request: Request, next: Next) -> Response {
    let wanted = Wanted::of(&request);
    let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    let mut response = next.run(request).await;
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return response;
    }
    let fault = response.extensions_mut().remove::<Fault>();
    // Where the fault came before the session was read, nobody knows.
    let visitor = response.extensions_mut().remove::<Visitor>().unwrap_or(Visitor { account: None, is_unknown: true });
    if let Some(Fault(error)) = &fault
        && let Error::Internal(cause) = error.as_ref()
    {
        tracing::error!("{cause:#}");
    }
    if fault.is_none() && is_for_the_visitor(&response) {
        return response;
    }
    let (title, advice) = words(response.status(), fault.as_ref().and_then(|fault| fault.0.public_message()));
    // Only what is our fault needs a name by which to report it.
    let request_id = response.status().is_server_error().then_some(id);
    let body = match wanted {
        // RFC 9457, as the API's own refusals are.
        Wanted::Json => {
            let problem = json!({"type": "about:blank", "title": title, "status": response.status().as_u16(), "detail": advice, "request_id": request_id});
            ([(header::CONTENT_TYPE, "application/problem+json")], problem.to_string()).into_response()
        }
        Wanted::Fragment => html(&ErrorFragment { title, advice: &advice, request_id: request_id.as_deref() }),
        Wanted::Page => html(&ErrorPage { chrome: Chrome::new(title, Section::Elsewhere, visitor), status: response.status().as_u16(), advice, request_id }),
    };
    replace_body(response, body)
}

/// What the caller can show.
enum Wanted {
    Page,
    Fragment,
    Json,
}

impl Wanted {
    fn of(request: &Request) -> Self {
        if request.uri().path().starts_with("/api/") {
            Self::Json
        } else if request.headers().contains_key("hx-request") {
            Self::Fragment
        } else {
            Self::Page
        }
    }
}

/// Pages and API answers that a handler wrote itself; bare texts come from extractors and layers.
fn is_for_the_visitor(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.starts_with("text/html") || content_type.starts_with("application/")
}

fn words(status: StatusCode, message: Option<&str>) -> (&'static str, String) {
    let (title, advice) = match status {
        StatusCode::NOT_FOUND => {
            ("There is no such page", "The address may be mistyped, or what it named may be gone. The table of contents lists every chapter.")
        }
        StatusCode::METHOD_NOT_ALLOWED => ("This address cannot be used that way", "Open the page it belongs to and use the form there."),
        StatusCode::REQUEST_TIMEOUT => ("That took too long", "The request was given up. Try again, with less at once if it was large."),
        StatusCode::PAYLOAD_TOO_LARGE => ("That is too large", "Send less at once. The playground takes up to 4 MB, other forms 1 MB."),
        StatusCode::TOO_MANY_REQUESTS => ("Too many requests", "Wait a moment, then try again."),
        StatusCode::FORBIDDEN => ("This is not permitted", "Open the page again from here, or sign in with another account."),
        StatusCode::CONFLICT => ("This has changed meanwhile", "Reload the page and try again."),
        StatusCode::UNPROCESSABLE_ENTITY => ("This cannot be done", "Go back, mend the input and send it again."),
        StatusCode::SERVICE_UNAVAILABLE => ("Not available right now", "Try again in a moment."),
        _ if status.is_server_error() => ("Something broke on our side", "It has been logged. Try again; if it stays, report it with the id below."),
        _ => ("This request makes no sense here", "Open the page again and retry."),
    };
    (title, message.map_or_else(|| advice.to_owned(), sentence))
}

/// Messages are written lower case and without a full stop; on a page they are sentences.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let mut text: String = chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

/// A template of an error page that fails must not ask for an error page.
fn html(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the error page cannot be rendered");
            "Something broke on our side.".into_response()
        }
    }
}

/// Keeps status and other headers, such as `Allow` and `Retry-After`.
fn replace_body(response: Response, body: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    let (body_parts, body) = body.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(body_parts.headers);
    Response::from_parts(parts, body)
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, middleware::from_fn, routing::get};
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    #[test]
    fn what_is_too_large_learns_how_much_the_engine_takes() {
        let (_, advice) = words(StatusCode::PAYLOAD_TOO_LARGE, None);
        let engine = crate::engine::manifest::Limits::default().bytes >> 20;
        assert!(advice.contains(&format!("playground takes up to {engine} MB")), "{advice}");
        assert!(advice.contains(&format!("other forms {} MB", super::super::FORM_LIMIT >> 20)), "{advice}");
    }

    #[tokio::test]
    async fn a_fault_of_ours_shows_an_id_and_no_cause() {
        let broken = async || -> Result<(), Error> { Err(anyhow::anyhow!("the secret cause").into()) };
        let panics = async || -> Result<(), Error> { panic!("the secret cause") };
        let routes = Router::new().route("/broken", get(broken)).route("/api/broken", get(broken)).route("/panics", get(panics));
        let app: Router = routes.layer(CatchPanicLayer::custom(super::super::panicked)).layer(from_fn(show)).layer(from_fn(super::super::trace::follow));
        for path in ["/broken", "/api/broken", "/panics"] {
            let response = app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
            let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            assert!(text.contains(&id), "{path}: {text}");
            assert!(!text.contains("secret"), "{path}: {text}");
        }
    }
}
