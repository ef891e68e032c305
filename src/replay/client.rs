//! The caller: one connection a request, as the call says, with its original destination in front.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use http::{HeaderName, HeaderValue, Method, Request, Response, Uri, Version};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::{proxy_protocol, stub::TCP_ANSWER, tunnel};
use crate::engine::envoy::{Call, Protocol, SOME_ADDRESS, Tls};

/// The header that carries the name of a request to the stubs; no rule knows it.
pub(super) const ID_HEADER: &str = "x-meshwright-replay";
/// What a client says on a connection that is no HTTP, before its name.
pub(super) const TCP_GREETING: &str = "meshwright-replay ";
/// Where a connection comes from when the call does not say: an address for documentation, which no rule trusts (RFC 5737).
const SOME_SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// How much of an answer is read.
const ANSWER_BYTES: usize = 64 << 10;

/// How a request ended for its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// An HTTP answer.
    Reply {
        /// Its status.
        status: u16,
        /// Its headers; several values of one name are joined by a comma.
        headers: Vec<(String, String)>,
    },
    /// A stub answered on a connection that is no HTTP.
    Connected,
    /// The handshake failed.
    NoHandshake,
    /// The connection was closed without an answer.
    Closed,
}

impl End {
    /// Whether an endpoint may be held guilty of it.
    pub(super) fn is_failure(&self) -> bool {
        match self {
            Self::Reply { status, headers } => *status >= 500 || headers.iter().any(|(name, value)| name == "grpc-status" && value != "0"),
            Self::Connected => false,
            Self::NoHandshake | Self::Closed => true,
        }
    }

    /// Whether there is no answer.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self, Self::NoHandshake | Self::Closed)
    }
}

/// A request that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    /// What it is called in the stubs' memory.
    pub(super) id: String,
    /// The client's port, by which the journal knows the connection.
    pub(super) port: u16,
    pub(super) end: End,
}

/// Why a call cannot be sent here; none where it can.
pub(super) fn cannot_send(call: &Call) -> Option<String> {
    if let Some(place) = call.jwt.as_ref().filter(|jwt| jwt.place().is_none()) {
        return Some(format!("the place {:?} for a token", place.location.as_deref().unwrap_or_default()));
    }
    let call = &call.with_token("e30.e30.e30");
    if destination(call).is_none() {
        return Some(format!("the destination {}:{} is no IP address and port", call.address, call.port));
    }
    if call.tls != Tls::Plaintext && server_name(call).is_none() {
        return Some(format!("the client does not send the server name {:?}", call.sni));
    }
    if call.protocol != Protocol::Tcp
        && let Err(what) = request(call, "0")
    {
        return Some(format!("the client does not send {what}"));
    }
    None
}

pub(super) fn destination(call: &Call) -> Option<(IpAddr, u16)> {
    let address = if call.address.is_empty() { SOME_ADDRESS } else { &call.address };
    Some((address.parse().ok()?, u16::try_from(call.port).ok()?))
}

fn source(call: &Call) -> IpAddr {
    call.source_ip.as_deref().and_then(|ip| ip.parse().ok()).unwrap_or(SOME_SOURCE)
}

fn server_name(call: &Call) -> Option<ServerName<'static>> {
    // rustls wants a name even where none is sent.
    ServerName::try_from(if call.sni.is_empty() { "localhost".to_owned() } else { call.sni.clone() }).ok()
}

/// How a caller speaks TLS: with the one that answers, and with the end of the tunnel that it goes through.
#[derive(Debug, Clone, Default)]
pub(super) struct Security {
    pub(super) inside: Option<Arc<ClientConfig>>,
    pub(super) tunnel: Option<Arc<ClientConfig>>,
}

/// Sends one request. An error is the machine's: what Envoy does is an [`End`].
pub(super) async fn send(entry: SocketAddr, call: &Call, security: &Security, id: &str) -> io::Result<Sent> {
    let mut stream = TcpStream::connect(entry).await?;
    stream.set_nodelay(true)?;
    let port = stream.local_addr()?.port();
    let end = match (hand_over(&mut stream, call, port).await, &security.tunnel) {
        (Err(_), _) => End::Closed,
        (Ok(()), None) => secured(stream, call, security.inside.as_ref(), id).await,
        (Ok(()), Some(outside)) => match TlsConnector::from(Arc::clone(outside)).connect(tunnel::end_name(), stream).await {
            Ok(stream) => Box::pin(tunnel::through(stream, call, |inner| secured(inner, call, security.inside.as_ref(), id))).await,
            Err(_) => End::NoHandshake,
        },
    };
    Ok(Sent { id: id.to_owned(), port, end })
}

async fn secured<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, call: &Call, tls: Option<&Arc<ClientConfig>>, id: &str) -> End {
    match (tls, server_name(call)) {
        (Some(tls), Some(name)) => match TlsConnector::from(Arc::clone(tls)).connect(name, stream).await {
            Ok(stream) => talk(stream, call, id).await,
            Err(_) => End::NoHandshake,
        },
        _ => talk(stream, call, id).await,
    }
}

/// The client's own port goes along, by which what is behind a tunnel is known as well.
async fn hand_over(stream: &mut TcpStream, call: &Call, port: u16) -> io::Result<()> {
    let destination = destination(call).ok_or(io::ErrorKind::InvalidInput)?;
    stream.write_all(&proxy_protocol::header((source(call), port), destination)).await
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, call: &Call, id: &str) -> End {
    if call.protocol == Protocol::Tcp {
        return greet(stream, id).await.unwrap_or(End::Closed);
    }
    let Ok(request) = request(call, id) else { return End::Closed };
    let answer = if call.protocol == Protocol::Http2 {
        match http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await {
            Ok((mut sender, connection)) => {
                tokio::select! {
                    answer = async { read(sender.send_request(request).await).await } => answer,
                    _ = connection => None,
                }
            }
            Err(_) => None,
        }
    } else {
        match http1::handshake(TokioIo::new(stream)).await {
            Ok((mut sender, connection)) => {
                let mut connection = std::pin::pin!(connection);
                let mut answer = std::pin::pin!(async { read(sender.send_request(request).await).await });
                // The connection may end in the same moment in which the answer is complete; the answer counts.
                tokio::select! {
                    biased;
                    answer = &mut answer => answer,
                    _ = &mut connection => answer.await,
                }
            }
            Err(_) => None,
        }
    };
    answer.unwrap_or(End::Closed)
}

async fn read(answer: hyper::Result<Response<Incoming>>) -> Option<End> {
    let (head, body) = answer.ok()?.into_parts();
    // The body says nothing that is compared; it is read so that the exchange is whole.
    drop(Limited::new(body, ANSWER_BYTES).collect().await);
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        match headers.iter_mut().find(|(known, _)| known == name.as_str()) {
            Some((_, joined)) => *joined = format!("{joined},{value}"),
            None => headers.push((name.as_str().to_owned(), value)),
        }
    }
    Some(End::Reply { status: head.status.as_u16(), headers })
}

async fn greet<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, id: &str) -> io::Result<End> {
    stream.write_all(format!("{TCP_GREETING}{id}\n").as_bytes()).await?;
    let mut answer = Vec::new();
    // A connection that is reset after the answer has still been answered.
    drop((&mut stream).take(ANSWER_BYTES as u64).read_to_end(&mut answer).await);
    if answer.starts_with(TCP_ANSWER.as_bytes()) {
        return Ok(End::Connected);
    }
    let status = answer.strip_prefix(b"HTTP/1.1 ").and_then(|rest| std::str::from_utf8(rest.get(..3)?).ok()?.parse().ok());
    Ok(status.map_or(End::Closed, |status| End::Reply { status, headers: Vec::new() }))
}

/// The request of a call, or what of it cannot be sent.
fn request(call: &Call, id: &str) -> Result<Request<Empty<Bytes>>, String> {
    let is_http2 = call.protocol == Protocol::Http2;
    let path = if call.path.is_empty() { "/" } else { &call.path };
    let whole = if is_http2 { format!("{}://{}{path}", if call.tls == Tls::Plaintext { "http" } else { "https" }, call.host) } else { path.to_owned() };
    let uri: Uri = whole.parse().map_err(|_| format!("the path {path:?} for the host {:?}", call.host))?;
    if uri.path_and_query().map(http::uri::PathAndQuery::as_str) != Some(path) {
        return Err(format!("the path {path:?}"));
    }
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = uri;
    *request.version_mut() = if is_http2 { Version::HTTP_2 } else { Version::HTTP_11 };
    if !call.method.is_empty() {
        *request.method_mut() = Method::from_bytes(call.method.as_bytes()).map_err(|_| format!("the method {:?}", call.method))?;
    }
    if call.method == "CONNECT" {
        return Err("the method \"CONNECT\"".into());
    }
    let headers = request.headers_mut();
    let mut set = |name: &str, value: &str| -> Result<(), String> {
        let told = || format!("the header {name:?}");
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| told())?;
        headers.append(name, HeaderValue::from_str(value).map_err(|_| told())?);
        Ok(())
    };
    if !is_http2 && !call.host.is_empty() {
        set("host", &call.host)?;
    }
    for (name, value) in &call.headers {
        match name.trim().to_ascii_lowercase().as_str() {
            // The client or the call's own fields say these.
            ":authority" | "host" if !call.host.is_empty() => {}
            ":authority" => set("host", value)?,
            name if name.starts_with(':') || matches!(name, "content-length" | "transfer-encoding" | "connection" | "upgrade") => {
                return Err(format!("the header {name:?}"));
            }
            name => set(name, value)?,
        }
    }
    if let Some(address) = &call.remote_ip {
        set("x-forwarded-for", address)?;
    }
    set(ID_HEADER, id)?;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(path: &str) -> Call {
        Call { host: "reviews".into(), path: path.into(), port: 9080, ..Call::default() }
    }

    #[test]
    fn what_cannot_be_sent_is_said() {
        assert_eq!(cannot_send(&call("/reviews/0?x=1")), None);
        assert!(cannot_send(&call("/a#b")).is_some_and(|why| why.contains("/a#b")));
        assert!(cannot_send(&Call { jwt: Some(crate::engine::envoy::Jwt { location: Some("body".into()), ..Default::default() }), ..call("/") }).is_some());
        assert!(cannot_send(&Call { address: "reviews".into(), ..call("/") }).is_some());
    }
}
