//! A token: as the call describes it, or as its text is read.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::status::Status;
use crate::engine::envoy::{Jwt, TOKEN};

/// What decides about a token.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claims {
    pub(super) issuer: String,
    pub(super) audiences: Vec<String>,
    pub(super) payload: Map<String, Value>,
    /// What is wrong with it whoever asks.
    pub(super) is_expired: bool,
    /// Whether who has to fetch the keys for it has done so.
    pub(super) has_fetched_keys: bool,
    pub(super) signature: Result<(), Status>,
}

impl Claims {
    /// Reads what was sent in the place of a token.
    pub(super) fn read(text: &str, token: Option<&Jwt>) -> Result<Self, Status> {
        match token {
            Some(token) if text == TOKEN => Ok(Self::of_call(token)),
            // The token with something in front of it: its first part is no header any more.
            Some(_) if text.contains(TOKEN) => {
                let before = text.split(TOKEN).next().unwrap_or_default();
                Err(if before.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
                    Status::BadHeaderJson
                } else {
                    Status::BadHeaderBase64
                })
            }
            _ => Self::parse(text),
        }
    }

    fn of_call(token: &Jwt) -> Self {
        let signature = if token.valid == Some(false) { Err(Status::VerificationFails) } else { Ok(()) };
        Self {
            issuer: token.issuer.clone(),
            audiences: token.audiences.clone(),
            payload: token.payload(),
            is_expired: token.expired,
            has_fetched_keys: token.keys_fetched,
            signature,
        }
    }

    fn parse(text: &str) -> Result<Self, Status> {
        let [header, payload, signature] = text.split('.').collect::<Vec<_>>()[..] else { return Err(Status::BadFormat) };
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| Status::BadHeaderBase64)?;
        let header: Map<String, Value> = serde_json::from_slice(&header).map_err(|_| Status::BadHeaderJson)?;
        let algorithm = header.get("alg").and_then(Value::as_str).ok_or(Status::BadAlgorithm)?;
        if !ALGORITHMS.contains(&algorithm) {
            return Err(Status::UnknownAlgorithm);
        }
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| Status::BadPayloadBase64)?;
        let payload: Map<String, Value> = serde_json::from_slice(&payload).map_err(|_| Status::BadPayloadJson)?;
        URL_SAFE_NO_PAD.decode(signature).map_err(|_| Status::BadSignatureBase64)?;
        let text = |key: &str| payload.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let audiences = match payload.get("aud") {
            Some(Value::String(audience)) => vec![audience.clone()],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        Ok(Self { issuer: text("iss"), audiences, is_expired: false, has_fetched_keys: false, signature: Err(Status::Unverifiable), payload })
    }

    /// Whether it is for one of these; for anybody where none is named. Scheme and closing slash do not count.
    pub(super) fn is_for(&self, audiences: &[String]) -> bool {
        let plain = |name: &str| {
            let name = name.strip_prefix("https://").or_else(|| name.strip_prefix("http://")).unwrap_or(name);
            name.strip_suffix('/').unwrap_or(name).to_owned()
        };
        audiences.is_empty() || self.audiences.iter().any(|own| audiences.iter().any(|allowed| plain(allowed) == plain(own)))
    }

    /// A claim by its name, which may go into depth with dots, if it is a text, a number or a truth value.
    pub(super) fn text_of(&self, name: &str) -> Option<String> {
        let mut parts = name.split('.');
        let first = self.payload.get(parts.next()?)?;
        let value = self.payload.get(name).or_else(|| parts.try_fold(first, |value, part| value.get(part)))?;
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        }
    }

    /// The claims, of which some texts are taken for lists with blanks between.
    pub(super) fn normalized(&self, space_delimited: &[String]) -> Value {
        let mut payload = self.payload.clone();
        for name in space_delimited {
            if let Some(value) = payload.get_mut(name)
                && let Value::String(text) = value
            {
                *value = text.split(' ').filter(|word| !word.is_empty()).collect();
            }
        }
        payload.into()
    }

    /// As it stands in the token's middle.
    pub(super) fn encoded(&self) -> String {
        URL_SAFE_NO_PAD.encode(Value::Object(self.payload.clone()).to_string())
    }
}

const ALGORITHMS: [&str; 13] = ["ES256", "ES384", "ES512", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"];
