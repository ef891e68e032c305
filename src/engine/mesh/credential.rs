//! What a client shows of itself: a token in its request, a certificate on its connection.

use serde_json::{Map, Value};

use super::{OUTSIDE, Request, RequestError, url::Target};
use crate::engine::envoy::{Call, Jwt, Peer, Tls, TokenPlace};

/// A token's claims are no longer than that, as JSON.
const MOST_CLAIMS: usize = 8 * 1024;
/// No name in a token or certificate is longer.
const LONGEST: usize = 1024;
const MOST_AUDIENCES: usize = 50;
/// Where the token of a call stands once a proxy has passed it on: among its headers, if it is still there.
const CARRIED: &str = "carried";

/// A JWT as a test issuer would sign it: every RequestAuthentication for its issuer takes the signature for good, unless it is forged.
/// The issuer's keys count as fetched, also where a `jwksUri` would have to be reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Token {
    /// The claim `iss`.
    pub issuer: String,
    /// The claim `sub`.
    pub subject: String,
    /// The claim `aud`.
    pub audiences: Vec<String>,
    /// All others.
    pub claims: Map<String, Value>,
    /// Whether its time is over.
    pub is_expired: bool,
    /// Whether somebody else's key has signed it.
    pub is_forged: bool,
}

/// The certificate of a client outside the mesh.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The name in it, as Istio's certificates have one: `cluster.local/ns/default/sa/sleep`; empty for some other one.
    pub identity: String,
    /// Whether it comes from an authority that nobody here knows.
    pub is_unknown: bool,
}

impl Token {
    fn check(&self) -> Result<(), RequestError> {
        let bad = |reason: &str| Err(RequestError::BadToken { reason: reason.to_owned() });
        if self.issuer.is_empty() {
            return bad("name its issuer, the one of a RequestAuthentication");
        }
        let is_long = |text: &String| text.len() > LONGEST;
        if self.audiences.len() > MOST_AUDIENCES || self.audiences.iter().chain([&self.issuer, &self.subject]).any(is_long) {
            return bad("a name in it is longer than 1,024 characters, or there are more than 50 audiences");
        }
        if Value::Object(self.claims.clone()).to_string().len() > MOST_CLAIMS {
            return bad("its claims are longer than 8,192 characters");
        }
        match self.claims.keys().find(|name| matches!(name.as_str(), "iss" | "sub" | "aud" | "exp")) {
            Some(name) => bad(&format!("the claim {name} has a field of its own")),
            None => Ok(()),
        }
    }

    fn jwt(&self) -> Jwt {
        Jwt {
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            audiences: self.audiences.clone(),
            claims: self.claims.clone(),
            valid: Some(!self.is_forged),
            expired: self.is_expired,
            keys_fetched: true,
            ..Jwt::default()
        }
    }
}

/// Refuses what cannot be shown.
pub(super) fn check(request: &Request, target: &Target) -> Result<(), RequestError> {
    request.token.as_deref().map_or(Ok(()), Token::check)?;
    let bad = |reason: &str| Err(RequestError::BadCertificate { reason: reason.to_owned() });
    match &request.certificate {
        Some(_) if request.from != OUTSIDE => bad("only who calls from outside shows one; a workload of the mesh has its sidecar's"),
        Some(_) if !target.is_tls => bad("it is shown in TLS only; write https:// in front of the URL"),
        Some(certificate) if certificate.identity.len() > LONGEST => bad("its identity is longer than 1,024 characters"),
        _ => Ok(()),
    }
}

/// Puts into a call what the client shows.
pub(super) fn show(call: Call, target: &Target) -> Call {
    let jwt = target.token.as_deref().map(Token::jwt);
    let Some(certificate) = &target.certificate else { return Call { jwt, ..call } };
    let peer = Peer { principal: certificate.identity.clone(), namespace: String::new(), trusted: Some(!certificate.is_unknown) };
    Call { jwt, tls: Tls::Mtls, peer: Some(peer), ..call }
}

/// The token of a call that a proxy has passed on: what is left of it stands in the headers that the proxy sent, and is not put there
/// again. A parameter of the query is not touched by proxies.
pub(super) fn carried(jwt: Option<&Jwt>) -> Option<Jwt> {
    let jwt = jwt?;
    match jwt.place() {
        Some(TokenPlace::Query(_)) => Some(jwt.clone()),
        _ => Some(Jwt { location: Some(CARRIED.to_owned()), ..jwt.clone() }),
    }
}

/// Claims from lines such as `name: value`; a value that is JSON is that, any other is text.
pub fn claims_from_lines<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Map<String, Value>, RequestError> {
    let mut claims = Map::new();
    for line in lines.into_iter().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').map(|(name, value)| (name.trim(), value.trim())).filter(|(name, _)| !name.is_empty()).ok_or_else(|| {
            let given: String = line.chars().take(120).collect();
            RequestError::BadToken { reason: format!("the claim {given:?} is not written as name: value") }
        })?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        claims.insert(name.to_owned(), value);
    }
    Ok(claims)
}
