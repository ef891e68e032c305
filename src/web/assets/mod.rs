//! Scripts, styles and images that the binary carries, under names that change with their contents.
//!
//! `build.rs` makes them; pages ask for a plain name and get the address of today. Knows no page.

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// A file, as it is and packed.
struct Asset {
    name: &'static str,
    url: &'static str,
    media_type: &'static str,
    raw: &'static [u8],
    br: Option<&'static [u8]>,
    gz: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The contents of an address never change, so it may be kept for as long as caches keep anything.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Where `name`, for example `app.css`, is served. A name that does not exist leads to an address that answers 404;
/// a test looks for such names in the templates.
pub fn url(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/assets/unknown", |asset| asset.url)
}

/// Plain names of everything there is.
pub fn names() -> impl Iterator<Item = &'static str> {
    ASSETS.iter().map(|asset| asset.name)
}

/// `GET /assets/{file}`.
pub async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.url.strip_prefix("/assets/") == Some(file.as_str())) else {
        return (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], "there is no such file here\n").into_response();
    };
    let (encoding, bytes) = match (asset.br, asset.gz) {
        (Some(br), _) if accepts(&headers, "br") => (Some("br"), br),
        (_, Some(gz)) if accepts(&headers, "gzip") => (Some("gzip"), gz),
        _ => (None, asset.raw),
    };
    // The name already holds a hash of the contents; each packing of them is a representation of its own.
    let etag = format!("\"{file}{}\"", encoding.map(|e| format!("+{e}")).unwrap_or_default());
    let fresh = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok()).any(|v| names_tag(v, &etag));
    let mut response = if fresh { StatusCode::NOT_MODIFIED.into_response() } else { bytes.into_response() };
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, FOREVER);
    out.insert(header::VARY, HeaderValue::from_name(header::ACCEPT_ENCODING));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        out.insert(header::ETAG, etag);
    }
    if !fresh {
        out.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
        if let Some(encoding) = encoding {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    response
}

/// Whether `Accept-Encoding` offers a coding by name, and not with a weight of nothing (RFC 9110, 12.5.3).
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q <= 0.0));
        name.trim().eq_ignore_ascii_case(coding) && !refused
    })
}

/// Whether an `If-None-Match` value names the tag, by the weak comparison that it asks for (RFC 9110, 13.1.2).
fn names_tag(value: &str, etag: &str) -> bool {
    value.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}
