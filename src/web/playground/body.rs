//! The posted form, refused where it holds bytes that are no text: decoding would put another character in their place.

use std::collections::BTreeMap;

use axum::{
    body::{Body, Bytes},
    extract::{Form, FromRequest, Request},
    response::{IntoResponse, Response},
};

use super::form;
use crate::{engine::mesh::MOST_NAMESPACES, web::Error};

/// A form that is UTF-8 throughout.
pub(super) struct Sent(pub form::Form);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await.map_err(IntoResponse::into_response)?;
        if !is_utf8(&bytes) {
            let message = "what was sent is not UTF-8; save the configuration as UTF-8 and send it again";
            return Err(Error::Unprocessable(message.to_owned()).into_response());
        }
        let whole = || Request::from_parts(parts.clone(), Body::from(bytes.clone()));
        let Form(mut form) = Form::<form::Form>::from_request(whole(), state).await.map_err(IntoResponse::into_response)?;
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(whole(), state).await.map_err(IntoResponse::into_response)?;
        form.injection = injection(pairs);
        Ok(Self(form))
    }
}

/// The switches of namespaces, whose fields carry their names. One more than are taken is enough to tell that they are too many.
fn injection(pairs: Vec<(String, String)>) -> BTreeMap<String, String> {
    let switched = pairs.into_iter().filter_map(|(name, mode)| Some((name.strip_prefix("injection.")?.to_owned(), mode)));
    switched.filter(|(_, mode)| !mode.trim().is_empty()).take(MOST_NAMESPACES + 1).collect()
}

/// Whether an `application/x-www-form-urlencoded` body stands for UTF-8.
fn is_utf8(encoded: &[u8]) -> bool {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while let Some(&byte) = encoded.get(at) {
        if let (b'%', Some(high), Some(low)) = (byte, digit(encoded.get(at + 1)), digit(encoded.get(at + 2))) {
            decoded.push(high * 16 + low);
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    std::str::from_utf8(&decoded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_utf8;

    #[test]
    fn escapes_are_read_before_the_text_is_judged() {
        for text in ["", "a=b+c", "a=%C3%A9", "a=é", "a=100%", "a=%zz", "a=%4"] {
            assert!(is_utf8(text.as_bytes()), "{text}");
        }
        assert!(!is_utf8(b"a=%FF"));
        assert!(!is_utf8(b"a=%C3%28"));
        assert!(!is_utf8(b"a=\xff"));
    }
}
