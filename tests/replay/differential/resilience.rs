//! Connection pools, outlier detection and retries, where what comes of several requests is certain.
//!
//! It is where one endpoint stands behind the host, or several that do the same and take turns: then chance has nothing to decide.
//! What depends on which of two moments comes first is left out: a retry that meets an ejection, and ejections that follow each
//! other within the second in which Envoy gathers them.

use meshwright::engine::envoy::{Call, Protocol};
use serde_json::json;

use super::case::{Case, head};
use crate::{
    dice::Dice,
    replay::{outbound, productpage},
};

const CALLS: usize = 4;
/// Long enough for all requests that are sent together to arrive before the first is answered, on a busy machine as well.
const SLOW: &str = "700ms";

pub fn case(dice: &mut Dice) -> Case {
    let mut case = Case::new(productpage());
    for (name, address) in [("details", "10.96.0.2"), ("ratings", "10.96.0.4")] {
        let host = format!("{name}.default.svc.cluster.local");
        let base = outbound(address, 9080, name, "/", &[]);
        match dice.below(3) {
            0 => pool(dice, &mut case, name, &host, &base),
            1 => detection(dice, &mut case, name, &host, &base),
            _ => retries(dice, &mut case, name, &host, &base),
        }
    }
    case
}

/// Without retries, which Istio would add.
fn once(case: &mut Case, name: &str, host: &str) {
    case.rule(&head(name, "default", host, ""), "http", format!("{{retries: {{attempts: 0}}, route: [{{destination: {{host: {host}}}}}]}}"));
}

fn rule(case: &mut Case, name: &str, host: &str, policy: &str) {
    case.document("networking", "DestinationRule", name, "default", &format!("{{host: {host}, trafficPolicy: {{{policy}}}}}"));
}

/// More requests at a time than the pool takes.
fn pool(dice: &mut Dice, case: &mut Case, name: &str, host: &str, base: &Call) {
    let mut http = Vec::new();
    // How HTTP/2 connections that are used up make room for new ones is not modelled.
    let used_up = dice.pick(&["maxRequestsPerConnection: 1", "maxRequestsPerConnection: 2", "h2UpgradePolicy: UPGRADE", "h2UpgradePolicy: UPGRADE"]);
    for part in [format!("http1MaxPendingRequests: {}", 1 + dice.below(3)), format!("http2MaxRequests: {}", 1 + dice.below(5)), used_up.to_owned()] {
        if dice.happens(50) {
            http.push(part);
        }
    }
    let mut parts = Vec::new();
    if dice.happens(80) {
        parts.push(format!("tcp: {{maxConnections: {}}}", 1 + dice.below(3)));
    }
    if !http.is_empty() || parts.is_empty() {
        http.push("idleTimeout: 1h".into());
        parts.push(format!("http: {{{}}}", http.join(", ")));
    }
    rule(case, name, host, &format!("connectionPool: {{{}}}", parts.join(", ")));
    once(case, name, host);
    for at in 0..CALLS {
        let status = dice.pick(&[json!([200]), json!([200]), json!([500]), json!([201, 200])]);
        let upstream = serde_json::from_value(json!({"status": status, "delay": SLOW})).unwrap();
        let rounds = dice.pick(&[None, None, Some(2)]);
        let protocol = dice.pick(&[Protocol::Http, Protocol::Http, Protocol::Http2]);
        let together = Some(2 + u32::try_from(dice.below(6)).unwrap());
        case.calls.push(Call { path: format!("/together/{at}"), upstream: Some(upstream), repeat: rounds, concurrency: together, protocol, ..base.clone() });
    }
}

/// One after another, until the endpoint is thrown out or is not.
fn detection(dice: &mut Dice, case: &mut Case, name: &str, host: &str, base: &Call) {
    let limit = 1 + dice.below(4);
    let what = dice.pick(&[
        format!("consecutive5xxErrors: {limit}"),
        format!("consecutiveGatewayErrors: {limit}, consecutive5xxErrors: 0"),
        format!("consecutiveGatewayErrors: {limit}, consecutive5xxErrors: {}", limit + 2),
        format!("splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: {limit}"),
        format!("splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 9, consecutive5xxErrors: {limit}"),
    ]);
    let most = dice.pick(&["", ", maxEjectionPercent: 99", ", maxEjectionPercent: 100", ", maxEjectionPercent: 100", ", maxEjectionPercent: 100"]);
    let panic = dice.pick(&["", "", ", minHealthPercent: 30"]);
    rule(case, name, host, &format!("outlierDetection: {{{what}, baseEjectionTime: 5m{most}{panic}}}"));
    once(case, name, host);
    for at in 0..CALLS {
        let status = dice.pick(&[
            json!([500]),
            json!([503]),
            json!([503, 503, 200, 503]),
            json!([500, 503, 502, 504]),
            json!([501, 200, 503]),
            json!([404, 500]),
            json!(["reset"]),
            json!(["reset", 200, "reset"]),
            json!(["refused"]),
            json!([200]),
        ]);
        let grpc = dice.pick(&[json!([]), json!([]), json!([]), json!([14]), json!([0, 13])]);
        let upstream = serde_json::from_value(json!({"status": status, "grpc_status": grpc})).unwrap();
        let repeat = Some(4 + u32::try_from(dice.below(9)).unwrap());
        let call = Call { path: format!("/in-turn/{at}"), upstream: Some(upstream), repeat, ..base.clone() };
        case.calls.push(sometimes_grpc(dice, call));
    }
}

/// Attempts of one request after another, with nobody thrown out.
fn retries(dice: &mut Dice, case: &mut Case, name: &str, host: &str, base: &Call) {
    let of = head(name, "default", host, "");
    let retry_on = dice.pick(&["5xx", "gateway-error", "reset,connect-failure", "retriable-4xx,503", "unavailable,internal"]);
    let per_try = dice.pick(&["", "", ", perTryTimeout: 1500ms"]);
    let policy = format!("retries: {{attempts: {}, retryOn: '{retry_on}', backoff: 5ms{per_try}}}", 1 + dice.below(3));
    case.rule(&of, "http", format!("{{{policy}, route: [{{destination: {{host: {host}}}}}]}}"));
    for at in 0..CALLS {
        let status =
            dice.pick(&[json!([503, 200]), json!([500, 502, 503, 200]), json!(["reset", 503, 200]), json!([409, 503, 200]), json!([404]), json!([503])]);
        let grpc = dice.pick(&[json!([]), json!([]), json!([14, 13, 0])]);
        let upstream = serde_json::from_value(json!({"status": status, "grpc_status": grpc})).unwrap();
        let repeat = Some(1 + u32::try_from(dice.below(4)).unwrap());
        let call = Call { path: format!("/again/{at}"), upstream: Some(upstream), repeat, ..base.clone() };
        case.calls.push(sometimes_grpc(dice, call));
    }
}

/// Of a gRPC request some things count that of another do not.
fn sometimes_grpc(dice: &mut Dice, mut call: Call) -> Call {
    if dice.happens(40) {
        call.method = "POST".into();
        call.headers.insert("content-type".into(), "application/grpc".into());
    }
    call
}
