//! The way into an Envoy through a tunnel: HTTP/2 CONNECT over mutual TLS, as ztunnel opens it to a waypoint.

use http::{Method, Request, StatusCode, Uri, Version};
use http_body_util::Empty;
use hyper::{body::Bytes, client::conn::http2, upgrade::Upgraded};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};

use super::client::{End, destination};
use crate::engine::envoy::{Call, Tls};

/// What the outside of a call's tunnel is like: mutual TLS with the peer's certificate.
pub(super) fn outside(call: &Call) -> Call {
    Call { tls: Tls::Mtls, alpn: "h2".into(), sni: String::new(), ..call.clone() }
}

/// A name that is not sent on: the end of a tunnel is known by its address.
pub(super) fn end_name() -> ServerName<'static> {
    ServerName::from(std::net::Ipv4Addr::LOCALHOST)
}

/// Opens the tunnel and does what is to be done inside.
pub(super) async fn through<S, F>(stream: S, call: &Call, inside: impl FnOnce(TokioIo<Upgraded>) -> F) -> End
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Future<Output = End>,
{
    let Some(request) = connect(call) else { return End::Closed };
    let Ok((mut sender, connection)) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await else { return End::Closed };
    let talk = async {
        let answer = sender.send_request(request).await.ok().filter(|answer| answer.status() == StatusCode::OK)?;
        let stream = hyper::upgrade::on(answer).await.ok()?;
        Some(inside(TokioIo::new(stream)).await)
    };
    let mut connection = std::pin::pin!(connection);
    let mut talk = std::pin::pin!(talk);
    let end = tokio::select! {
        biased;
        end = &mut talk => end,
        // It may end in the same moment in which the answer is complete; the answer counts.
        _ = &mut connection => talk.await,
    };
    end.unwrap_or(End::Closed)
}

fn connect(call: &Call) -> Option<Request<Empty<Bytes>>> {
    let (address, port) = destination(call)?;
    let mut request = Request::new(Empty::new());
    *request.method_mut() = Method::CONNECT;
    *request.version_mut() = Version::HTTP_2;
    *request.uri_mut() = Uri::builder().authority(std::net::SocketAddr::from((address, port)).to_string()).build().ok()?;
    Some(request)
}
