//! Pages that look the same to everybody who is not known yet, kept as they were first sent.
//!
//! Compressing a chapter costs a hundred times what writing it costs, and a stranger's chapter never changes while the program runs.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    body::{self, Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::web::urls;

/// Larger than any page of the course.
const LARGEST_PAGE: usize = 1 << 20;
/// More pages than the course has, each in as many encodings as there are.
const MOST_PAGES: usize = 1000;

/// The pages by address and encoding. Only addresses that answered with a page get in, so their number is bounded by the course.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<RwLock<BTreeMap<(String, &'static str), Page>>>);

#[derive(Clone)]
struct Page {
    headers: HeaderMap,
    bytes: Bytes,
}

pub(super) async fn keep(State(kept): State<Kept>, request: Request, next: Next) -> Response {
    let Some(key) = key(&request) else { return next.run(request).await };
    let known = kept.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(page) = known {
        return (page.headers, page.bytes).into_response();
    }
    let response = next.run(request).await;
    if response.status() != StatusCode::OK || response.headers().contains_key(header::SET_COOKIE) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    match body::to_bytes(body, LARGEST_PAGE).await {
        Ok(bytes) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            let mut pages = kept.0.write().unwrap_or_else(PoisonError::into_inner);
            if pages.len() < MOST_PAGES {
                pages.insert(key, Page { headers: parts.headers.clone(), bytes: bytes.clone() });
            }
            Response::from_parts(parts, Body::from(bytes))
        }
        Err(error) => {
            tracing::error!(%error, "a page of the course cannot be read to its end");
            (StatusCode::INTERNAL_SERVER_ERROR, "Something broke on our side.\n").into_response()
        }
    }
}

/// Address and encodings of a request for a page that is the same for all strangers: study pages ask nothing of the visitor but
/// the cookie, and nothing of the address but its path. Weights among encodings are rare and left to the compression.
fn key(request: &Request) -> Option<(String, &'static str)> {
    let (path, headers) = (request.uri().path(), request.headers());
    let is_study = path == urls::HOME || path == urls::ABOUT || path.strip_prefix(urls::COURSE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_plain = request.method() == Method::GET && !headers.contains_key(header::COOKIE) && !headers.contains_key("hx-request");
    if !is_study || !is_plain {
        return None;
    }
    let mut accepted = headers.get_all(header::ACCEPT_ENCODING).iter();
    let codings = accepted.next().map_or(Some(""), |value| value.to_str().ok())?;
    if accepted.next().is_some() || codings.contains([';', '*']) {
        return None;
    }
    let accepts = |coding: &str| codings.split(',').any(|item| item.trim().eq_ignore_ascii_case(coding));
    let encodings = match (accepts("br"), accepts("gzip")) {
        (true, true) => "br, gzip",
        (true, false) => "br",
        (false, true) => "gzip",
        (false, false) => "identity",
    };
    Some((path.to_owned(), encodings))
}
