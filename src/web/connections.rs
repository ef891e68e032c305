//! Connections: as many as there is room for, and none kept for ever by a visitor who sends or reads slowly.
//!
//! `axum::serve` bounds neither, and what bounds a request begins only when its head has been read. Knows no page.

use std::{future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tower::ServiceExt;

/// How much is granted to connections.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// How many there are at once; who comes later waits in the system's queue. Half of the files that a process may usually open.
    pub most: u32,
    /// How long the head of a request may take, and how long a connection may idle.
    pub head: Duration,
    /// How long one may be used before it is to be closed after the request under way.
    pub life: Duration,
    /// How long that last request and its answer may take.
    pub last: Duration,
    /// How long requests under way may take after the signal to stop.
    pub grace: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { most: 512, head: seconds(15), life: seconds(120), last: seconds(30), grace: seconds(10) }
    }
}

/// Serves until `stop`, then lets the requests under way end. Says whether they all did.
pub(super) async fn serve(listener: TcpListener, routes: Router, bounds: Bounds, stop: impl Future<Output = ()>) -> bool {
    let places = Arc::new(Semaphore::new(bounds.most as usize));
    let (stopping, stopped) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let next = async { (Arc::clone(&places).acquire_owned().await, listener.accept().await) };
        let (place, accepted) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (routes, stopped) = (routes.clone(), stopped.clone());
                tokio::spawn(async move {
                    attend(stream, peer, routes, bounds, stopped).await;
                    drop(place);
                });
            }
            Err(error) => {
                // A visitor who is gone again, or no more files may be opened: that passes.
                tracing::warn!(%error, "a connection could not be taken");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop((stopping, listener));
    timeout(bounds.grace, places.acquire_many(bounds.most)).await.is_ok()
}

async fn attend(stream: TcpStream, peer: SocketAddr, routes: Router, bounds: Bounds, mut stopped: watch::Receiver<()>) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        routes.clone().oneshot(request)
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).header_read_timeout(bounds.head).serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        // Nothing is ever sent: the other end of the channel goes away.
        _ = stopped.changed() => None,
        () = sleep(bounds.life) => None,
    };
    let ended = if let Some(ended) = ended {
        Ok(ended)
    } else {
        connection.as_mut().graceful_shutdown();
        timeout(bounds.last, connection).await
    };
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%peer, %error, "a connection broke"),
        Err(_) => tracing::debug!(%peer, "a connection is cut: its last answer was not taken in time"),
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::oneshot,
        task::JoinHandle,
    };

    use super::*;

    const SHORT: Duration = Duration::from_millis(100);
    const LONG: Duration = Duration::from_mins(1);
    /// Room for one connection, so that the next is served only when that one is gone.
    const ONE: Bounds = Bounds { most: 1, head: LONG, life: LONG, last: LONG, grace: LONG };

    async fn start(bounds: Bounds) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<bool>) {
        let slow = async || {
            sleep(SHORT).await;
            "slow"
        };
        let routes = Router::new().route("/", get("hello")).route("/slow", get(slow)).route("/large", get(async || "x".repeat(64 << 20)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let until = async move { drop(stopped.await) };
        (address, stop, tokio::spawn(serve(listener, routes, bounds, until)))
    }

    async fn send(address: SocketAddr, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    async fn ask(address: SocketAddr, path: &str) -> String {
        let mut answer = String::new();
        send(address, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn another_gets_in(address: SocketAddr) {
        let answer = timeout(LONG / 2, ask(address, "/")).await.expect("the place is not given back");
        assert!(answer.ends_with("hello"), "{answer}");
    }

    #[tokio::test]
    async fn half_a_head_does_not_keep_its_place() {
        let (address, _stop, _server) = start(Bounds { head: SHORT, ..ONE }).await;
        let _first = send(address, "GET / HTTP/1.1\r\nHost: x\r\n").await;
        another_gets_in(address).await;
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_more_does_not_keep_its_place() {
        let (address, _stop, _server) = start(Bounds { head: SHORT, ..ONE }).await;
        let mut first = send(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_ne!(first.read(&mut [0; 1024]).await.unwrap(), 0);
        another_gets_in(address).await;
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_does_not_keep_its_place() {
        let (address, _stop, _server) = start(Bounds { life: SHORT, last: SHORT, ..ONE }).await;
        let _first = send(address, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
        another_gets_in(address).await;
    }

    #[tokio::test]
    async fn there_are_no_more_at_once_than_allowed() {
        let (address, _stop, _server) = start(ONE).await;
        let first = send(address, "GET / HTTP/1.1\r\n").await;
        sleep(SHORT).await;
        assert!(timeout(SHORT, ask(address, "/")).await.is_err(), "the second is served beside the first");
        drop(first);
        another_gets_in(address).await;
    }

    #[tokio::test]
    async fn stopping_waits_for_what_is_under_way_and_for_nothing_else() {
        let (address, stop, server) = start(Bounds { most: 3, ..ONE }).await;
        let _silent = TcpStream::connect(address).await.unwrap();
        let mut idle = send(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_ne!(idle.read(&mut [0; 1024]).await.unwrap(), 0);
        let under_way = tokio::spawn(ask(address, "/slow"));
        sleep(SHORT / 2).await;
        stop.send(()).unwrap();
        assert!(timeout(LONG / 2, server).await.expect("stopping takes for ever").unwrap());
        assert!(under_way.await.unwrap().ends_with("slow"));
    }

    #[tokio::test]
    async fn stopping_does_not_wait_for_ever() {
        let (address, stop, server) = start(Bounds { grace: SHORT, ..ONE }).await;
        let _first = send(address, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
        sleep(SHORT).await;
        stop.send(()).unwrap();
        assert!(!timeout(LONG / 2, server).await.expect("stopping takes for ever").unwrap());
    }
}
