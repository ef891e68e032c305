//! What a route for HTTP does beside sending on: CORS, faults, redirects, direct responses, retries, rewrites.

use super::{
    super::{
        part::{Context, Part, check_duration, check_port},
        regex,
    },
    headers,
    matches::check_regex,
};
use crate::engine::resource::GRPC_STATUSES;

const CORS_METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"];

/// Envoy's words of `x-envoy-retry-on` and `x-envoy-retry-grpc-on` that istiod lets through.
const RETRY_ON: &[&str] = &[
    "5xx",
    "gateway-error",
    "reset",
    "reset-before-request",
    "connect-failure",
    "retriable-4xx",
    "refused-stream",
    "retriable-status-codes",
    "retriable-headers",
    "envoy-ratelimited",
    "http3-post-connect-failure",
    "cancelled",
    "deadline-exceeded",
    "internal",
    "resource-exhausted",
    "unavailable",
];

/// `validateCORSPolicy`.
pub(super) fn check_cors(context: &mut Context<'_, '_>, policy: &Part<'_>) {
    for origin in policy.get("allowOrigins").items() {
        let text = ["exact", "prefix", "regex"].iter().map(|key| origin.get(key).text()).find(|text| !text.is_empty());
        if text.is_none() {
            context.refuse(&origin, "an allowed origin needs exact, prefix or regex with a text");
        } else {
            check_regex(context, "allowOrigins", &origin);
        }
    }
    for method in policy.get("allowMethods").items() {
        if !CORS_METHODS.contains(&method.text()) {
            context.refuse(&method, format!("{:?} is not an HTTP method; methods are written in capitals", method.text()));
        }
    }
    for key in ["allowHeaders", "exposeHeaders"] {
        for name in policy.get(key).items() {
            headers::check_cors(context, &name);
        }
    }
    let age = policy.get("maxAge");
    check_duration(context, &age);
    if age.duration().is_some_and(|age| age.as_nanos() % 1_000_000_000 > 0) {
        context.refuse(&age, "maxAge counts whole seconds");
    }
}

/// `validateHTTPFaultInjection`.
pub(super) fn check_fault(context: &mut Context<'_, '_>, fault: &Part<'_>) {
    if !fault.is_set() {
        return;
    }
    let (abort, delay) = (fault.get("abort"), fault.get("delay"));
    if !abort.is_set() && !delay.is_set() {
        context.refuse(fault, "an empty fault injects nothing; add delay, abort or both");
    }
    if abort.is_set() {
        check_percentage(context, &abort.get("percentage"));
        // An abort without any of the three aborts nothing; istiod takes it without a word.
        let (grpc, http2, http) = (abort.get("grpcStatus"), abort.get("http2Error"), abort.get("httpStatus"));
        if grpc.is_set() {
            if !GRPC_STATUSES.contains(&grpc.text()) {
                context.refuse(&grpc, format!("{:?} is not a gRPC status such as NOT_FOUND or UNAVAILABLE", grpc.text()));
            }
        } else if http2.is_set() {
            context.refuse(&http2, "aborting with an HTTP/2 error is not supported; use httpStatus or grpcStatus");
        } else if http.is_set() {
            check_status(context, &http, &http);
        }
    }
    if delay.is_set() {
        check_percentage(context, &delay.get("percentage"));
        check_duration(context, &delay.get("fixedDelay"));
        let exponential = delay.get("exponentialDelay");
        if exponential.is_set() {
            check_duration(context, &exponential);
            context.refuse(&exponential, "exponentialDelay is not supported; use fixedDelay");
        }
    }
}

/// `validatePercentage`.
fn check_percentage(context: &mut Context<'_, '_>, percentage: &Part<'_>) {
    let value = percentage.get("value");
    let number = value.number();
    if !number.is_nan() && !(0.0..=100.0).contains(&number) || number > 0.0 && number < 0.0001 {
        context.refuse_as(format!("fault percentage {number}"), &value, format!("{number} is not a percentage: 0, or 0.0001 to 100"));
    }
}

fn check_status(context: &mut Context<'_, '_>, status: &Part<'_>, at: &Part<'_>) {
    if !(200..=600).contains(&status.whole()) {
        context.refuse(at, format!("{} is not an HTTP status from 200 to 599", status.whole()));
    }
}

/// `validateHTTPRedirect`.
pub(super) fn check_redirect(context: &mut Context<'_, '_>, redirect: &Part<'_>) {
    if !redirect.is_set() {
        return;
    }
    let has = |key: &'static str| !redirect.get(key).text().is_empty();
    let (code, scheme, port) = (redirect.get("redirectCode"), redirect.get("scheme"), redirect.get("port"));
    if !has("uri") && !has("authority") && !has("scheme") && !port.is_set() && !redirect.get("derivePort").is_set() {
        return context.refuse(redirect, "a redirect must change something: uri, authority, scheme or port");
    }
    let before = context.refusals;
    // istiod stops at the first of these.
    let is_over = |context: &Context<'_, '_>| context.is_counting() && context.refusals > before;
    if code.whole() != 0 && !(300..=399).contains(&code.whole()) {
        context.refuse(&code, format!("{} does not redirect; use a 3xx code such as 301, 302, 307 or 308", code.whole()));
    }
    if !matches!(scheme.text(), "" | "http" | "https") && !is_over(context) {
        context.refuse_as("redirect scheme", &scheme, format!("{:?} is not a scheme to redirect to; use http or https", scheme.text()));
    }
    if port.whole() > 0 && !is_over(context) {
        check_port(context, &port);
    }
}

/// `validateHTTPDirectResponse`.
pub(super) fn check_direct_response(context: &mut Context<'_, '_>, response: &Part<'_>) {
    if !response.is_set() {
        return;
    }
    let body = response.get("body");
    let (text, bytes) = (body.get("string"), body.get("bytes"));
    let (part, size) = if text.is_set() { (&text, text.text().len()) } else { (&bytes, bytes.text().trim_end_matches('=').len() * 3 / 4) };
    if size > 1 << 20 {
        context.refuse_as("too large a body", part, format!("a body of {size} bytes is too large; at most 1 MB is allowed"));
    } else if size > 100 << 10 {
        context.warn_as("large body", part, format!("a body of {size} bytes is pushed to every proxy; keep it below 100 kB"));
    }
    check_status(context, &response.get("status"), &response.get("status"));
}

/// `validateHTTPRetry`.
pub(super) fn check_retries(context: &mut Context<'_, '_>, retries: &Part<'_>) {
    if !retries.is_set() {
        return;
    }
    let (attempts, on) = (retries.get("attempts"), retries.get("retryOn"));
    if attempts.whole() < 0 {
        context.refuse(&attempts, "attempts must not be negative");
    }
    let has_more = retries.get("perTryTimeout").is_set() || !on.text().is_empty() || retries.get("retryRemoteLocalities").is_set();
    if attempts.whole() == 0 && has_more {
        context.refuse(&attempts, "with attempts at 0 (or absent) there are no retries, so nothing else can be set; set attempts to 1 or more");
    }
    check_duration(context, &retries.get("perTryTimeout"));
    check_duration(context, &retries.get("backoff"));
    if on.text().is_empty() {
        return;
    }
    for word in on.text().split(',') {
        if !RETRY_ON.contains(&word) && !is_known_status(word) {
            let hint = if RETRY_ON.contains(&word.trim()) { "; remove the blank" } else { "" };
            context.refuse(&on, format!("{word:?} is not a reason to retry{hint}; use words such as 5xx, gateway-error, connect-failure, reset, or a status"));
        }
    }
}

/// A status that Go's net/http has words for.
fn is_known_status(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    match digits.parse::<u16>() {
        // Go reads one sign, and so does Rust.
        Ok(status) if !digits.starts_with('+') => {
            matches!(status, 100..=103 | 200..=208 | 226 | 300..=305 | 307 | 308 | 400..=418 | 421..=426 | 428 | 429 | 431 | 451 | 500..=508 | 510 | 511)
        }
        _ => false,
    }
}

/// `validateHTTPRewrite`.
pub(super) fn check_rewrite(context: &mut Context<'_, '_>, rewrite: &Part<'_>) {
    if !rewrite.is_set() {
        return;
    }
    let (uri, by_regex) = (rewrite.get("uri"), rewrite.get("uriRegexRewrite"));
    if !uri.text().is_empty() && by_regex.is_set() {
        context.refuse(&by_regex, "uri and uriRegexRewrite both rewrite the path; remove one");
        if context.is_counting() {
            return;
        }
    }
    if uri.text().is_empty() && !by_regex.is_set() && rewrite.get("authority").text().is_empty() {
        context.refuse(rewrite, "an empty rewrite changes nothing; add uri, uriRegexRewrite or authority");
    }
    if by_regex.is_set() {
        let mut is_complete = true;
        for key in ["match", "rewrite"] {
            if by_regex.get(key).text().is_empty() {
                context.refuse_as("incomplete uriRegexRewrite", &by_regex.get(key), format!("uriRegexRewrite needs {key}"));
                is_complete = false;
            }
        }
        if is_complete {
            let pattern = by_regex.get("match");
            regex::check(context, "uriRegexRewrite", &pattern, pattern.text());
        }
    }
}
