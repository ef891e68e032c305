//! A call as the terminal contract describes it: a connection that reaches a proxy, and the request on it.

use std::collections::BTreeMap;

use serde::Deserialize;

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
    pub location: Option<String>,
    pub name: Option<String>,
    pub prefix: Option<String>,
}

/// How the backend behaves.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Upstream {
    /// The answer to each attempt that reaches it, in order; the last one repeats. A number, or `refused`, `reset`.
    pub status: Vec<serde_json::Value>,
    /// Before each answer.
    pub delay: Option<Duration>,
    /// A gRPC status.
    pub grpc_status: Option<serde_json::Value>,
    /// Instead: the behaviour by endpoint address.
    pub by_endpoint: BTreeMap<String, serde_json::Value>,
}
