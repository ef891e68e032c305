//! Faults and cross-origin rules, which Envoy keeps in filters.

use super::{action::fraction, matching::string_matcher};
use crate::engine::{
    resource::{self, GRPC_STATUSES, HttpFaultInjection, HttpRoute},
    xds::{CorsPolicy, Denominator, FaultAbort, FaultDelay, FractionalPercent, HttpFault, RuntimeFractionalPercent, StringMatcher, TypedConfig, WordMap},
};

/// The filter settings of a rule's routes.
pub(super) fn per_route_filters(rule: &HttpRoute) -> WordMap<TypedConfig> {
    let mut filters = WordMap::default();
    if let Some(fault) = rule.fault.as_ref() {
        filters.insert("envoy.filters.http.fault", TypedConfig::HttpFault(Box::new(http_fault(fault))));
    }
    if let Some(cors) = &rule.cors_policy {
        filters.insert("envoy.filters.http.cors", TypedConfig::CorsPolicy(Box::new(cors_policy(cors))));
    }
    filters
}

fn http_fault(fault: &HttpFaultInjection) -> HttpFault {
    let delay = fault.delay.as_ref().and_then(|delay| {
        let whole = || FractionalPercent { numerator: u32::try_from(delay.percent).unwrap_or_default(), denominator: Denominator::Hundred };
        Some(FaultDelay { fixed_delay: Some(delay.fixed_delay?), percentage: Some(delay.percentage.as_ref().map_or_else(whole, fraction)) })
    });
    let abort = fault.abort.as_ref().filter(|abort| abort.http_status.is_some() || abort.grpc_status.is_some());
    let abort = abort.map(|abort| FaultAbort {
        http_status: abort.http_status.map(|status| u32::try_from(status).unwrap_or_default()),
        grpc_status: abort.grpc_status.as_deref().map(grpc_code),
        percentage: abort.percentage.as_ref().map(fraction),
    });
    HttpFault { delay, abort }
}

/// The number of a gRPC status; that of OK for a name that is none.
fn grpc_code(name: &str) -> u32 {
    GRPC_STATUSES.iter().position(|known| *known == name).and_then(|at| u32::try_from(at).ok()).unwrap_or_default()
}

fn cors_policy(cors: &resource::CorsPolicy) -> CorsPolicy {
    let exact = |origin: &String| StringMatcher { exact: Some(origin.clone()), ..StringMatcher::default() };
    CorsPolicy {
        allow_origin_string_match: if cors.allow_origins.is_empty() {
            cors.allow_origin.iter().map(exact).collect()
        } else {
            cors.allow_origins.iter().filter_map(string_matcher).collect()
        },
        allow_methods: cors.allow_methods.join(","),
        allow_headers: cors.allow_headers.join(","),
        expose_headers: cors.expose_headers.join(","),
        max_age: cors.max_age.map(|age| (age.as_nanos() / 1_000_000_000).to_string()).unwrap_or_default(),
        allow_credentials: cors.allow_credentials,
        filter_enabled: Some(RuntimeFractionalPercent {
            default_value: FractionalPercent { numerator: 100, denominator: Denominator::Hundred },
            runtime_key: String::new(),
        }),
        forward_not_matching_preflights: Some(cors.unmatched_preflights != "IGNORE"),
    }
}
