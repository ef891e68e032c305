//! A call as the terminal contract describes it: a connection that reaches a proxy, and the request on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::engine::duration::Duration;

/// One call. Field meanings: the terminal contract in `ARCHITECTURE.md`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Call {
    /// What the answer is called.
    pub name: String,
    /// Which of the proxies of the file carries it.
    pub proxy: String,
    /// How the connection reaches the proxy.
    pub mode: Mode,
    /// Destination address; empty for any.
    pub address: String,
    /// Destination port.
    pub port: u32,
    /// What is spoken on the connection.
    pub protocol: Protocol,
    /// How it is secured.
    pub tls: Tls,
    /// Server name in the TLS hello.
    pub sni: String,
    /// Protocols offered in the TLS hello, the first one counts.
    pub alpn: String,
    /// `Host` or `:authority`.
    pub host: String,
    /// Path with query.
    pub path: String,
    /// Method; empty means GET.
    pub method: String,
    /// Request headers.
    pub headers: BTreeMap<String, String>,
    /// The client's certificate.
    pub peer: Option<Peer>,
    /// Where the connection comes from.
    pub source_ip: Option<String>,
    /// Sent as `x-forwarded-for`.
    pub remote_ip: Option<String>,
    /// A bearer token.
    pub jwt: Option<Jwt>,
    /// What an external authorizer answers: `allow`, `deny`, `unreachable`.
    pub ext_authz: Option<String>,
    /// How the backend behaves; at once with 200 where it is absent.
    pub upstream: Option<Upstream>,
    /// How often, one after another.
    pub repeat: Option<u32>,
    /// Between repeats.
    pub pause: Option<Duration>,
    /// How many at once.
    pub concurrency: Option<u32>,
}

/// How a connection reaches a proxy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Captured on its way out (15001).
    #[default]
    Outbound,
    /// Captured on its way in (15006).
    Inbound,
    /// Not captured: the port is the gateway pod's.
    Gateway,
    /// Through a tunnel (HBONE, 15008) of the peer's, opened for this address and port; what is said of TLS is about its inside.
    Tunnel,
}

/// What is spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the variants say it")]
pub enum Protocol {
    #[default]
    Http,
    Http2,
    Tcp,
}

/// How a connection is secured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Not at all.
    #[default]
    Plaintext,
    /// The server shows a certificate.
    Tls,
    /// Both sides do.
    Mtls,
}

/// A client certificate with the SAN `spiffe://<principal>`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Peer {
    /// For example `cluster.local/ns/default/sa/sleep`.
    pub principal: String,
    /// The namespace in it.
    pub namespace: String,
    /// Whether the server trusts the CA; yes where it is absent.
    pub trusted: Option<bool>,
}

/// Claims of one token and how it is sent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields are those of a JWT and of the contract")]
pub struct Jwt {
    pub issuer: String,
    pub subject: String,
    pub audiences: Vec<String>,
    pub claims: serde_json::Map<String, serde_json::Value>,
    pub valid: Option<bool>,
    pub expired: bool,
    /// Whether a provider without keys of its own has those of the issuer, as after it has fetched them.
    pub keys_fetched: bool,
    pub location: Option<String>,
    pub name: Option<String>,
    pub prefix: Option<String>,
}

/// How the backends behave. The lists run on over all attempts, their last entry repeats.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Upstream {
    /// The answer to each attempt that reaches it; 200 where it is empty.
    #[serde(deserialize_with = "one_or_many")]
    pub status: Vec<Answer>,
    /// Before each answer; at once where it is empty.
    #[serde(deserialize_with = "one_or_many")]
    pub delay: Vec<Duration>,
    /// The gRPC status of each answer; none where it is empty.
    #[serde(deserialize_with = "one_or_many")]
    pub grpc_status: Vec<u32>,
    /// Instead of the above, by endpoint address.
    pub by_endpoint: BTreeMap<String, Behaviour>,
}

/// How one backend behaves; the fields are those of [`Upstream`].
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "see Upstream")]
pub struct Behaviour {
    #[serde(deserialize_with = "one_or_many")]
    pub status: Vec<Answer>,
    #[serde(deserialize_with = "one_or_many")]
    pub delay: Vec<Duration>,
    #[serde(deserialize_with = "one_or_many")]
    pub grpc_status: Vec<u32>,
}

/// What a backend does with an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// An HTTP status.
    Status(u16),
    /// No HTTP answer.
    Failure(Failure),
}

/// How an attempt can fail below HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Failure {
    /// The connection is not accepted.
    Refused,
    /// The connection is closed before an answer.
    Reset,
}

/// Accepts `3s` where `[3s]` is meant.
fn one_or_many<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany<T> {
        Many(Vec<T>),
        One(T),
    }
    Ok(match Option::<OneOrMany<T>>::deserialize(deserializer)? {
        None => Vec::new(),
        Some(OneOrMany::One(one)) => vec![one],
        Some(OneOrMany::Many(many)) => many,
    })
}
