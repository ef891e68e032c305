//! Faults put in on purpose: delays and aborts, each for a share of the requests.

use super::{LocalReply, Passage, Request};
use crate::engine::{
    envoy::{Stage, trace::Trace},
    xds::{FaultAbort, FractionalPercent, HttpFault, TypedConfig},
};

const NAME: &str = "envoy.filters.http.fault";

/// Parts the requests into those that get a fault and those that do not.
pub(super) fn apply(config: Option<&TypedConfig>, request: &Request, passage: Passage, trace: &mut Trace) -> Vec<Passage> {
    let Some(TypedConfig::HttpFault(fault)) = config else { return vec![passage] };
    let passages: Vec<_> = delayed(fault, passage, trace).into_iter().flat_map(|passage| aborted(fault, request, passage)).collect();
    // Requests that are held back and requests that are not are aborted alike.
    if let Some(reply) = passages.iter().find_map(|passage| passage.reply.as_ref()) {
        trace.chosen(Stage::Filter, NAME, &reply.reason, None);
    }
    passages
}

fn delayed(fault: &HttpFault, passage: Passage, trace: &mut Trace) -> Vec<Passage> {
    let Some((delay, time)) = fault.delay.as_ref().and_then(|delay| Some((delay, delay.fixed_delay?))) else { return vec![passage] };
    let share = share(delay.percentage.as_ref());
    if share <= 0.0 {
        trace.lost(Stage::Filter, NAME, format!("the delay of {time} is for 0 % of the requests."), None);
        return vec![passage];
    }
    trace.chosen(Stage::Filter, NAME, format!("{} % of the requests are held back for {time}.", percent(share)), None);
    let mut slow = Passage { share: passage.share * share, delay_nanos: passage.delay_nanos + time.as_nanos(), ..passage.clone() };
    slow.flags.push("DI");
    with_rest(slow, Passage { share: passage.share * (1.0 - share), ..passage })
}

fn aborted(fault: &HttpFault, request: &Request, passage: Passage) -> Vec<Passage> {
    let Some(abort) = &fault.abort else { return vec![passage] };
    let share = share(abort.percentage.as_ref());
    let Some(reply) = reply(abort, request, share) else { return vec![passage] };
    if share <= 0.0 {
        return vec![passage];
    }
    let mut broken = Passage { share: passage.share * share, reply: Some(reply), ..passage.clone() };
    broken.flags.push("FI");
    with_rest(broken, Passage { share: passage.share * (1.0 - share), ..passage })
}

/// The part with the fault, and the part without where there is one.
fn with_rest(faulty: Passage, rest: Passage) -> Vec<Passage> {
    if rest.share > 0.0 { vec![faulty, rest] } else { vec![faulty] }
}

/// A gRPC status comes with HTTP 200, whether the client understands it or not.
fn reply(abort: &FaultAbort, request: &Request, share: f64) -> Option<LocalReply> {
    let (status, what) = match (abort.http_status, abort.grpc_status) {
        (Some(status), _) => (u16::try_from(status).ok()?, format!("status {status}")),
        (None, Some(status)) => (200, format!("gRPC status {status}")),
        (None, None) => return None,
    };
    let reason = format!("a fault answers {} % of the requests with {what}, and the backend never sees them.", percent(share));
    let grpc_status = abort.grpc_status.filter(|_| abort.http_status.is_none() && request.is_grpc());
    Some(LocalReply { status, grpc_status, reason, ..LocalReply::default() })
}

fn share(percentage: Option<&FractionalPercent>) -> f64 {
    percentage.map_or(0.0, FractionalPercent::share)
}

fn percent(share: f64) -> String {
    let text = format!("{:.4}", share * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
