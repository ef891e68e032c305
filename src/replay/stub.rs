//! Backends on loopback: one for each endpoint, each answers as the script says and remembers what it saw.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Notify,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use super::{
    ReplayError,
    client::{ID_HEADER, TCP_GREETING},
    script::{Reaction, Script},
};
use crate::engine::envoy::{Answer, UpstreamRequest};

/// What a stub answers on a connection that is no HTTP.
pub(super) const TCP_ANSWER: &str = "answer of ";
/// How much a client may say on such a connection.
const GREETING_BYTES: u64 = 256;
/// The first byte of a TLS handshake.
const TLS_HANDSHAKE: u8 = 0x16;
/// Connections that wait to be taken.
const BACKLOG: u32 = 1024;

/// A request or connection that reached a stub.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sighting {
    /// Which stub, by the endpoint that it stands in for.
    pub(super) endpoint: String,
    /// What the client called the request.
    pub(super) id: String,
    /// The request; none for bytes that are no HTTP.
    pub(super) request: Option<UpstreamRequest>,
}

/// The stubs of a replay; dropped, they are gone with all their connections.
pub(super) struct Stubs {
    addresses: BTreeMap<String, SocketAddr>,
    seen: Arc<Mutex<Vec<Sighting>>>,
    /// Ports that are taken so that nobody else listens there, and nobody does.
    refused: Vec<TcpSocket>,
    house: Arc<House>,
    tasks: JoinSet<()>,
}

/// What all stubs share.
struct House {
    script: Mutex<Arc<Script>>,
    tls: TlsAcceptor,
    seen: Arc<Mutex<Vec<Sighting>>>,
}

impl Stubs {
    pub(super) fn start(endpoints: BTreeSet<String>, script: Script, tls: TlsAcceptor) -> Result<Self, ReplayError> {
        let seen = Arc::default();
        let script = Arc::new(script);
        let house = Arc::new(House { script: Mutex::new(Arc::clone(&script)), tls, seen: Arc::clone(&seen) });
        let mut stubs = Self { addresses: BTreeMap::new(), seen, refused: Vec::new(), house: Arc::clone(&house), tasks: JoinSet::new() };
        for endpoint in endpoints {
            let socket = bind().map_err(ReplayError::machine("stand in for an endpoint"))?;
            stubs.addresses.insert(endpoint.clone(), socket.local_addr().map_err(ReplayError::machine("stand in for an endpoint"))?);
            if script.is_refused(&endpoint) {
                stubs.refused.push(socket);
            } else {
                let listener = socket.listen(BACKLOG).map_err(ReplayError::machine("stand in for an endpoint"))?;
                stubs.tasks.spawn(accept(listener, Arc::from(endpoint), Arc::clone(&house)));
            }
        }
        Ok(stubs)
    }

    pub(super) fn addresses(&self) -> &BTreeMap<String, SocketAddr> {
        &self.addresses
    }

    /// From now on they answer as this script says, from its beginning. Nobody begins or ceases to refuse connections.
    pub(super) fn play(&self, script: Script) {
        *self.house.script.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(script);
    }

    /// What has been seen since the last time.
    pub(super) fn take_seen(&self) -> Vec<Sighting> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn bind() -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    Ok(socket)
}

async fn accept(listener: TcpListener, endpoint: Arc<str>, house: Arc<House>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(serve(stream, Arc::clone(&endpoint), Arc::clone(&house)))),
                Err(_) => return,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// A connection that fails has nobody to tell: the other end is Envoy, and what it made of it is in its journal.
async fn serve(stream: TcpStream, endpoint: Arc<str>, house: Arc<House>) {
    drop(stream.set_nodelay(true));
    let mut stream = BufReader::new(stream);
    let is_tls = stream.fill_buf().await.is_ok_and(|bytes| bytes.first() == Some(&TLS_HANDSHAKE));
    if is_tls {
        if let Ok(stream) = house.tls.accept(stream).await {
            speak(BufReader::new(stream), endpoint, &house).await;
        }
    } else {
        speak(stream, endpoint, &house).await;
    }
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(mut stream: BufReader<S>, endpoint: Arc<str>, house: &Arc<House>) {
    let first = stream.fill_buf().await.ok().and_then(|bytes| bytes.first().copied());
    match first {
        None => {}
        // Methods of HTTP are in capitals, our greeting is not.
        Some(byte) if byte == TCP_GREETING.as_bytes()[0] => drop(greet(stream, &endpoint, house).await),
        Some(_) => {
            let close = Arc::new(Notify::new());
            let service = hyper::service::service_fn(|request| answer(request, Arc::clone(&endpoint), Arc::clone(house), Arc::clone(&close)));
            let builder = auto::Builder::new(TokioExecutor::new());
            // Ending the service of one request would reset its stream alone where there are several; a reset is one of the connection.
            tokio::select! {
                _ = builder.serve_connection(TokioIo::new(stream), service) => {}
                () = close.notified() => {}
            }
        }
    }
}

async fn greet<S: AsyncRead + AsyncWrite + Unpin>(stream: BufReader<S>, endpoint: &str, house: &House) -> io::Result<()> {
    let mut line = String::new();
    let mut stream = stream.take(GREETING_BYTES);
    stream.read_line(&mut line).await?;
    let mut stream = stream.into_inner();
    let id = line.trim_end().strip_prefix(TCP_GREETING).unwrap_or_default().to_owned();
    house.see(Sighting { endpoint: endpoint.to_owned(), id, request: None });
    let reaction = house.script().react(endpoint);
    tokio::time::sleep(reaction.delay).await;
    if matches!(reaction.answer, Answer::Status(_)) {
        stream.write_all(format!("{TCP_ANSWER}{endpoint}\n").as_bytes()).await?;
    }
    stream.shutdown().await
}

/// Without an answer the connection is closed.
async fn answer(request: Request<Incoming>, endpoint: Arc<str>, house: Arc<House>, close: Arc<Notify>) -> Result<Response<Empty<Bytes>>, io::Error> {
    let (id, seen) = describe(&request);
    house.see(Sighting { endpoint: endpoint.to_string(), id, request: Some(seen) });
    let Reaction { answer, delay, grpc_status } = house.script().react(&endpoint);
    tokio::time::sleep(delay).await;
    let Answer::Status(status) = answer else {
        close.notify_one();
        return std::future::pending().await;
    };
    let mut response = Response::new(Empty::new());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    if let Some(code) = grpc_status {
        response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
        response.headers_mut().insert("grpc-status", HeaderValue::from(code));
    }
    Ok(response)
}

fn describe(request: &Request<Incoming>) -> (String, UpstreamRequest) {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in request.headers() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.entry(name.as_str().to_owned()).and_modify(|before| *before = format!("{before},{value}")).or_insert(value);
    }
    let id = headers.remove(ID_HEADER).unwrap_or_default();
    let host = headers.remove("host").unwrap_or_default();
    let authority = request.uri().authority().map_or(host, |authority| authority.as_str().to_owned());
    let path = request.uri().path_and_query().map_or_else(|| "/".to_owned(), |path| path.as_str().to_owned());
    (id, UpstreamRequest { method: request.method().to_string(), authority, path, headers })
}

impl House {
    fn script(&self) -> Arc<Script> {
        Arc::clone(&self.script.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn see(&self, sighting: Sighting) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(sighting);
    }
}
