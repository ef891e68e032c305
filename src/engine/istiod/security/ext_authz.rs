//! External authorizers: `extensionProviders` of the mesh that CUSTOM policies name.
//!
//! `pilot/pkg/security/authz/builder/extauthz.go`.

use serde_json::{Map, Value, json};

use super::{
    Scope,
    authorization::{CUSTOM_FINDING_PREFIX, CUSTOM_PREFIX},
};
use crate::engine::{
    cluster::{ExtAuthzProvider, cluster_name},
    duration::Duration,
    xds::{TypedConfig, status_name},
};

/// The filters that ask one authorizer.
pub(super) struct Authorizer {
    pub http: TypedConfig,
    /// None where it speaks HTTP.
    pub network: Option<TypedConfig>,
}

/// Ten minutes.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);

/// The authorizer that all policies of a workload name; none where they disagree, or where it is unknown or ill-defined.
pub(super) fn authorizer(scope: &Scope, names: &[&str]) -> Option<Authorizer> {
    let (name, rest) = names.split_first()?;
    if rest.iter().any(|other| other != name) {
        return None;
    }
    let mut of_name = scope
        .mesh()
        .extension_providers
        .iter()
        .filter(|provider| provider.name == *name && (provider.envoy_ext_authz_http.is_some() || provider.envoy_ext_authz_grpc.is_some()));
    // A name that is given twice stands for neither.
    let (Some(provider), None, false) = (of_name.next(), of_name.next(), name.is_empty()) else { return None };
    match (&provider.envoy_ext_authz_http, &provider.envoy_ext_authz_grpc) {
        (Some(http), _) => over_http(scope, http),
        (None, Some(grpc)) => over_grpc(scope, grpc),
        (None, None) => None,
    }
}

/// Host name and cluster of the authorizer's service; a bare host has to be of one namespace only.
fn service(scope: &Scope, provider: &ExtAuthzProvider) -> Option<(String, String)> {
    if !(1..=65535).contains(&provider.port) {
        return None;
    }
    let (namespace, host) = match provider.service.split_once('/') {
        Some((namespace, host)) => (Some(namespace), host),
        None => (None, provider.service.as_str()),
    };
    let mut found = scope.cluster.services.iter().filter(|s| s.hostname == host && namespace.is_none_or(|namespace| s.namespace == namespace));
    let first = found.next()?;
    if found.any(|other| other.namespace != first.namespace) {
        return None;
    }
    Some((first.hostname.clone(), cluster_name(&first.hostname, provider.port, "")))
}

/// The reply where the authorizer does not answer: nothing, or a status that Envoy knows.
fn status_on_error(status: &str) -> Option<Value> {
    let name = status_name(status.parse().ok()?)?;
    Some(json!({ "code": name }))
}

/// It is asked only where a CUSTOM rule has matched in the RBAC filter before it.
fn when_matched(filter: &str) -> Value {
    json!({
        "filter": filter,
        "path": [{"key": format!("{CUSTOM_FINDING_PREFIX}shadow_effective_policy_id")}],
        "value": {"stringMatch": {"prefix": CUSTOM_PREFIX}},
    })
}

/// What both kinds of authorizer have in the HTTP filter.
fn common(provider: &ExtAuthzProvider) -> Option<Map<String, Value>> {
    let mut fields = Map::new();
    fields.insert("transportApiVersion".into(), "V3".into());
    fields.insert("filterEnabledMetadata".into(), when_matched("envoy.filters.http.rbac"));
    if !provider.status_on_error.is_empty() {
        fields.insert("statusOnError".into(), status_on_error(&provider.status_on_error)?);
    }
    if provider.fail_open {
        fields.insert("failureModeAllow".into(), true.into());
    }
    if let Some(body) = &provider.include_request_body_in_check {
        let mut settings = Map::new();
        if body.max_request_bytes > 0 {
            settings.insert("maxRequestBytes".into(), body.max_request_bytes.into());
        }
        for (key, value) in [("allowPartialMessage", body.allow_partial_message), ("packAsBytes", body.pack_as_bytes)] {
            if value {
                settings.insert(key.into(), true.into());
            }
        }
        fields.insert("withRequestBody".into(), settings.into());
    }
    Some(fields)
}

fn timeout(provider: &ExtAuthzProvider) -> Value {
    json!(provider.timeout.unwrap_or(DEFAULT_TIMEOUT))
}

fn over_grpc(scope: &Scope, provider: &ExtAuthzProvider) -> Option<Authorizer> {
    let (hostname, cluster) = service(scope, provider)?;
    let grpc = json!({"envoyGrpc": {"clusterName": cluster, "authority": hostname}, "timeout": timeout(provider)});
    let mut fields = common(provider)?;
    fields.insert("grpcService".into(), grpc.clone());
    let mut network = Map::new();
    network.insert("statPrefix".into(), "tcp.".into());
    network.insert("transportApiVersion".into(), "V3".into());
    network.insert("grpcService".into(), grpc);
    network.insert("filterEnabledMetadata".into(), when_matched("envoy.filters.network.rbac"));
    if provider.fail_open {
        network.insert("failureModeAllow".into(), true.into());
    }
    Some(Authorizer {
        http: TypedConfig::other("envoy.extensions.filters.http.ext_authz.v3.ExtAuthz", fields.into()),
        network: Some(TypedConfig::other("envoy.extensions.filters.network.ext_authz.v3.ExtAuthz", network.into())),
    })
}

fn over_http(scope: &Scope, provider: &ExtAuthzProvider) -> Option<Authorizer> {
    let (hostname, cluster) = service(scope, provider)?;
    let lists = [
        &provider.include_request_headers_in_check,
        &provider.include_headers_in_check,
        &provider.headers_to_downstream_on_deny,
        &provider.headers_to_downstream_on_allow,
        &provider.headers_to_upstream_on_allow,
    ];
    let is_rooted = provider.path_prefix.is_empty() || provider.path_prefix.starts_with('/');
    if !is_rooted || lists.iter().any(|list| list.iter().any(|header| header == "*")) {
        return None;
    }
    let mut http = Map::new();
    http.insert("serverUri".into(), json!({"uri": format!("http://{hostname}"), "cluster": cluster, "timeout": timeout(provider)}));
    if !provider.path_prefix.is_empty() {
        http.insert("pathPrefix".into(), provider.path_prefix.clone().into());
    }
    let more = &provider.include_additional_headers_in_check;
    if !more.is_empty() {
        let headers: Vec<Value> = more.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        http.insert("authorizationRequest".into(), json!({ "headersToAdd": headers }));
    }
    let on_reply = [
        ("allowedUpstreamHeaders", &provider.headers_to_upstream_on_allow),
        ("allowedClientHeaders", &provider.headers_to_downstream_on_deny),
        ("allowedClientHeadersOnSuccess", &provider.headers_to_downstream_on_allow),
    ];
    let on_reply: Map<String, Value> = on_reply.into_iter().filter_map(|(key, names)| Some((key.to_owned(), headers(names)?))).collect();
    if !on_reply.is_empty() {
        http.insert("authorizationResponse".into(), on_reply.into());
    }
    let mut fields = common(provider)?;
    fields.insert("httpService".into(), http.into());
    if let Some(shown) = headers(&provider.include_request_headers_in_check).or_else(|| headers(&provider.include_headers_in_check)) {
        fields.insert("allowedHeaders".into(), shown);
    }
    Some(Authorizer { http: TypedConfig::other("envoy.extensions.filters.http.ext_authz.v3.ExtAuthz", fields.into()), network: None })
}

/// Header names, which may begin or end with `*`, in any case.
fn headers(names: &[String]) -> Option<Value> {
    let pattern = |name: &String| {
        let (key, text) = match (name.strip_prefix('*'), name.strip_suffix('*')) {
            (Some(end), _) => ("suffix", end),
            (None, Some(start)) => ("prefix", start),
            (None, None) => ("exact", name.as_str()),
        };
        json!({key: text, "ignoreCase": true})
    };
    (!names.is_empty()).then(|| json!({"patterns": names.iter().map(pattern).collect::<Vec<_>>()}))
}
