//! Requests as the API takes and gives them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::engine::mesh::{Case, Certificate, Load, Request, RequestError, Token, claims_from_lines, headers_from_lines};

/// A JWT. Every RequestAuthentication for its issuer takes its signature for good, unless it is forged.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenQuestion {
    /// The claim `iss`.
    issuer: String,
    /// The claim `sub`.
    #[serde(default)]
    subject: String,
    /// The claim `aud`.
    #[serde(default)]
    audiences: Vec<String>,
    /// All others, up to 8,192 characters; as an object, or as lines such as `team: red`.
    #[serde(default)]
    claims: Claims,
    /// Whether its time is over.
    #[serde(default)]
    expired: bool,
    /// Whether somebody else's key has signed it.
    #[serde(default)]
    forged: bool,
}

/// Claims by name, or lines of them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
enum Claims {
    #[schema(value_type = Object)]
    ByName(Map<String, Value>),
    Lines(Vec<String>),
}

/// Headers by name, or lines such as `name: value`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Headers {
    ByName(BTreeMap<String, String>),
    Lines(Vec<String>),
}

/// A client certificate.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CertificateQuestion {
    /// The name in it, for example `cluster.local/ns/default/sa/sleep`; some other one where it is empty.
    #[serde(default)]
    identity: String,
    /// Whether it comes from an authority that nobody here knows.
    #[serde(default)]
    unknown: bool,
}

/// What is sent, and how the backends behave.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoadQuestion {
    /// How many rounds, one after another; 1 where it is absent. Over all rounds at most 1,000 requests are sent.
    #[serde(default)]
    repeat: u32,
    /// How many requests at once in each; 1 where it is absent.
    #[serde(default)]
    concurrency: u32,
    /// Between rounds, for example `500ms`.
    #[serde(default)]
    pause: String,
    /// What attempts get, one after another, the last one again and again: `503, 503, 200`, also `reset` and `refused`; of one pod
    /// `reviews-v1-a=503`; several parted by `;`.
    #[serde(default)]
    upstream_status: String,
    /// How long each answer takes, in the same form: `200ms; reviews-v1-a=2s`.
    #[serde(default)]
    upstream_delay: String,
}

/// A request and what it must come to.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseQuestion {
    /// Its method and URL where it is absent.
    #[serde(default)]
    name: String,
    /// Who calls: `pod.namespace`, or `outside`.
    from: String,
    /// `GET` where it is absent.
    #[serde(default)]
    method: String,
    /// `http://host[:port]/path?query`
    url: String,
    /// Request headers by name, or as lines such as `name: value`.
    #[serde(default)]
    headers: Headers,
    /// A token in the header `authorization`, as a test issuer signs it.
    #[serde(default)]
    token: Option<TokenQuestion>,
    /// What a client outside shows; over https only.
    #[serde(default)]
    certificate: Option<CertificateQuestion>,
    /// Several requests besides, on a virtual clock, with stated answers of the backends.
    #[serde(default)]
    load: Option<LoadQuestion>,
    /// Lines of expectation, at most 50, for example `200 from reviews-v2`.
    #[serde(default)]
    expect: Vec<String>,
}

impl Default for Claims {
    fn default() -> Self {
        Self::ByName(Map::new())
    }
}

impl Default for Headers {
    fn default() -> Self {
        Self::ByName(BTreeMap::new())
    }
}

impl Headers {
    fn read(self) -> Result<BTreeMap<String, String>, RequestError> {
        match self {
            Self::ByName(headers) => Ok(headers.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect()),
            Self::Lines(lines) => headers_from_lines(lines.iter().map(String::as_str)),
        }
    }
}

impl TokenQuestion {
    fn token(self) -> Result<Token, RequestError> {
        let Self { issuer, subject, audiences, claims, expired, forged } = self;
        let claims = match claims {
            Claims::ByName(claims) => claims,
            Claims::Lines(lines) => claims_from_lines(lines.iter().map(String::as_str))?,
        };
        Ok(Token { issuer, subject, audiences, claims, is_expired: expired, is_forged: forged })
    }

    fn of(token: &Token) -> Self {
        let Token { issuer, subject, audiences, claims, is_expired, is_forged } = token.clone();
        Self { issuer, subject, audiences, claims: Claims::ByName(claims), expired: is_expired, forged: is_forged }
    }
}

impl CertificateQuestion {
    fn certificate(self) -> Certificate {
        Certificate { identity: self.identity.trim_start_matches("spiffe://").to_owned(), is_unknown: self.unknown }
    }
}

impl LoadQuestion {
    pub(super) fn load(self) -> Load {
        let Self { repeat, concurrency, pause, upstream_status, upstream_delay } = self;
        Load { repeat, concurrency, pause, status: upstream_status, delay: upstream_delay }
    }

    fn of(load: &Load) -> Option<Self> {
        let Load { repeat, concurrency, pause, status, delay } = load.clone();
        (!load.is_plain()).then_some(Self { repeat, concurrency, pause, upstream_status: status, upstream_delay: delay })
    }
}

/// What a question's fields ask to send.
pub(super) fn request(
    from: String,
    method: String,
    url: String,
    headers: Headers,
    token: Option<TokenQuestion>,
    certificate: Option<CertificateQuestion>,
) -> Result<Request, RequestError> {
    let token = token.map(TokenQuestion::token).transpose()?.map(Box::new);
    let certificate = certificate.map(|shown| Box::new(shown.certificate()));
    Ok(Request { from, method, url, headers: headers.read()?, token, certificate })
}

impl CaseQuestion {
    /// The request, and what is wrong with it where it cannot be sent.
    pub(super) fn case(self) -> (Case, Option<String>) {
        let Self { name, from, method, url, headers, token, certificate, load, expect } = self;
        let certificate = certificate.map(|shown| Box::new(shown.certificate()));
        let mut request = Request { from, method, url, certificate, ..Request::default() };
        let mut fault = None;
        match headers.read() {
            Ok(headers) => request.headers = headers,
            Err(error) => fault = Some(error.to_string()),
        }
        match token.map(TokenQuestion::token).transpose() {
            Ok(token) => request.token = token.map(Box::new),
            Err(error) => fault = fault.or(Some(error.to_string())),
        }
        let name = if name.trim().is_empty() { Case::name_of(&request) } else { name };
        (Case { name, request, load: load.map(LoadQuestion::load).unwrap_or_default(), expect }, fault)
    }

    pub(super) fn of(case: &Case) -> Self {
        let Case { name, request, load, expect } = case;
        Self {
            name: name.clone(),
            from: request.from.clone(),
            method: request.method.clone(),
            url: request.url.clone(),
            headers: Headers::ByName(request.headers.clone()),
            token: request.token.as_deref().map(TokenQuestion::of),
            certificate: request.certificate.as_deref().map(|shown| CertificateQuestion { identity: shown.identity.clone(), unknown: shown.is_unknown }),
            load: LoadQuestion::of(load),
            expect: expect.clone(),
        }
    }
}
