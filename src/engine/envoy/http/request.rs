//! A request as the HTTP connection manager hands it to its filters.

use std::{collections::BTreeMap, net::IpAddr};

use super::path;
use crate::engine::{
    envoy::{Call, Jwt, Protocol, TOKEN, Tls, TokenPlace, connection::Connection},
    xds::HttpConnectionManager,
};

/// The methods that Envoy's HTTP/1 parser knows.
const METHODS: [&str; 35] = [
    "ACL",
    "BIND",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MOVE",
    "MSEARCH",
    "M-SEARCH",
    "NOTIFY",
    "OPTIONS",
    "PATCH",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "PURGE",
    "PUT",
    "REBIND",
    "REPORT",
    "SEARCH",
    "SOURCE",
    "SUBSCRIBE",
    "TRACE",
    "UNBIND",
    "UNLINK",
    "UNLOCK",
    "UNSUBSCRIBE",
];
/// Headers by which a client could steer Envoy's router; only a client inside may, and Istio counts none as inside.
const INTERNAL_HEADERS: [&str; 14] = [
    "x-envoy-retriable-status-codes",
    "x-envoy-retriable-header-names",
    "x-envoy-retry-on",
    "x-envoy-retry-grpc-on",
    "x-envoy-max-retries",
    "x-envoy-upstream-alt-stat-name",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-rq-per-try-timeout-ms",
    "x-envoy-upstream-rq-timeout-alt-response",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-force-trace",
    "x-envoy-ip-tags",
    "x-envoy-original-url",
    "x-envoy-hedge-on-per-try-timeout",
];

/// Request headers; header names in lower case, several values of one name joined by a comma.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::engine::envoy) struct Request {
    pub(in crate::engine::envoy) method: String,
    pub(in crate::engine::envoy) scheme: String,
    pub(in crate::engine::envoy) authority: String,
    /// With query.
    pub(in crate::engine::envoy) path: String,
    pub(in crate::engine::envoy) headers: BTreeMap<String, String>,
    /// Where the client is, if the call says.
    pub(in crate::engine::envoy) source: Option<IpAddr>,
    /// Where the client is by what proxies before this one have written, as far as they are believed.
    pub(in crate::engine::envoy) remote: Option<IpAddr>,
    /// The query parameter that the call's token stands in; it is left out of the path.
    pub(in crate::engine::envoy) query_token: Option<String>,
    pub(in crate::engine::envoy) is_http2: bool,
}

/// Why the connection manager answers before any filter is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rejected {
    pub(super) status: u16,
    pub(super) flags: Vec<&'static str>,
    pub(super) reason: String,
    pub(super) location: Option<String>,
    /// Whether the reply takes the form that gRPC wants.
    pub(super) is_grpc: bool,
}

impl Request {
    /// Reads the call as the connection manager would.
    pub(super) fn receive(call: &Call, connection: &Connection, hcm: &HttpConnectionManager) -> Result<Self, Rejected> {
        let method = if call.method.is_empty() { "GET" } else { &call.method };
        let is_http2 = call.protocol == Protocol::Http2;
        if call.protocol == Protocol::Tcp {
            return Err(Rejected::codec("the filter chain speaks HTTP, and what the client sends is not HTTP."));
        }
        if !is_http2 && !METHODS.contains(&method) {
            return Err(Rejected::codec(&format!("{method:?} is no method that HTTP/1 knows; methods are in capitals.")));
        }
        if !is_http2 && !call.path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Rejected::codec(&format!("the path {:?} has characters that HTTP/1 does not allow; they must be percent-encoded.", call.path)));
        }
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &call.headers {
            let name = name.trim().to_ascii_lowercase();
            headers.entry(name).and_modify(|joined| *joined = format!("{joined},{value}")).or_insert_with(|| value.clone());
        }
        let authority = headers.remove(":authority").or_else(|| headers.remove("host")).filter(|_| call.host.is_empty()).unwrap_or_else(|| call.host.clone());
        let mut request = Self {
            method: method.to_owned(),
            scheme: String::new(),
            authority,
            path: if call.path.is_empty() { "/".into() } else { call.path.clone() },
            headers,
            source: connection.source,
            remote: connection.source,
            query_token: None,
            is_http2,
        };
        request.add_token(call.jwt.as_ref());
        request.mark_origin(call, hcm);
        for name in INTERNAL_HEADERS {
            request.headers.remove(name);
        }
        if matches!(hcm.forward_client_cert_details.as_str(), "" | "SANITIZE" | "SANITIZE_SET") {
            request.headers.remove("x-forwarded-client-cert");
        }
        request.path = path::normalize(&request.path, hcm).map_err(|rejected| Rejected { is_grpc: request.is_grpc(), ..rejected })?;
        Ok(request)
    }

    /// A token shows up where the client puts it; its text is of no importance here.
    fn add_token(&mut self, token: Option<&Jwt>) {
        match token.and_then(Jwt::place) {
            Some(TokenPlace::Header { name, prefix }) => drop(self.headers.entry(name).or_insert_with(|| format!("{prefix}{TOKEN}"))),
            Some(TokenPlace::Query(name)) => self.query_token = Some(name),
            Some(TokenPlace::Cookie(name)) => {
                let own = format!("{name}={TOKEN}");
                self.headers.entry("cookie".into()).and_modify(|cookies| *cookies = format!("{cookies}; {own}")).or_insert(own);
            }
            None => {}
        }
    }

    fn mark_origin(&mut self, call: &Call, hcm: &HttpConnectionManager) {
        let own_scheme = if call.tls == Tls::Plaintext { "http" } else { "https" };
        if let Some(remote) = &call.remote_ip {
            self.headers.insert("x-forwarded-for".into(), remote.clone());
        }
        self.remote = self.believed_remote(hcm).or(self.source);
        // An edge proxy believes nobody: it says itself where the request came from.
        if hcm.use_remote_address == Some(true) {
            if let Some(source) = self.source {
                let joined = self.headers.get("x-forwarded-for").map_or_else(|| source.to_string(), |before| format!("{before},{source}"));
                self.headers.insert("x-forwarded-for".into(), joined);
            }
            if hcm.xff_num_trusted_hops == 0 {
                self.headers.insert("x-forwarded-proto".into(), own_scheme.into());
            }
        }
        let forwarded = self.headers.entry("x-forwarded-proto".into()).or_insert_with(|| own_scheme.into()).to_ascii_lowercase();
        self.scheme = if !self.is_http2 && matches!(forwarded.as_str(), "http" | "https") { forwarded } else { own_scheme.into() };
    }

    /// The client's address out of `x-forwarded-for`: at an edge the one that the first trusted proxy wrote, else the last.
    fn believed_remote(&self, hcm: &HttpConnectionManager) -> Option<IpAddr> {
        let hops = usize::try_from(hcm.xff_num_trusted_hops).ok()?;
        let from_the_end = if hcm.use_remote_address == Some(true) { hops.checked_sub(1)? } else { hops };
        let addresses = self.headers.get("x-forwarded-for")?;
        addresses.rsplit(',').nth(from_the_end)?.trim().parse().ok()
    }

    /// A header's value, or that of a pseudo-header such as `:path`.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        match name {
            ":method" => Some(&self.method),
            ":authority" => Some(&self.authority),
            ":path" => Some(&self.path),
            ":scheme" => Some(&self.scheme),
            _ if name.eq_ignore_ascii_case("host") => Some(&self.authority),
            _ => self.headers.get(&name.to_ascii_lowercase()).map(String::as_str),
        }
    }

    /// Whether gRPC is spoken, which decides the form of Envoy's own replies.
    pub(super) fn is_grpc(&self) -> bool {
        self.headers
            .get("content-type")
            .is_some_and(|kind| kind.strip_prefix("application/grpc").is_some_and(|rest| rest.is_empty() || rest.starts_with('+') || rest.starts_with(';')))
    }
}

impl Rejected {
    fn codec(reason: &str) -> Self {
        Self { status: 400, flags: vec!["DPE"], reason: reason.to_owned(), location: None, is_grpc: false }
    }
}
