//! What an entry of an access log looks like: Istio's own formats, and what Envoy needs to write others.
//!
//! `pilot/pkg/model/telemetry_logging.go` (istio/istio at 1.26.4). The operators are Envoy's:
//! <https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators>.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// A line, where nothing else is written.
pub(super) const TEXT_FORMAT: &str = concat!(
    "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% ",
    "%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% ",
    "%DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" ",
    "\"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% ",
    "%DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n",
);

/// The same as a JSON object: each key and what it holds.
const KEYS: [(&str, &str); 24] = [
    ("authority", "%REQ(:AUTHORITY)%"),
    ("bytes_received", "%BYTES_RECEIVED%"),
    ("bytes_sent", "%BYTES_SENT%"),
    ("connection_termination_details", "%CONNECTION_TERMINATION_DETAILS%"),
    ("downstream_local_address", "%DOWNSTREAM_LOCAL_ADDRESS%"),
    ("downstream_remote_address", "%DOWNSTREAM_REMOTE_ADDRESS%"),
    ("duration", "%DURATION%"),
    ("method", "%REQ(:METHOD)%"),
    ("path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"),
    ("protocol", "%PROTOCOL%"),
    ("request_id", "%REQ(X-REQUEST-ID)%"),
    ("requested_server_name", "%REQUESTED_SERVER_NAME%"),
    ("response_code", "%RESPONSE_CODE%"),
    ("response_code_details", "%RESPONSE_CODE_DETAILS%"),
    ("response_flags", "%RESPONSE_FLAGS%"),
    ("route_name", "%ROUTE_NAME%"),
    ("start_time", "%START_TIME%"),
    ("upstream_cluster", "%UPSTREAM_CLUSTER_RAW%"),
    ("upstream_host", "%UPSTREAM_HOST%"),
    ("upstream_local_address", "%UPSTREAM_LOCAL_ADDRESS%"),
    ("upstream_service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"),
    ("upstream_transport_failure_reason", "%UPSTREAM_TRANSPORT_FAILURE_REASON%"),
    ("user_agent", "%REQ(USER-AGENT)%"),
    ("x_forwarded_for", "%REQ(X-FORWARDED-FOR)%"),
];

/// An object, where nothing else is written.
pub(super) static JSON_FORMAT: LazyLock<Map<String, Value>> = LazyLock::new(|| KEYS.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect());

/// `SubstitutionFormatString` of lines; each ends with a line feed.
pub(super) fn text_format(text: &str, omits_empty: bool) -> Value {
    let text = match text {
        "" => TEXT_FORMAT.to_owned(),
        text if text.ends_with('\n') => text.to_owned(),
        text => format!("{text}\n"),
    };
    let formatters = formatters(std::iter::once(text.as_str()));
    finish(json!({"textFormatSource": {"inlineString": text}}), omits_empty, formatters)
}

/// `SubstitutionFormatString` of objects.
pub(super) fn json_format(object: Map<String, Value>, omits_empty: bool) -> Value {
    let formatters = formatters(object.values().filter_map(Value::as_str));
    finish(json!({"jsonFormat": object, "jsonFormatOptions": {}}), omits_empty, formatters)
}

/// What Envoy needs beyond its own operators. Of CEL and METADATA proxies of 1.26 know by themselves.
pub(super) fn formatters<'a>(mut texts: impl Iterator<Item = &'a str>) -> Option<Value> {
    let message = "type.googleapis.com/envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery";
    texts.any(|text| text.contains("%REQ_WITHOUT_QUERY")).then(|| json!([{"name": "envoy.formatter.req_without_query", "typedConfig": {"@type": message}}]))
}

fn finish(mut format: Value, omits_empty: bool, formatters: Option<Value>) -> Value {
    if omits_empty {
        format["omitEmptyValues"] = true.into();
    }
    if let Some(formatters) = formatters {
        format["formatters"] = formatters;
    }
    format
}
