//! An external authorizer on loopback: it answers as the call says, over HTTP and over gRPC.
//!
//! <https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/auth/v3/external_auth.proto>

use std::{
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::body::{Bytes, Incoming};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{net::TcpListener, task::JoinSet};

use super::ReplayError;
use crate::engine::envoy::Call;

/// The clusters by which an Envoy reaches it; no others may be asked.
pub(super) const HTTP_CLUSTER: &str = "meshwright-authorizer-http";
pub(super) const GRPC_CLUSTER: &str = "meshwright-authorizer-grpc";

/// What a gRPC message stands behind: not compressed, and its length.
const FRAME: [u8; 4] = [0, 0, 0, 0];
/// `CheckResponse` with a `status` of 0, OK.
const GRPC_ALLOW: &[u8] = &[0x0a, 0x00];
/// `CheckResponse` with a `status` of 7, PERMISSION_DENIED.
const GRPC_DENY: &[u8] = &[0x0a, 0x02, 0x08, 0x07];

const ALLOW: u8 = 0;
const DENY: u8 = 1;
const UNREACHABLE: u8 = 2;

/// The authorizer of a replay; dropped, it is gone.
pub(super) struct Authorizer {
    address: SocketAddr,
    verdict: Arc<AtomicU8>,
    _tasks: JoinSet<()>,
}

impl Authorizer {
    pub(super) async fn start() -> Result<Self, ReplayError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(ReplayError::machine("stand in for an authorizer"))?;
        let address = listener.local_addr().map_err(ReplayError::machine("stand in for an authorizer"))?;
        let verdict = Arc::new(AtomicU8::new(ALLOW));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&verdict)));
        Ok(Self { address, verdict, _tasks: tasks })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it answers as this call says.
    pub(super) fn heed(&self, call: &Call) {
        let verdict = match call.ext_authz.as_deref() {
            Some("deny") => DENY,
            Some("unreachable") => UNREACHABLE,
            _ => ALLOW,
        };
        self.verdict.store(verdict, Ordering::SeqCst);
    }
}

async fn accept(listener: TcpListener, verdict: Arc<AtomicU8>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { return };
                let verdict = Arc::clone(&verdict);
                connections.spawn(async move {
                    let service = hyper::service::service_fn(move |request| std::future::ready(answer(&request, verdict.load(Ordering::SeqCst))));
                    // A connection that fails has nobody to tell.
                    drop(auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await);
                });
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// An error closes the connection without an answer: to Envoy it is the same as nobody being there.
fn answer(request: &Request<Incoming>, verdict: u8) -> io::Result<Response<BoxBody<Bytes, Infallible>>> {
    if verdict == UNREACHABLE {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    let is_grpc = request.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    if is_grpc {
        return Ok(grpc(if verdict == DENY { GRPC_DENY } else { GRPC_ALLOW }));
    }
    let mut response = Response::new(Full::new(Bytes::new()).boxed());
    *response.status_mut() = if verdict == DENY { StatusCode::FORBIDDEN } else { StatusCode::OK };
    Ok(response)
}

fn grpc(message: &[u8]) -> Response<BoxBody<Bytes, Infallible>> {
    let mut frame = FRAME.to_vec();
    frame.extend(u8::try_from(message.len()));
    frame.extend(message);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let mut response = Response::new(Full::new(Bytes::from(frame)).with_trailers(std::future::ready(Some(Ok(trailers)))).boxed());
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    response
}
