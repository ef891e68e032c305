//! An answer that comes in pieces: server-sent events, each with a name and one line of JSON.
//!
//! Knows no page. Where the visitor goes away the sender hears of it.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use hyper::body::Frame;
use serde::Serialize;
use tokio::sync::mpsc;

const MEDIA_TYPE: &str = "text/event-stream";
/// Events that are not taken yet. What only tells how things stand is left out beyond it.
const ROOM: usize = 16;

/// Whether the caller wants events.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accepted| accepted.split(',').any(|one| one.trim() == MEDIA_TYPE))
}

/// Where events are put. Clones lead to the same answer, which ends with the last of them.
#[derive(Clone)]
pub(super) struct Events(mpsc::Sender<Bytes>);

struct Stream(mpsc::Receiver<Bytes>);

/// An answer, and where its events are put.
pub(super) fn open() -> (Events, Response) {
    let (sender, receiver) = mpsc::channel(ROOM);
    // A proxy in front must not gather it first.
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE), (header::HeaderName::from_static("x-accel-buffering"), "no")];
    (Events(sender), (headers, Body::new(Stream(receiver))).into_response())
}

impl Events {
    /// Tells how things stand, if somebody listens.
    pub(super) fn tell(&self, name: &str, data: &impl Serialize) {
        // The next one tells it better.
        drop(self.0.try_send(event(name, data)));
    }

    /// Tells how it ended, if anybody still wants to know.
    pub(super) async fn end(self, name: &str, data: &impl Serialize) {
        drop(self.0.send(event(name, data)).await);
    }

    /// Resolves when nobody listens any more.
    pub(super) async fn abandoned(&self) {
        self.0.closed().await;
    }
}

/// JSON has no line break outside of its texts, and none within.
fn event(name: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_else(|_| "null".into());
    format!("event: {name}\ndata: {data}\n\n").into()
}

impl HttpBody for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}
