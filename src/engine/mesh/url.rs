//! The request line of a visitor, taken apart.

use std::collections::BTreeMap;

use super::{Certificate, Request, RequestError, Token, credential};

/// A request that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub method: String,
    pub is_tls: bool,
    /// Without port, lower case.
    pub host: String,
    /// What goes into `Host`: with the port where it is not the scheme's own.
    pub authority: String,
    pub port: u32,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub token: Option<Box<Token>>,
    pub certificate: Option<Box<Certificate>>,
}

/// Checks method, URL and headers, and says of the first fault what is wrong.
pub(super) fn parse(request: &Request) -> Result<Target, RequestError> {
    let method = if request.method.is_empty() { "GET".to_owned() } else { request.method.to_ascii_uppercase() };
    if !method.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-') || method.len() > 32 {
        return Err(RequestError::BadMethod { given: request.method.clone() });
    }
    let bad_url = |reason: &str| RequestError::BadUrl { given: shorten(&request.url), reason: reason.to_owned() };
    let url = request.url.trim();
    if url.len() > 8_192 {
        return Err(bad_url("it is longer than 8,192 characters"));
    }
    let (url, _fragment) = url.split_once('#').unwrap_or((url, ""));
    let uri: http::Uri = url.parse().map_err(|_| bad_url("write it as http://host[:port]/path, with blanks and other unusual characters percent-encoded"))?;
    let is_tls = match uri.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        Some(_) => return Err(bad_url("it must start with http:// or https://")),
        None => return Err(bad_url("start it with http://, for example http://reviews:9080/")),
    };
    let authority = uri.authority().ok_or_else(|| bad_url("it names no host"))?;
    if authority.as_str().contains('@') {
        return Err(bad_url("a user name in it would be sent to nobody; leave it out"));
    }
    let host = authority.host().to_ascii_lowercase();
    if host.is_empty() {
        return Err(bad_url("it names no host"));
    }
    let default_port = if is_tls { 443 } else { 80 };
    let port = match authority.as_str().strip_prefix(authority.host()).unwrap_or_default().strip_prefix(':') {
        None | Some("") => default_port,
        Some(digits) => digits.parse().ok().filter(|port| (1..=65_535).contains(port)).ok_or_else(|| bad_url("its port is not a number from 1 to 65535"))?,
    };
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let mut headers = BTreeMap::new();
    for (name, value) in &request.headers {
        let bad_header = |reason: &str| RequestError::BadHeader { given: shorten(name), reason: reason.to_owned() };
        let parsed = http::HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad_header("a header name has letters, digits and hyphens only"))?;
        http::HeaderValue::from_str(value).map_err(|_| bad_header("its value holds a control character"))?;
        headers.insert(parsed.as_str().to_owned(), value.clone());
    }
    let from_headers = headers.remove("host");
    let named = if port == default_port { host.clone() } else { format!("{host}:{port}") };
    let (token, certificate) = (request.token.clone(), request.certificate.clone());
    let target = Target { method, is_tls, host, authority: from_headers.unwrap_or(named), port, path, headers, token, certificate };
    credential::check(request, &target)?;
    Ok(target)
}

fn shorten(text: &str) -> String {
    if text.chars().count() > 120 { text.chars().take(119).chain(['…']).collect() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Result<Target, RequestError> {
        parse(&Request { url: url.into(), ..Request::default() })
    }

    #[test]
    fn a_url_is_taken_apart() {
        let parsed = target("http://Reviews:9080/reviews/0?x=1#top").expect("a fine URL");
        assert_eq!((parsed.host.as_str(), parsed.authority.as_str(), parsed.port, parsed.path.as_str()), ("reviews", "reviews:9080", 9080, "/reviews/0?x=1"));
        let parsed = target("https://shop.example").expect("a fine URL");
        assert_eq!((parsed.is_tls, parsed.authority.as_str(), parsed.port, parsed.path.as_str()), (true, "shop.example", 443, "/"));
    }

    #[test]
    fn a_bad_url_says_how_to_mend_it() {
        for url in ["", "reviews:9080", "ftp://x/", "http://", "http://a:99999/", "http://user@host/", "http://a b/", "/reviews"] {
            assert!(matches!(target(url), Err(RequestError::BadUrl { .. })), "{url}");
        }
    }
}
