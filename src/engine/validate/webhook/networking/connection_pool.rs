//! Connection pools (`validateConnectionPool`), of DestinationRules and Sidecars.

use crate::engine::{
    duration::Duration,
    validate::webhook::part::{Context, Part, check_duration},
};

/// Judges the settings.
pub(super) fn check(context: &mut Context<'_, '_>, pool: &Part<'_>) {
    if !pool.is_set() {
        return;
    }
    let (http, tcp) = (pool.get("http"), pool.get("tcp"));
    if !http.is_set() && !tcp.is_set() {
        return context.refuse(pool, "an empty connectionPool says nothing; set tcp or http, or remove it");
    }
    for key in ["http1MaxPendingRequests", "http2MaxRequests", "maxRequestsPerConnection", "maxRetries", "maxConcurrentStreams"] {
        not_negative(context, key, &http.get(key));
    }
    check_duration(context, &http.get("idleTimeout"));
    if http.get("h2UpgradePolicy").text() == "UPGRADE" && http.get("useClientProtocol").flag() {
        context.refuse(&http.get("useClientProtocol"), "h2UpgradePolicy: UPGRADE always speaks HTTP/2, which contradicts useClientProtocol; remove one");
    }
    not_negative(context, "maxConnections", &tcp.get("maxConnections"));
    check_duration(context, &tcp.get("connectTimeout"));
    check_duration(context, &tcp.get("maxConnectionDuration"));
    let idle = tcp.get("idleTimeout");
    // Less than a millisecond is zero to istiod here, and zero turns the timeout off.
    if idle.duration().is_some_and(|time| time >= Duration::from_millis(1) || time <= Duration::from_millis(-1)) {
        check_duration(context, &idle);
    }
    for key in ["time", "interval"] {
        check_duration(context, &tcp.get("tcpKeepalive").get(key));
    }
}

fn not_negative(context: &mut Context<'_, '_>, key: &str, part: &Part<'_>) {
    if part.whole() < 0 {
        context.refuse_as(format!("negative {key}"), part, format!("{} is negative; use 0 or more", part.whole()));
    }
}
