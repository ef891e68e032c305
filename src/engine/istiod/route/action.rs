//! What becomes of a request that a route takes.

use super::{HeaderChanges, Place, hash_policy, retry_policy};
use crate::engine::{
    cluster::{HttpRule, REDIRECT_PREFIX, RouteSemantics},
    duration::Duration,
    resource::{ConsistentHash, Destination, HttpDirectResponse, HttpRedirect, HttpRewrite, HttpRouteDestination, Percent},
    xds::{
        ClusterWeight, DataSource, Denominator, DirectResponseAction, FractionalPercent, HashPolicy, Origin, RedirectAction, RegexMatchAndSubstitute,
        RegexMatcher, RequestMirrorPolicy, Route, RouteAction, RuntimeFractionalPercent, WeightedCluster,
    },
};

/// Sends requests on. `authority` is a new host that header changes ask for.
pub(super) fn forward(rule: &HttpRule, authority: String, place: &Place, semantics: RouteSemantics, route: &mut Route) -> RouteAction {
    let spec = &rule.rule;
    let timeout = spec.timeout.unwrap_or(Duration::ZERO);
    let mut action = RouteAction { timeout: Some(timeout), max_grpc_timeout: Some(timeout), ..RouteAction::default() };
    let is_gateway_api = semantics == RouteSemantics::GatewayApi;
    if is_gateway_api {
        action.cluster_not_found_response_code = "INTERNAL_SERVER_ERROR".into();
    }
    let mut host = authority;
    if let Some(to) = &spec.rewrite {
        if is_gateway_api && to.uri == "/" && to.uri_regex_rewrite.is_none() {
            action.regex_rewrite = Some(without_prefix(route.r#match.path_separated_prefix.as_deref().unwrap_or_default()));
        } else {
            rewrite(to, &mut action);
        }
        if !to.authority.is_empty() {
            host.clone_from(&to.authority);
        }
    }
    action.host_rewrite_literal = Some(host).filter(|host| !host.is_empty());
    action.request_mirror_policies = mirrors(rule, place);
    let mut keeps_host = false;
    if let [only] = spec.route.as_slice() {
        let destination = only.destination.as_ref();
        action.cluster = destination.map(|destination| place.cluster(destination));
        if let Some(headers) = &only.headers {
            let changes = HeaderChanges::new(headers);
            if action.host_rewrite_literal.is_none() && !changes.authority.is_empty() {
                action.host_rewrite_literal = Some(changes.authority.clone());
            }
            changes.add_to(route);
        }
        let hash = destination.and_then(|destination| consistent_hash(destination, place));
        keeps_host = hash.is_some();
        action.hash_policy.extend(hash.and_then(hash_policy));
    } else {
        let mut clusters = Vec::new();
        for (at, destination) in spec.route.iter().enumerate().filter(|(_, destination)| destination.weight != 0) {
            let origin = rule.origin.field(format!("{}.route[{at}]", rule.origin.path));
            clusters.push(weighted(destination, origin, place));
            let hash = destination.destination.as_ref().and_then(|destination| consistent_hash(destination, place));
            action.hash_policy.extend::<Option<HashPolicy>>(hash.and_then(hash_policy));
        }
        action.weighted_clusters = Some(WeightedCluster { clusters });
    }
    let retries = spec.retries.as_deref().or(place.scope.mesh().default_http_retry_policy.as_ref());
    action.retry_policy = retry_policy(retries, keeps_host);
    action
}

fn weighted(destination: &HttpRouteDestination, origin: Origin, place: &Place) -> ClusterWeight {
    let changes = destination.headers.as_deref().map(HeaderChanges::new).unwrap_or_default();
    ClusterWeight {
        name: destination.destination.as_ref().map(|to| place.cluster(to)).unwrap_or_default(),
        weight: Some(u32::try_from(destination.weight).unwrap_or_default()),
        request_headers_to_add: changes.request_add,
        request_headers_to_remove: changes.request_remove,
        response_headers_to_add: changes.response_add,
        response_headers_to_remove: changes.response_remove,
        host_rewrite_literal: Some(changes.authority).filter(|host| !host.is_empty()),
        origin: Some(origin),
        ..ClusterWeight::default()
    }
}

fn rewrite(to: &HttpRewrite, action: &mut RouteAction) {
    if let Some(regex) = &to.uri_regex_rewrite {
        action.regex_rewrite = Some(RegexMatchAndSubstitute { pattern: RegexMatcher { regex: regex.r#match.clone() }, substitution: regex.rewrite.clone() });
    } else {
        action.prefix_rewrite.clone_from(&to.uri);
    }
}

/// Takes a prefix away, and keeps the slash that a path starts with.
fn without_prefix(prefix: &str) -> RegexMatchAndSubstitute {
    let special = |c: char| r"\.+*?()|[]{}^$".contains(c);
    let quoted: String = prefix.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect();
    RegexMatchAndSubstitute { pattern: RegexMatcher { regex: format!("^{quoted}(/?)(.*)") }, substitution: r"/\2".into() }
}

/// How a destination wants its requests spread by hash, by the DestinationRule of its service.
fn consistent_hash<'a>(destination: &Destination, place: &Place<'a>) -> Option<&'a ConsistentHash> {
    let rule = place.scope.destination_rule(place.scope.service(&destination.host)?)?;
    let of_policy = |policy: Option<&'a crate::engine::resource::TrafficPolicy>| policy?.load_balancer.as_ref()?.consistent_hash.as_ref();
    let of_port = |policy: Option<&'a crate::engine::resource::TrafficPolicy>| {
        let number = destination.port.as_ref()?.number;
        let settings = policy?.port_level_settings.iter().find(|setting| setting.port.as_ref().is_some_and(|port| port.number == number))?;
        settings.load_balancer.as_ref()?.consistent_hash.as_ref()
    };
    let subset = rule.subset(&destination.subset).and_then(|subset| subset.subset.traffic_policy.as_deref());
    let whole = rule.traffic_policy.as_deref();
    of_port(subset).or_else(|| of_policy(subset)).or_else(|| of_port(whole)).or_else(|| of_policy(whole))
}

fn mirrors(rule: &HttpRule, place: &Place) -> Vec<RequestMirrorPolicy> {
    let spec = &rule.rule;
    let policy = |destination: &Destination, share: FractionalPercent| RequestMirrorPolicy {
        cluster: place.cluster(destination),
        runtime_fraction: Some(RuntimeFractionalPercent { default_value: share, runtime_key: String::new() }),
        trace_sampled: Some(false),
        disable_shadow_host_suffix_append: false,
    };
    let whole_percent = |numerator| FractionalPercent { numerator, denominator: Denominator::Hundred };
    let mut policies = Vec::new();
    if let Some(to) = &spec.mirror {
        let share = match (&spec.mirror_percentage, spec.mirror_percent) {
            (Some(share), _) => (share.value > 0.0).then(|| fraction(share)),
            (None, Some(share)) => (share > 0).then(|| whole_percent(share)),
            (None, None) => Some(whole_percent(100)),
        };
        policies.extend(share.map(|share| policy(to, share)));
    }
    for mirror in &spec.mirrors {
        let share = match &mirror.percentage {
            Some(share) => (share.value > 0.0).then(|| fraction(share)),
            None => Some(whole_percent(100)),
        };
        policies.extend(mirror.destination.as_ref().zip(share).map(|(to, share)| policy(to, share)));
    }
    policies
}

/// A percentage to four digits behind the point, the rest cut off.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut off as istiod does; validation keeps it within 0 to 100")]
pub(super) fn fraction(percent: &Percent) -> FractionalPercent {
    FractionalPercent { numerator: (percent.value * 10_000.0) as u32, denominator: Denominator::Million }
}

/// Sends the client elsewhere; none for a code that Envoy does not know.
pub(super) fn redirect(to: &HttpRedirect, place: &Place, semantics: RouteSemantics) -> Option<RedirectAction> {
    let response_code = match to.redirect_code {
        0 | 301 => "",
        302 => "FOUND",
        303 => "SEE_OTHER",
        307 => "TEMPORARY_REDIRECT",
        308 => "PERMANENT_REDIRECT",
        _ => return None,
    };
    let derived = (to.derive_port.as_deref() == Some("FROM_REQUEST_PORT")).then_some(place.port);
    let scheme = match to.scheme.as_str() {
        "" if place.is_tls => "https",
        "" => "http",
        scheme => scheme,
    };
    // The ports that the schemes stand for are not written out.
    let port = to.port.or(derived).filter(|port| *port != 0 && !matches!((port, scheme), (80, "http") | (443, "https")));
    let prefix = to.uri.strip_prefix(REDIRECT_PREFIX).filter(|_| semantics == RouteSemantics::GatewayApi);
    Some(RedirectAction {
        scheme_redirect: Some(to.scheme.clone()).filter(|scheme| !scheme.is_empty()),
        host_redirect: to.authority.clone(),
        port_redirect: port,
        path_redirect: prefix.is_none().then(|| to.uri.clone()),
        prefix_rewrite: prefix.map(str::to_owned),
        response_code: response_code.into(),
        ..RedirectAction::default()
    })
}

/// Answers in the backend's place.
pub(super) fn direct_response(reply: &HttpDirectResponse) -> DirectResponseAction {
    let body = reply.body.as_ref().filter(|body| body.string.is_some() || body.bytes.is_some());
    DirectResponseAction {
        status: reply.status,
        body: body.map(|body| DataSource { inline_string: body.string.clone(), inline_bytes: body.bytes.clone(), ..DataSource::default() }),
    }
}
