//! The providers of access logs as Envoy's loggers: files, gRPC services and collectors of OpenTelemetry.
//!
//! Retells `pilot/pkg/model/telemetry_logging.go` and the loggers of `pilot/pkg/networking/core/accesslog.go` (istio/istio at 1.26.4).

use serde_json::{Map, Value, json};

use super::format::{JSON_FORMAT, TEXT_FORMAT, formatters, json_format, text_format};
use crate::engine::{
    cluster::{BUILT_IN_LOG, FileLogProvider, GrpcLogProvider, MeshConfig, MeshExtensionProvider, OtelLogProvider, STDOUT, cluster_name},
    istiod::Scope,
    xds::{AccessLog, TypedConfig},
};

const HTTP_LOGGER: &str = "envoy.access_loggers.http_grpc";
const TCP_LOGGER: &str = "envoy.tcp_grpc_access_log";
const HTTP_MESSAGE: &str = "envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig";
const TCP_MESSAGE: &str = "envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig";
const HTTP_LOG: &str = "http_envoy_accesslog";
const TCP_LOG: &str = "tcp_envoy_accesslog";

/// What the peers tell each other, by the names that it is noted under.
const PEERS: [&str; 2] = ["upstream_peer", "downstream_peer"];
/// The same for the mesh's own service, under the names of older proxies too.
const PEERS_AS_EVER: [&str; 6] =
    ["upstream_peer", "downstream_peer", "wasm.upstream_peer", "wasm.upstream_peer_id", "wasm.downstream_peer", "wasm.downstream_peer_id"];

/// The logger of a provider; none where it writes no access logs or its service is not known.
pub(super) fn of_provider(scope: &Scope, provider: &MeshExtensionProvider) -> Option<AccessLog> {
    if let Some(file) = &provider.envoy_file_access_log {
        // The one that Istio brings along is formatted by the mesh's own settings.
        let is_plain = provider.name == BUILT_IN_LOG && file.log_format.is_none() && !file.omit_empty_values;
        return Some(if is_plain {
            file_log(&file.path, mesh_format(scope.mesh()))
        } else {
            file_log(if file.path.is_empty() { STDOUT } else { &file.path }, own_format(file))
        });
    }
    if let Some(http) = &provider.envoy_http_als {
        let mut fields = Map::from_iter([("commonConfig".to_owned(), common(scope, http, HTTP_LOG)?)]);
        let more = [
            ("additionalRequestHeadersToLog", &http.additional_request_headers_to_log),
            ("additionalResponseHeadersToLog", &http.additional_response_headers_to_log),
            ("additionalResponseTrailersToLog", &http.additional_response_trailers_to_log),
        ];
        fields.extend(more.into_iter().filter(|(_, names)| !names.is_empty()).map(|(field, names)| (field.to_owned(), json!(names))));
        return Some(log(HTTP_LOGGER, HTTP_MESSAGE, fields.into()));
    }
    if let Some(tcp) = &provider.envoy_tcp_als {
        return Some(log(TCP_LOGGER, TCP_MESSAGE, json!({"commonConfig": common(scope, tcp, TCP_LOG)?})));
    }
    otel(scope, provider.envoy_otel_als.as_ref()?)
}

/// The file of the mesh's own settings.
pub(super) fn mesh_file(mesh: &MeshConfig) -> Option<AccessLog> {
    let path = Some(mesh.access_log_file.as_str()).filter(|path| !path.is_empty())?;
    Some(AccessLog { label: format!("accessLogFile {path}"), ..file_log(path, mesh_format(mesh)) })
}

/// The service of each proxy's own configuration, for requests.
pub(super) fn http_service() -> AccessLog {
    AccessLog { label: "access log service".into(), ..log(HTTP_LOGGER, HTTP_MESSAGE, json!({"commonConfig": to_mesh_service(HTTP_LOG)})) }
}

/// The same for connections.
pub(super) fn tcp_service(name: &str) -> AccessLog {
    AccessLog { label: "access log service".into(), ..log(TCP_LOGGER, TCP_MESSAGE, json!({"commonConfig": to_mesh_service(name)})) }
}

/// Of entries only those that meet a CEL expression.
pub(super) fn cel_filter(expression: &str) -> Value {
    let message = TypedConfig::other("envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter", json!({"expression": expression}));
    json!({"extensionFilter": {"name": "envoy.access_loggers.extension_filters.cel", "typedConfig": message}})
}

fn log(name: &str, message: &str, fields: Value) -> AccessLog {
    AccessLog { name: name.into(), typed_config: Some(TypedConfig::other(message, fields)), ..AccessLog::default() }
}

fn file_log(path: &str, format: Option<Value>) -> AccessLog {
    let mut fields = Map::new();
    if !path.is_empty() {
        fields.insert("path".into(), path.into());
    }
    fields.extend(format.map(|format| ("logFormat".to_owned(), format)));
    log("envoy.access_loggers.file", "envoy.extensions.access_loggers.file.v3.FileAccessLog", fields.into())
}

/// None for an encoding that istiod does not know.
fn mesh_format(mesh: &MeshConfig) -> Option<Value> {
    let written = mesh.access_log_format.as_str();
    match mesh.access_log_encoding.as_str() {
        "" | "TEXT" => Some(text_format(written, false)),
        "JSON" => {
            let object = serde_json::from_str::<Map<String, Value>>(written).ok();
            Some(json_format(object.unwrap_or_else(|| JSON_FORMAT.clone()), false))
        }
        _ => None,
    }
}

fn own_format(file: &FileLogProvider) -> Option<Value> {
    let Some(format) = &file.log_format else { return Some(text_format("", file.omit_empty_values)) };
    match (&format.text, &format.labels) {
        (Some(text), _) => Some(text_format(text, file.omit_empty_values)),
        (None, Some(labels)) if labels.is_empty() => Some(json_format(JSON_FORMAT.clone(), file.omit_empty_values)),
        (None, Some(labels)) => Some(json_format(labels.clone(), file.omit_empty_values)),
        (None, None) => None,
    }
}

fn otel(scope: &Scope, provider: &OtelLogProvider) -> Option<AccessLog> {
    let name = if provider.log_name.is_empty() { "otel_envoy_accesslog" } else { &provider.log_name };
    let (host, cluster) = service(scope, &provider.service, provider.port)?;
    let format = provider.log_format.as_ref();
    let text = format.and_then(|format| format.text.as_deref()).filter(|text| !text.is_empty()).unwrap_or(TEXT_FORMAT);
    let labels = format.and_then(|format| format.labels.as_ref()).filter(|labels| !labels.is_empty());
    let mut fields = Map::from_iter([
        ("commonConfig".to_owned(), to_service(name, &cluster, Some(&host), &json!(PEERS))),
        ("disableBuiltinLabels".to_owned(), true.into()),
        ("body".to_owned(), json!({"stringValue": text})),
    ]);
    if let Some(labels) = labels {
        let mut sorted: Vec<(&String, &Value)> = labels.iter().collect();
        sorted.sort_by_key(|(key, _)| *key);
        let values = sorted.into_iter().map(|(key, value)| json!({"key": key, "value": {"stringValue": value.as_str().unwrap_or_default()}}));
        fields.insert("attributes".into(), json!({"values": values.collect::<Vec<_>>()}));
    }
    let texts = std::iter::once(text).chain(labels.into_iter().flat_map(Map::values).filter_map(Value::as_str));
    fields.extend(formatters(texts).map(|formatters| ("formatters".to_owned(), formatters)));
    Some(log("envoy.access_loggers.open_telemetry", "envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig", fields.into()))
}

fn common(scope: &Scope, provider: &GrpcLogProvider, usual_name: &str) -> Option<Value> {
    let name = if provider.log_name.is_empty() { usual_name } else { &provider.log_name };
    let (host, cluster) = service(scope, &provider.service, provider.port)?;
    let noted = if provider.filter_state_objects_to_log.is_empty() { json!(PEERS) } else { json!(provider.filter_state_objects_to_log) };
    Some(to_service(name, &cluster, Some(&host), &noted))
}

fn to_mesh_service(name: &str) -> Value {
    to_service(name, "envoy_accesslog_service", None, &json!(PEERS_AS_EVER))
}

/// `CommonGrpcAccessLogConfig`.
fn to_service(name: &str, cluster: &str, authority: Option<&str>, noted: &Value) -> Value {
    let mut service = json!({"clusterName": cluster});
    if let Some(authority) = authority {
        service["authority"] = authority.into();
    }
    json!({
        "logName": name,
        "grpcService": {"envoyGrpc": service},
        "transportApiVersion": "V3",
        "filterStateObjectsToLog": noted,
    })
}

/// Host name and cluster of a service, `host` or `namespace/host`; a bare host has to be of one namespace only (`LookupCluster`).
fn service(scope: &Scope, name: &str, port: u32) -> Option<(String, String)> {
    let mut found = match name.split_once('/') {
        Some((_, host)) if host.contains('/') => return None,
        Some((namespace, host)) => scope.cluster.services_of_host(host).filter(|service| service.namespace == namespace).collect::<Vec<_>>(),
        None => scope.cluster.services_of_host(name).collect(),
    };
    let only = found.pop().filter(|_| found.is_empty())?;
    Some((only.hostname.clone(), cluster_name(&only.hostname, port, "")))
}
