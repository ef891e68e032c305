//! Filters of a rule or a backend (`createHeadersFilter` and its neighbours, `conversion.go`).

use std::collections::BTreeMap;

use super::backends::Backends;
use crate::engine::{
    duration::Duration,
    resource::{
        CorsPolicy, HeaderOperations, Headers, HttpMirrorPolicy, HttpRedirect, HttpRewrite, HttpRoute, K8sCors, K8sFilter, K8sHeader, K8sHeaderModifier,
        K8sMirror, K8sRedirect, K8sRewrite, Kind, Percent, RegexRewrite, StringMatch,
    },
};

/// What a redirect to another prefix starts with.
pub(crate) const PREFIX: &str = "%PREFIX()%";

/// Puts the filters of an HTTPRoute's rule into it. None where one of them is unknown.
pub(super) fn apply(filters: &[K8sFilter], backends: &Backends, namespace: &str, asks_for_grants: bool, rule: &mut HttpRoute) -> Option<()> {
    for filter in filters {
        match filter.r#type.as_str() {
            "RequestHeaderModifier" | "ResponseHeaderModifier" => modify_headers(filter, &mut rule.headers),
            "RequestRedirect" => rule.redirect = filter.request_redirect.as_ref().map(redirect).map(Box::new),
            "URLRewrite" => rule.rewrite = filter.url_rewrite.as_ref().and_then(rewrite).map(Box::new),
            "CORS" => rule.cors_policy = filter.cors.as_ref().map(cors).map(Box::new),
            // A mirror that is not there is left out.
            "RequestMirror" => {
                let to = filter.request_mirror.as_ref();
                rule.mirrors.extend(to.and_then(|to| mirror(to, backends, Kind::HTTPRoute, namespace, asks_for_grants)));
            }
            _ => return None,
        }
    }
    Some(())
}

/// Those that a backend may have. None where one of them is unknown.
pub(super) fn apply_to_backend(filters: &[K8sFilter], headers: &mut Option<Box<Headers>>) -> Option<()> {
    for filter in filters {
        match filter.r#type.as_str() {
            "RequestHeaderModifier" | "ResponseHeaderModifier" => modify_headers(filter, headers),
            _ => return None,
        }
    }
    Some(())
}

pub(super) fn modify_headers(filter: &K8sFilter, headers: &mut Option<Box<Headers>>) {
    let is_request = filter.r#type == "RequestHeaderModifier";
    let modifier = if is_request { &filter.request_header_modifier } else { &filter.response_header_modifier };
    let Some(modifier) = modifier else { return };
    let headers = headers.get_or_insert_default();
    *(if is_request { &mut headers.request } else { &mut headers.response }) = Some(operations(modifier));
}

fn operations(modifier: &K8sHeaderModifier) -> HeaderOperations {
    // Of two with one name the first counts.
    let by_name = |headers: &[K8sHeader]| {
        let mut out = BTreeMap::new();
        for header in headers {
            out.entry(header.name.to_lowercase()).or_insert_with(|| header.value.clone());
        }
        out
    };
    HeaderOperations { set: by_name(&modifier.set), add: by_name(&modifier.add), remove: modifier.remove.clone() }
}

pub(super) fn mirror(to: &K8sMirror, backends: &Backends, route: Kind, namespace: &str, asks_for_grants: bool) -> Option<HttpMirrorPolicy> {
    let destination = backends.find_mirror(&to.backend_ref, route, namespace, asks_for_grants)?;
    let percentage = match (&to.fraction, to.percent) {
        (Some(fraction), _) => Some(Percent { value: 100.0 * f64::from(fraction.numerator) / f64::from(fraction.denominator.unwrap_or(100)) }),
        (None, percent) => percent.map(|percent| Percent { value: f64::from(percent) }),
    };
    Some(HttpMirrorPolicy { destination: Some(destination), percentage })
}

fn redirect(to: &K8sRedirect) -> HttpRedirect {
    let path = to.path.as_ref();
    let uri = path.and_then(|path| match path.r#type.as_str() {
        "ReplaceFullPath" => path.replace_full_path.clone(),
        "ReplacePrefixMatch" => path.replace_prefix_match.as_ref().map(|prefix| format!("{PREFIX}{prefix}")),
        _ => None,
    });
    // The port of the request is kept unless the scheme is another.
    let derived = if to.scheme.is_some() { "FROM_PROTOCOL_DEFAULT" } else { "FROM_REQUEST_PORT" };
    HttpRedirect {
        uri: uri.unwrap_or_default(),
        authority: to.hostname.clone().unwrap_or_default(),
        port: to.port,
        derive_port: to.port.is_none().then(|| derived.to_owned()),
        scheme: to.scheme.clone().unwrap_or_default(),
        redirect_code: to.status_code.unwrap_or(302),
    }
}

fn rewrite(to: &K8sRewrite) -> Option<HttpRewrite> {
    let mut out = HttpRewrite { authority: to.hostname.clone().unwrap_or_default(), ..HttpRewrite::default() };
    match to.path.as_ref().map(|path| (path.r#type.as_str(), path)) {
        Some(("ReplacePrefixMatch", path)) => {
            let prefix = path.replace_prefix_match.as_deref().unwrap_or_default();
            let trimmed = prefix.strip_suffix('/').unwrap_or(prefix);
            // `/` takes the prefix away.
            out.uri = if trimmed.is_empty() { "/".into() } else { trimmed.into() };
        }
        Some(("ReplaceFullPath", path)) => {
            let rewrite = path.replace_full_path.clone().unwrap_or_default();
            out.uri_regex_rewrite = Some(RegexRewrite { r#match: "/.*".into(), rewrite });
        }
        _ => {}
    }
    (out != HttpRewrite::default()).then_some(out)
}

fn cors(cors: &K8sCors) -> CorsPolicy {
    let exact = |origin: &String| StringMatch { exact: Some(origin.clone()), ..StringMatch::default() };
    let age = cors.max_age.unwrap_or(5);
    CorsPolicy {
        allow_origins: cors.allow_origins.iter().filter(|origin| !origin.is_empty()).map(exact).collect(),
        allow_credentials: cors.allow_credentials.then_some(true),
        allow_methods: cors.allow_methods.clone(),
        allow_headers: cors.allow_headers.clone(),
        expose_headers: cors.expose_headers.clone(),
        max_age: (age > 0).then(|| Duration::from_secs(age)),
        ..CorsPolicy::default()
    }
}
