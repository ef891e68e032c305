//! A request that goes to a cluster: what it looks like there, and how long it may take.

use std::collections::BTreeMap;

use super::{
    Exchange, NOT_YET, Place,
    headers::{Facts, Levels, apply_to_request, apply_to_response},
    request::Request,
    rewrite,
    settle::{Branch, Next},
    virtual_host::without_port,
};
use crate::engine::{
    duration::Duration,
    envoy::{
        ClusterShare, UpstreamRequest, name_cluster,
        trace::Trace,
        upstream::{self, Delivery, Retries, Sending},
    },
    xds::{ClusterWeight, Route, RouteAction, RouteConfiguration, VirtualHost},
};

/// Envoy's default for a route that says nothing.
const DEFAULT_TIMEOUT_NANOS: i128 = 15_000_000_000;

/// A request ready for the router.
pub(super) struct Forward<'a> {
    pub(super) sending: Sending,
    /// As it came.
    original: Request,
    /// As it goes.
    request: Request,
    weight: Option<&'a ClusterWeight>,
    place: (&'a RouteConfiguration, &'a VirtualHost, &'a Route),
    rewrites_to_hostname: bool,
}

impl<'a> Forward<'a> {
    pub(super) fn new(
        exchange: &Exchange<'a>,
        place: &Place<'a>,
        weight: Option<&'a ClusterWeight>,
        request: &Request,
        cluster: &str,
        delay_nanos: i128,
    ) -> Self {
        let none = RouteAction::default();
        let action = place.route.route.as_deref().unwrap_or(&none);
        let (timeout_nanos, per_try_timeout_nanos) = timeouts(action, request);
        let sending = Sending {
            is_http2: request.is_http2,
            is_grpc: request.is_grpc(),
            cluster: cluster.to_owned(),
            delay_nanos,
            timeout_nanos,
            per_try_timeout_nanos,
            not_found_status: match action.cluster_not_found_response_code.as_str() {
                "NOT_FOUND" => 404,
                "INTERNAL_SERVER_ERROR" => 500,
                _ => 503,
            },
            retries: Retries::of(place.route),
        };
        let mut sent = request.clone();
        set_timeout_headers(&mut sent, action, per_try_timeout_nanos.or(timeout_nanos));
        let levels = Levels { weight, route: place.route, host: place.host, config: place.routes };
        let facts = Facts { request, connection: exchange.connection, cluster, status: None };
        apply_to_request(&mut sent, &levels.on_request(), &facts);
        let literal = weight.and_then(|weight| weight.host_rewrite_literal.as_ref()).or(action.host_rewrite_literal.as_ref());
        if let Some(host) = literal.filter(|host| !host.is_empty()) {
            if action.append_x_forwarded_host {
                sent.headers.insert("x-forwarded-host".into(), sent.authority.clone());
            }
            if sent.authority != *host {
                sent.headers.insert("x-envoy-original-host".into(), sent.authority.clone());
            }
            sent.authority.clone_from(host);
        }
        if let Some(path) = rewrite::path(place.route, action, &sent.path) {
            sent.headers.insert("x-envoy-original-path".into(), std::mem::replace(&mut sent.path, path));
        }
        Self {
            sending,
            original: request.clone(),
            request: sent,
            weight,
            place: (place.routes, place.host, place.route),
            rewrites_to_hostname: action.auto_host_rewrite == Some(true) && literal.is_none(),
        }
    }

    /// What the backend saw, if one did.
    pub(super) fn seen(&self, delivery: &Delivery) -> Option<UpstreamRequest> {
        delivery.seen_by.as_ref()?;
        let mut headers = self.request.headers.clone();
        if self.place.1.include_request_attempt_count {
            headers.insert("x-envoy-attempt-count".into(), delivery.attempts.to_string());
        }
        let authority = if self.rewrites_to_hostname && !delivery.hostname.is_empty() { delivery.hostname.clone() } else { self.request.authority.clone() };
        Some(UpstreamRequest { method: self.request.method.clone(), authority, path: self.request.path.clone(), headers })
    }

    /// Status and headers as the client sees them.
    pub(super) fn response(&self, exchange: &Exchange<'a>, delivery: &Delivery) -> (u16, BTreeMap<String, String>) {
        let mut headers = BTreeMap::new();
        let mut status = delivery.status;
        if delivery.is_answered {
            if let Some(grpc) = delivery.grpc_status {
                headers.insert("grpc-status".into(), grpc.to_string());
            }
            headers.extend(self.session_cookie().map(|cookie| ("set-cookie".to_owned(), cookie)));
        } else {
            let reply = super::LocalReply { status, ..super::LocalReply::default() };
            (status, headers) = reply.shape(&self.original);
        }
        let place = Place { routes: self.place.0, host: self.place.1, route: self.place.2 };
        finish_headers(exchange, &place, self.weight, &self.request, &self.sending.cluster, if delivery.is_answered { status } else { NOT_YET }, &mut headers);
        (status, headers)
    }
}

impl Forward<'_> {
    /// The cookie that ties a client to an endpoint, for a client that does not have it yet. Its value hangs on the connection.
    fn session_cookie(&self) -> Option<String> {
        let policies = &self.place.2.route.as_ref()?.hash_policy;
        let cookie = policies.iter().find_map(|policy| policy.cookie.as_ref().filter(|cookie| cookie.ttl.is_some()))?;
        let sent = self.original.header("cookie").unwrap_or_default();
        if sent.split(';').any(|pair| pair.trim().split('=').next() == Some(cookie.name.as_str())) {
            return None;
        }
        let max_age = cookie.ttl.map(|ttl| ttl.as_nanos() / 1_000_000_000).filter(|&seconds| seconds > 0).map(|seconds| format!("; Max-Age={seconds}"));
        let path = if cookie.path.is_empty() { String::new() } else { format!("; Path={}", cookie.path) };
        Some(format!("{}=\"(hash)\"{}{path}; HttpOnly", cookie.name, max_age.unwrap_or_default()))
    }
}

/// Applies what weight, route, virtual host and configuration say about response headers.
pub(super) fn finish_headers(
    exchange: &Exchange<'_>,
    place: &Place<'_>,
    weight: Option<&ClusterWeight>,
    request: &Request,
    cluster: &str,
    status: u16,
    headers: &mut BTreeMap<String, String>,
) {
    let levels = Levels { weight, route: place.route, host: place.host, config: place.routes };
    let facts = Facts { request, connection: exchange.connection, cluster, status: Some(status) };
    apply_to_response(headers, &levels.on_response(), &facts);
}

/// The clusters that get copies, and the share of requests that is copied to each. The router copies once it has an endpoint for the
/// request itself.
pub(super) fn mirrors(exchange: &Exchange<'_>, route: &Route, branches: &[Branch<'_>]) -> Vec<ClusterShare> {
    let has_endpoint = |name: &str| {
        let Some(cluster) = upstream::cluster(exchange.config, name) else { return false };
        let hosts = upstream::hosts(exchange.config, cluster, &format!("{}:{}", exchange.connection.address, exchange.connection.port));
        upstream::shares(cluster, &hosts, |at| hosts[at].is_healthy).iter().any(|share| *share > 0.0)
    };
    let is_forwarded = |branch: &&Branch<'_>| matches!(&branch.next, Next::Send(forward) if has_endpoint(&forward.sending.cluster));
    let forwarded: f64 = branches.iter().filter(is_forwarded).map(|branch| branch.share).sum();
    // What is copied is the request as it goes on.
    let authority = branches.iter().find_map(|branch| match &branch.next {
        Next::Send(forward) => Some(forward.request.authority.as_str()),
        Next::Reply { .. } => None,
    });
    let policies = route.route.iter().flat_map(|action| &action.request_mirror_policies);
    policies
        .map(|policy| {
            let share = forwarded * policy.runtime_fraction.as_ref().map_or(1.0, |fraction| fraction.default_value.share());
            let named = name_cluster(exchange.config, exchange.connection, &policy.cluster, share, route.origin.as_ref(), &mut Trace::default());
            let authority = authority.unwrap_or_default();
            let authority = if policy.disable_shadow_host_suffix_append { authority.to_owned() } else { marked(authority) };
            ClusterShare { authority, ..named }
        })
        .filter(|mirror| mirror.share > 0.0)
        .collect()
}

/// The host of a copy, marked before its port (`shadowAppendedHost` in Envoy's `source/common/router/shadow_writer_impl.cc`).
fn marked(authority: &str) -> String {
    let host = without_port(authority);
    format!("{host}-shadow{}", &authority[host.len()..])
}

/// The limits for all attempts and for one; nothing, or 0 in xDS, is no limit.
fn timeouts(action: &RouteAction, request: &Request) -> (Option<i128>, Option<i128>) {
    let limit = |nanos: i128| Some(nanos).filter(|&nanos| nanos > 0);
    let whole = if let Some(stream) = &action.max_stream_duration {
        stream.max_stream_duration.and_then(|duration| limit(duration.as_nanos()))
    } else if let (true, Some(max)) = (request.is_grpc(), action.max_grpc_timeout) {
        let asked = request.header("grpc-timeout").and_then(grpc_timeout_nanos).and_then(limit);
        match (limit(max.as_nanos()), asked) {
            (Some(max), Some(asked)) => Some(asked.min(max)),
            (max, asked) => max.or(asked),
        }
    } else {
        limit(action.timeout.map_or(DEFAULT_TIMEOUT_NANOS, Duration::as_nanos))
    };
    let per_try = action.retry_policy.as_ref().and_then(|policy| policy.per_try_timeout).and_then(|timeout| limit(timeout.as_nanos()));
    // A try that may take as long as all tries has no limit of its own.
    (whole, per_try.filter(|&per_try| whole.is_none_or(|whole| per_try < whole)))
}

fn set_timeout_headers(request: &mut Request, action: &RouteAction, expected: Option<i128>) {
    let Some(millis) = expected.map(|nanos| nanos / 1_000_000).filter(|&millis| millis > 0) else { return };
    request.headers.insert("x-envoy-expected-rq-timeout-ms".into(), millis.to_string());
    if request.is_grpc() && action.max_grpc_timeout.is_some() && action.max_stream_duration.is_none() {
        request.headers.insert("grpc-timeout".into(), format!("{millis}m"));
    }
}

/// <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests>.
fn grpc_timeout_nanos(text: &str) -> Option<i128> {
    let unit = text.chars().last()?;
    let number: i128 = text.strip_suffix(unit).filter(|digits| digits.len() <= 8)?.parse().ok()?;
    let nanos = match unit {
        'H' => 3_600_000_000_000,
        'M' => 60_000_000_000,
        'S' => 1_000_000_000,
        'm' => 1_000_000,
        'u' => 1_000,
        'n' => 1,
        _ => return None,
    };
    Some(number * nanos)
}
