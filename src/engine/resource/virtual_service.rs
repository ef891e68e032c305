//! `networking.istio.io` VirtualService.

use std::collections::BTreeMap;

use super::api;
use crate::engine::{duration::Duration, resource::Labels};

api! {
    /// <https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService>
    VirtualService { hosts: Vec<String>, gateways: Vec<String>, http: Vec<HttpRoute>, tls: Vec<TlsRoute>, tcp: Vec<TcpRoute>, export_to: Vec<String> }
    /// A rule for HTTP traffic.
    HttpRoute {
        name: String,
        r#match: Vec<HttpMatchRequest>,
        route: Vec<HttpRouteDestination>,
        redirect: Option<Box<HttpRedirect>>,
        direct_response: Option<Box<HttpDirectResponse>>,
        delegate: Option<Box<Delegate>>,
        rewrite: Option<Box<HttpRewrite>>,
        timeout: Option<Duration>,
        retries: Option<Box<HttpRetry>>,
        fault: Option<Box<HttpFaultInjection>>,
        mirror: Option<Box<Destination>>,
        mirrors: Vec<HttpMirrorPolicy>,
        mirror_percent: Option<u32>,
        mirror_percentage: Option<Percent>,
        cors_policy: Option<Box<CorsPolicy>>,
        headers: Option<Box<Headers>>,
    }
    /// A rule for TLS traffic that is passed on unopened.
    TlsRoute { r#match: Vec<TlsMatchAttributes>, route: Vec<RouteDestination> }
    /// A rule for TCP traffic.
    TcpRoute { r#match: Vec<L4MatchAttributes>, route: Vec<RouteDestination> }
    /// All conditions must hold.
    HttpMatchRequest {
        name: String,
        uri: Option<StringMatch>,
        scheme: Option<Box<StringMatch>>,
        method: Option<Box<StringMatch>>,
        authority: Option<Box<StringMatch>>,
        headers: BTreeMap<String, StringMatch>,
        port: u32,
        source_labels: Labels,
        gateways: Vec<String>,
        query_params: BTreeMap<String, StringMatch>,
        ignore_uri_case: bool,
        without_headers: BTreeMap<String, StringMatch>,
        source_namespace: String,
        stat_prefix: String,
    }
    /// One of its fields; none of them asks only for presence.
    StringMatch { exact: Option<String>, prefix: Option<String>, regex: Option<String> }
    TlsMatchAttributes { sni_hosts: Vec<String>, destination_subnets: Vec<String>, port: u32, source_labels: Labels, gateways: Vec<String>, source_namespace: String }
    L4MatchAttributes { destination_subnets: Vec<String>, port: u32, source_subnet: String, source_labels: Labels, gateways: Vec<String>, source_namespace: String }
    /// A service, or one of its subsets.
    Destination { host: String, subset: String, port: Option<PortSelector> }
    PortSelector { number: u32 }
    HttpRouteDestination { destination: Option<Destination>, weight: i32, headers: Option<Box<Headers>> }
    RouteDestination { destination: Option<Destination>, weight: i32 }
    HttpRedirect { uri: String, authority: String, port: Option<u32>, derive_port: Option<String>, scheme: String, redirect_code: u32 }
    HttpDirectResponse { status: u32, body: Option<HttpBody> }
    HttpBody { string: Option<String>, bytes: Option<String> }
    Delegate { name: String, namespace: String }
    HttpRewrite { uri: String, authority: String, uri_regex_rewrite: Option<RegexRewrite> }
    RegexRewrite { r#match: String, rewrite: String }
    HttpRetry { attempts: i32, per_try_timeout: Option<Duration>, retry_on: String, retry_remote_localities: Option<bool>, retry_ignore_previous_hosts: Option<bool>, backoff: Option<Duration> }
    HttpFaultInjection { delay: Option<FaultDelay>, abort: Option<FaultAbort> }
    FaultDelay { percent: i32, fixed_delay: Option<Duration>, percentage: Option<Percent> }
    FaultAbort { http_status: Option<i32>, grpc_status: Option<String>, percentage: Option<Percent> }
    HttpMirrorPolicy { destination: Option<Destination>, percentage: Option<Percent> }
    Percent { value: f64 }
    CorsPolicy {
        allow_origin: Vec<String>,
        allow_origins: Vec<StringMatch>,
        allow_methods: Vec<String>,
        allow_headers: Vec<String>,
        expose_headers: Vec<String>,
        max_age: Option<Duration>,
        allow_credentials: Option<bool>,
        unmatched_preflights: String,
    }
    /// Changes to request and response headers.
    Headers { request: Option<HeaderOperations>, response: Option<HeaderOperations> }
    HeaderOperations { set: BTreeMap<String, String>, add: BTreeMap<String, String>, remove: Vec<String> }
}

/// The names of gRPC's statuses, each at its number.
pub const GRPC_STATUSES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];
