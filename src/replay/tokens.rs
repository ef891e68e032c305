//! Tokens of a replay: signed with a throw-away key, whose public half stands in for the keys of every issuer that has some.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{KeyPair, PKCS_ED25519, SigningKey};
use serde_json::{Value, json};

use super::{ReplayError, certificates::failed};
use crate::engine::envoy::{Call, Jwt, TOKEN, TokenPlace};

/// The end of a token that is over: a second after the beginning of time.
const LONG_AGO: u64 = 1;
/// How much of a token that was cut off is still known as one: its head, which all tokens share.
const KNOWN_BYTES: usize = 12;

/// A key that issuers sign with, one that forgers do, and one that nobody signs with.
pub(super) struct Tokens {
    issuers: KeyPair,
    stranger: KeyPair,
    nobody: KeyPair,
}

impl Tokens {
    pub(super) fn new() -> Result<Self, ReplayError> {
        let key = || KeyPair::generate_for(&PKCS_ED25519).map_err(failed);
        Ok(Self { issuers: key()?, stranger: key()?, nobody: key()? })
    }

    /// The set of keys of an issuer. One whose keys nobody has gets a key that nobody signs with, as from istiod.
    pub(super) fn keys(&self, are_at_hand: bool) -> String {
        let key = if are_at_hand { &self.issuers } else { &self.nobody };
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": URL_SAFE_NO_PAD.encode(key.public_key_raw())}]}).to_string()
    }

    /// The call as it is sent, with a token of its own where it has one, and that token.
    pub(super) fn put_into(&self, call: &Call) -> Result<(Call, Token), ReplayError> {
        let Some(jwt) = &call.jwt else { return Ok((call.clone(), Token::default())) };
        let token = Token { text: self.sign(jwt)?, parameter: parameter(jwt) };
        Ok((call.with_token(&token.text), token))
    }

    fn sign(&self, jwt: &Jwt) -> Result<String, ReplayError> {
        let mut payload = jwt.payload();
        if jwt.expired {
            payload.insert("exp".into(), LONG_AGO.into());
        }
        let head = json!({"alg": "EdDSA", "typ": "JWT"});
        let signed = format!("{}.{}", part(&head), part(&payload.into()));
        let key = if jwt.valid == Some(false) { &self.stranger } else { &self.issuers };
        let signature = key.sign(signed.as_bytes()).map_err(failed)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn parameter(jwt: &Jwt) -> Option<String> {
    match jwt.place() {
        Some(TokenPlace::Query(name)) => Some(name),
        _ => None,
    }
}

/// A token that was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Token {
    text: String,
    /// The query parameter that carried it.
    parameter: Option<String>,
}

impl Token {
    /// A text of the real side in the engine's words: [`TOKEN`] for the token, and nothing for a query parameter that carried it.
    pub(super) fn hide(&self, text: &str) -> String {
        if self.text.is_empty() {
            return text.to_owned();
        }
        let text = self.parameter.as_ref().map_or_else(|| text.to_owned(), |name| self.without_parameter(text, name));
        text.replace(&self.text, TOKEN)
    }

    /// Envoy repeats URLs up to some length only, so that a part of the token counts as well.
    fn without_parameter(&self, text: &str, name: &str) -> String {
        for sign in ['?', '&'] {
            let before = format!("{sign}{name}=");
            let Some(start) = text.find(&before) else { continue };
            let rest = &text[start + before.len()..];
            let same = rest.bytes().zip(self.text.bytes()).take_while(|(got, sent)| got == sent).count();
            if same >= KNOWN_BYTES {
                // A token is ASCII, so what is the same ends between two characters.
                return format!("{}{}", &text[..start], &rest[same..]);
            }
        }
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(jwt: Value, path: &str) -> Call {
        Call { jwt: Some(serde_json::from_value(jwt).unwrap()), path: path.into(), ..Call::default() }
    }

    #[test]
    fn a_token_stands_where_the_call_says_and_is_told_as_the_engine_does() {
        let tokens = Tokens::new().unwrap();
        let (sent, token) = tokens.put_into(&call(json!({"issuer": "me"}), "/a")).unwrap();
        assert_eq!(token.hide(&sent.headers["authorization"]), "Bearer (token)");
        let (sent, token) = tokens.put_into(&call(json!({"issuer": "me", "location": "query", "name": "t"}), "/a?b=1")).unwrap();
        assert!(sent.path.starts_with("/a?b=1&t=ey"), "{}", sent.path);
        assert_eq!(token.hide(&sent.path), "/a?b=1");
        assert_eq!(token.hide(&sent.path[..40]), "/a?b=1", "cut off");
        let (sent, token) = tokens.put_into(&call(json!({"issuer": "me", "location": "cookie", "name": "t"}), "/")).unwrap();
        assert_eq!(token.hide(&sent.headers["cookie"]), "t=(token)");
    }

    #[test]
    fn a_header_of_the_calls_own_goes_before_the_token() {
        let mut call = call(json!({"issuer": "me"}), "/");
        call.headers.insert("Authorization".into(), "Basic x".into());
        assert_eq!(call.with_token("t").headers.len(), 1);
    }
}
