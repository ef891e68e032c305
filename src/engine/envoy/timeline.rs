//! What happened on the virtual clock of several requests: attempts, waits, retries, ejections.

use serde::{Serialize, Serializer};

/// More moments than this are not kept; the rest is counted.
const MOST_MOMENTS: usize = 4000;

/// Everything that happened, in the order of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Timeline {
    /// At most 4,000.
    pub moments: Vec<Moment>,
    /// Endpoints that outlier detection threw out.
    pub ejections: Vec<Ejection>,
    /// How many moments are left out.
    pub omitted: usize,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moment {
    /// Since the first request began.
    #[serde(rename = "at_ms", serialize_with = "as_millis")]
    pub at_nanos: i128,
    /// To which of the runs, from 0.
    pub run: usize,
    /// To which attempt of it, from 1; 0 before the first.
    pub attempt: u32,
    /// What.
    pub event: Event,
    /// With which endpoint, `address:port`; empty where none is involved.
    pub endpoint: String,
    /// In a few words.
    pub reason: String,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The request reaches the router.
    Begun,
    /// An attempt goes to its endpoint.
    Sent,
    /// An attempt waits for a connection.
    Queued,
    /// The endpoint answered.
    Answered,
    /// The endpoint could not be reached, or closed the connection.
    Failed,
    /// The time for the attempt ran out.
    TimedOut,
    /// It will be tried again after a wait.
    Retried,
    /// A circuit breaker let it not pass.
    Overflowed,
    /// The endpoint is thrown out.
    Ejected,
    /// The endpoint would be thrown out, but too many others are already.
    Spared,
    /// The client has its answer.
    Ended,
}

/// An endpoint that gets no requests for a while.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ejection {
    /// `address:port`.
    pub endpoint: String,
    /// When it was thrown out.
    #[serde(rename = "at_ms", serialize_with = "as_millis")]
    pub at_nanos: i128,
    /// When the load balancer took notice.
    #[serde(rename = "known_from_ms", serialize_with = "as_millis")]
    pub known_from_nanos: i128,
    /// When it comes back.
    #[serde(rename = "until_ms", serialize_with = "as_millis")]
    pub until_nanos: i128,
    /// What it had done.
    pub reason: String,
}

impl Timeline {
    pub(super) fn add(&mut self, moment: Moment) {
        if self.moments.len() < MOST_MOMENTS {
            self.moments.push(moment);
        } else {
            self.omitted += 1;
        }
    }

    /// When the last thing happened.
    pub fn end_nanos(&self) -> i128 {
        self.moments.last().map_or(0, |moment| moment.at_nanos)
    }
}

impl Moment {
    /// What happened, in words. `endpoint` is what the endpoint is called.
    pub fn words(&self, endpoint: &str) -> String {
        let (attempt, reason) = (self.attempt, &self.reason);
        match self.event {
            Event::Begun | Event::Retried => reason.clone(),
            Event::Sent if reason.is_empty() => format!("attempt {attempt} goes to {endpoint}"),
            Event::Sent => format!("{reason}: attempt {attempt} goes to {endpoint}"),
            Event::Queued => format!("attempt {attempt} waits for {endpoint}: {reason}"),
            Event::Answered => format!("{endpoint} answers attempt {attempt} with {reason}"),
            Event::Failed | Event::TimedOut => format!("attempt {attempt} at {endpoint} ends as {reason}"),
            Event::Overflowed => format!("attempt {attempt} is turned away by the circuit breaker ({reason})"),
            Event::Ejected => format!("{endpoint} is thrown out, {reason}"),
            Event::Spared => format!("{endpoint} is not thrown out: {reason}"),
            Event::Ended => format!("the client gets {reason}"),
        }
    }
}

/// A span of time as it is read: `12.5 ms`, `3 s`.
pub fn span_text(nanos: i128) -> String {
    #[allow(clippy::cast_precision_loss, reason = "for people")]
    let (value, unit) = if nanos.abs() >= 1_000_000_000 { (nanos as f64 / 1e9, "s") } else { (nanos as f64 / 1e6, "ms") };
    let text = format!("{value:.3}");
    format!("{} {unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[allow(clippy::trivially_copy_pass_by_ref, clippy::cast_precision_loss, reason = "the signature is serde's; for people and programs")]
fn as_millis<S: Serializer>(nanos: &i128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(*nanos as f64 / 1e6)
}
