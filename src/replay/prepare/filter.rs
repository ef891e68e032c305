//! Network and HTTP filters: a stock Envoy's stay, Istio's go, and what goes is told where it would have decided something.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    ReplayError,
    listener::{Writer, literal},
    written,
};
use crate::{
    engine::xds::{DataSource, Filter, HttpConnectionManager, HttpFilter, JwtProvider, RouteConfiguration, TypedConfig},
    replay::{
        authorizer::{GRPC_CLUSTER, HTTP_CLUSTER},
        client::ID_HEADER,
        tokens::Tokens,
    },
};

/// Stands before the name of every route in the journal, so that a nameless route is not taken for none.
pub(in crate::replay) const ROUTE_MARK: char = '=';

/// HTTP filters of a stock Envoy that need nothing else, by the message that configures them.
const STOCK_HTTP: &[&str] = &["Cors", "FilterConfig", "GrpcWeb"];
/// Filters that observe and decide nothing about where a request goes.
const OBSERVERS: &[&str] = &[
    "istio.alpn",
    "istio.metadata_exchange",
    "istio.stats",
    "istio_authn",
    "envoy.filters.http.peer_metadata",
    "waypoint_downstream_peer_metadata",
    "waypoint_upstream_peer_metadata",
    "envoy.filters.http.grpc_stats",
    "envoy.filters.network.metadata_exchange",
    "envoy.filters.network.mongo_proxy",
    "envoy.mongo_proxy",
];

/// What is logged of a request.
fn request_format(route_config: &str) -> Value {
    json!({
        "id": format!("%REQ({ID_HEADER})%"),
        "route_config": literal(route_config),
        "virtual_host": "%METADATA(VIRTUAL_HOST:meshwright:name)%",
        "route": "%ROUTE_NAME%",
        "cluster": "%UPSTREAM_CLUSTER_RAW%",
        "code": "%RESPONSE_CODE%",
        "details": "%RESPONSE_CODE_DETAILS%",
        "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    })
}

pub(super) fn network(writer: &mut Writer<'_>, listener: &str, filter: &Filter) -> Result<Option<Value>, ReplayError> {
    let config = match &filter.typed_config {
        Some(TypedConfig::HttpConnectionManager(hcm)) => http_connection_manager(writer, listener, hcm)?,
        Some(TypedConfig::TcpProxy(proxy)) => {
            let mut proxy = proxy.clone();
            if proxy.tunneling_config.take().is_some() {
                writer.notes.insert("the tunnel that the TCP proxy would open".into());
            }
            proxy.access_log = vec![writer.journal(listener, "tcp", &json!({"cluster": "%UPSTREAM_CLUSTER_RAW%"}))];
            written(&TypedConfig::TcpProxy(proxy))?
        }
        Some(rbac @ TypedConfig::NetworkRbac(_)) => {
            let mut rbac = written(rbac)?;
            restore_sources(&mut rbac);
            rbac
        }
        Some(TypedConfig::Other(other)) if is_ext_authz(other) => asking_the_stub(Value::clone(other)),
        Some(TypedConfig::Other(other)) if sets_filter_state(other) => Value::clone(other),
        _ => {
            leave_out(writer, &filter.name);
            return Ok(None);
        }
    };
    Ok(Some(json!({"name": filter.name, "typedConfig": config})))
}

fn leave_out(writer: &mut Writer<'_>, name: &str) {
    if !OBSERVERS.contains(&name) {
        writer.notes.insert(format!("what the filter {name} does: a stock Envoy lacks it or would have to call somebody for it"));
    }
}

fn http_connection_manager(writer: &mut Writer<'_>, listener: &str, hcm: &HttpConnectionManager) -> Result<Value, ReplayError> {
    let mut hcm = hcm.clone();
    hcm.tracing = None;
    let rds = hcm.rds.take();
    let routes = rds.as_ref().map_or(hcm.route_config.as_ref(), |rds| writer.routes.get(rds.route_config_name.as_str()).copied());
    // A route configuration that istiod does not have comes empty, and Envoy finds no virtual host in it.
    let empty = RouteConfiguration { name: rds.map(|rds| rds.route_config_name).unwrap_or_default(), ..RouteConfiguration::default() };
    let routes = routes.cloned().unwrap_or(empty);
    hcm.access_log = vec![writer.journal(listener, "http", &request_format(&routes.name))];
    hcm.route_config = None;
    hcm.http_filters = http_filters(writer, std::mem::take(&mut hcm.http_filters));
    let names: Vec<String> = hcm.http_filters.iter().map(|filter| filter.name.to_string()).collect();
    let mut out = written(&TypedConfig::HttpConnectionManager(Box::new(hcm)))?;
    restore_sources(&mut out["httpFilters"]);
    out["routeConfig"] = route_config(writer, routes, &names)?;
    Ok(out)
}

fn http_filters(writer: &mut Writer<'_>, filters: Vec<HttpFilter>) -> Vec<HttpFilter> {
    let mut kept = Vec::new();
    for mut filter in filters {
        let is_stock = match &mut filter.typed_config {
            Some(TypedConfig::Router {} | TypedConfig::HttpFault(_) | TypedConfig::HttpRbac(_)) => true,
            Some(TypedConfig::JwtAuthentication(tokens)) => {
                for provider in tokens.providers.values_mut() {
                    use_own_keys(provider, writer.around.tokens);
                }
                true
            }
            Some(TypedConfig::Other(other)) if is_ext_authz(other) => {
                *other = Arc::new(asking_the_stub(Value::clone(other)));
                true
            }
            Some(TypedConfig::Other(other)) if sets_filter_state(other) => true,
            Some(other) => other.other_type().is_some_and(|kind| STOCK_HTTP.contains(&kind)) && !OBSERVERS.contains(&filter.name.as_ref()),
            None => false,
        };
        if is_stock && filter.config_discovery.is_none() {
            kept.push(filter);
        } else {
            leave_out(writer, &filter.name);
        }
    }
    kept
}

/// Tokens are signed by the replay, so its key is everybody's.
fn use_own_keys(provider: &mut JwtProvider, tokens: &Tokens) {
    let keys = tokens.keys(provider.has_keys());
    provider.remote_jwks = None;
    provider.local_jwks = Some(DataSource { inline_string: Some(keys), ..DataSource::default() });
}

/// Where a connection comes from is told by the PROXY protocol, which a principal's `directRemoteIp` looks behind. Its older form
/// `sourceIp` does not, and is the same otherwise.
fn restore_sources(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(restore_sources),
        Value::Object(object) => {
            if let Some(range) = object.remove("directRemoteIp") {
                object.insert("sourceIp".into(), range);
            }
            object.values_mut().for_each(restore_sources);
        }
        _ => {}
    }
}

fn is_ext_authz(config: &Value) -> bool {
    config["@type"].as_str().is_some_and(|kind| kind.ends_with(".ext_authz.v3.ExtAuthz"))
}

/// Whether a filter leaves notes of its own making for those behind it.
fn sets_filter_state(config: &Value) -> bool {
    config["@type"].as_str().is_some_and(|kind| kind.ends_with(".set_filter_state.v3.Config"))
}

/// The stub is asked in the way in which the authorizer would be.
fn asking_the_stub(mut config: Value) -> Value {
    if let Some(cluster) = config.pointer_mut("/httpService/serverUri/cluster") {
        *cluster = HTTP_CLUSTER.into();
    }
    if let Some(cluster) = config.pointer_mut("/grpcService/envoyGrpc/clusterName") {
        *cluster = GRPC_CLUSTER.into();
    }
    config
}

/// The routes, with the virtual hosts' names where the journal can read them and without settings of filters that are gone.
fn route_config(writer: &mut Writer<'_>, mut routes: RouteConfiguration, filters: &[String]) -> Result<Value, ReplayError> {
    // Clusters that do not exist are refused at run time, as with clusters that come later.
    routes.validate_clusters = Some(false);
    let mut settings = Vec::new();
    for host in &mut routes.virtual_hosts {
        settings.push(&mut host.typed_per_filter_config);
        for route in &mut host.routes {
            route.name.insert(0, ROUTE_MARK);
            settings.push(&mut route.typed_per_filter_config);
            let weighted = route.route.iter_mut().filter_map(|action| action.weighted_clusters.as_mut()).flat_map(|weighted| &mut weighted.clusters);
            settings.extend(weighted.map(|cluster| &mut cluster.typed_per_filter_config));
        }
    }
    for settings in settings {
        settings.retain(|name, _| {
            let is_kept = filters.iter().any(|filter| filter == name);
            if !is_kept {
                leave_out(writer, name);
            }
            is_kept
        });
    }
    let mut out = written(&routes)?;
    for (at, host) in routes.virtual_hosts.iter().enumerate() {
        out["virtualHosts"][at]["metadata"] = json!({"filterMetadata": {"meshwright": {"name": host.name}}});
    }
    Ok(out)
}
