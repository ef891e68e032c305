//! Telemetry, WasmPlugin, EnvoyFilter.

use super::check_spec;

/// What is said of every EnvoyFilter.
const ALWAYS: &str = "# warning: which may change with any upgrade";

fn check_filter(patch: &str) {
    super::check(&format!("apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {{name: x}}\nspec: {ALWAYS}\n  configPatches:\n{patch}"));
}

#[test]
fn telemetries() {
    let check = |spec: &str| check_spec("telemetry.istio.io/v1", "Telemetry", spec);
    check("  accessLogging: [{providers: [{name: envoy}], filter: {expression: 'response.code >= 400'}}]\n");
    check("  accessLogging: [{filter: {expression: 'response.code >='}}] # error: is not a CEL expression\n");
    check("  accessLogging: [{filter: {expression: \"request.url_path.matches(r'/v\\\\d+') && !-1 < 2\"}}]\n");
    check("  accessLogging: [{filter: {expression: \"request.url_path.matches('/v\\\\d+')\"}}] # error: put r before the string\n");
    check("  tracing: [{randomSamplingPercentage: 150}] # error: is not within 0 to 100\n");
    check("  metrics: [{overrides: [{tagOverrides: {a: {operation: REMOVE, value: b}}}]}] # error: REMOVE takes no value\n");
    check("  metrics: [{overrides: [{tagOverrides: {a: {}}}]}] # error: UPSERT (the default) needs a value\n");
}

#[test]
fn wasm_plugins() {
    let check = |spec: &str| check_spec("extensions.istio.io/v1alpha1", "WasmPlugin", spec);
    check("  url: oci://example.com/a:v1\n  pluginConfig: {any: [thing]}\n");
    check("  url: ftp://example.com/a # error: must start with oci://\n  sha256: ABC # error: 64 hexadecimal digits\n  phase: AUTH # error: did you mean\n");
}

#[test]
fn envoy_filters() {
    check_filter(
        "  - applyTo: HTTP_FILTER\n    match: {context: GATEWAY, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}\n    patch: {operation: INSERT_BEFORE, value: {name: a, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua}}}\n",
    );
    check_filter("  - applyTo: LISTENER\n    patch: {operation: MERGE} # error: needs a value\n");
    check_filter(
        "  - applyTo: CLUSTER\n    match: {listener: {}} # error: found by cluster\n    patch: {operation: MERGE, value: {conect_timeout: 1s}} # warning: did you mean connect_timeout?\n",
    );
    check_filter(
        "  - applyTo: HTTP_FILTER\n    patch: {operation: ADD, value: {name: a, typedConfig: {'@type': a/envoy.extensions.filters.http.lua.v3.LuaScript}}} # error: has no LuaScript\n",
    );
    check_filter(
        "  - applyTo: NETWORK_FILTER\n    match: {listener: {filterChain: {filter: {name: a, subFilter: {name: b}}}}} # error: goes with applyTo: HTTP_FILTER\n    patch: {operation: REMOVE}\n",
    );
}

#[test]
fn the_value_of_a_patch_is_read_as_envoys_message() {
    let spec = |patch: &str| format!("# warning: own configuration\n  configPatches:\n{patch}\n");
    for patch in [
        "  - {applyTo: CLUSTER, patch: {operation: ADD, value: {name: x, type: STRICT_DNS, connectTimeout: 1s, lb_policy: 1, respect_dns_ttl: true}}}",
        "  - {applyTo: BOOTSTRAP, patch: {operation: MERGE, value: {stats_flush_interval: 10s}}}",
        "  - {applyTo: HTTP_FILTER, patch: {operation: ADD, value: {name: x, config_discovery: {type_urls: [a]}}}}",
        // A surplus field is passed over, and an unknown type within it with it.
        "  - applyTo: VIRTUAL_HOST\n    patch:\n      operation: MERGE\n      value:\n        retries: {'@type': type.googleapis.com/nothing} # warning: no field",
        "  - applyTo: CLUSTER\n    patch:\n      operation: MERGE\n      value:\n        type: DNS # error: no value of it",
        "  - applyTo: CLUSTER\n    patch:\n      operation: MERGE\n      value:\n        connect_timeout: soon # error: not a duration",
        "  - applyTo: CLUSTER\n    patch:\n      operation: MERGE\n      value:\n        load_assignment:\n          endpoints: {} # error: a list is wanted",
        "  - applyTo: CLUSTER\n    patch:\n      operation: MERGE\n      value:\n        circuit_breakers: {thresholds: [{max_requests: -1}]} # error: a whole number",
        // `@type` goes with a message that says itself which one it is, and with no other.
        "  - applyTo: CLUSTER\n    patch:\n      operation: MERGE\n      value:\n        circuit_breakers:\n          '@type': type.googleapis.com/envoy.config.cluster.v3.CircuitBreakers # warning: no field \"@type\"",
        "  - applyTo: LISTENER\n    patch:\n      operation: MERGE\n      value:\n        socket_options: [{level: '1', buf_value: bm90ZQ==}, {buf_value: [110, 0]}]",
        "  - applyTo: LISTENER\n    patch:\n      operation: MERGE\n      value:\n        socket_options: [{buf_value: plain}] # error: not base64",
        "  - applyTo: CLUSTER\n    patch:\n      operation: MERGE\n      value:\n        upstream_connection_options: {tcp_keepalive: {keepalive_time: '07'}} # error: a whole number",
        "  - applyTo: CLUSTER\n    patch:\n      operation: MERGE\n      value:\n        lb_policy: 3000000000 # error: one of its names",
        "  - applyTo: HTTP_FILTER\n    patch:\n      operation: ADD\n      value:\n        name: x\n        typed_config:\n          '@type': type.googleapis.com/envoy.extensions.filters.http.ip_tagging.v3.IPTagging\n          request_type: EVERY # error: no value of it",
        "  - applyTo: HTTP_FILTER\n    patch:\n      operation: ADD\n      value:\n        name: x\n        typed_config:\n          '@type': type.googleapis.com/udpa.type.v1.TypedStruct\n          type_url: a/io.istio.http.peer_metadata.Config\n          values: {} # warning: did you mean value?",
        // istiod passes such filters on, and cannot read them where somebody else writes them.
        "  - applyTo: HTTP_FILTER\n    patch:\n      operation: ADD\n      value:\n        name: x\n        typed_config:\n          '@type': type.googleapis.com/io.istio.http.peer_metadata.Config # error: no type of Envoy's API",
        // A message of protobuf itself stands under `value`.
        "  - applyTo: EXTENSION_CONFIG\n    patch:\n      operation: ADD\n      value:\n        name: x\n        typed_config:\n          '@type': type.googleapis.com/google.protobuf.StringValue\n          value: '{}'",
        "  - applyTo: EXTENSION_CONFIG\n    patch:\n      operation: ADD\n      value:\n        name: x\n        typed_config: # error: needs \"value\"\n          '@type': type.googleapis.com/google.protobuf.Struct\n          plain: a",
        "  - applyTo: EXTENSION_CONFIG\n    patch:\n      operation: ADD\n      value:\n        name: x\n        typed_config:\n          '@type': type.googleapis.com/google.protobuf.Duration\n          value: soon # error: not a duration",
        "  - applyTo: NETWORK_FILTER\n    patch:\n      operation: ADD\n      value: # warning: by its name alone\n        name: envoy.filters.network.sni_cluster",
        "  - applyTo: HTTP_FILTER\n    patch:\n      operation: ADD\n      value:\n        name: x\n        typed_config:\n          '@type': type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua\n          inlineCode: true # error: text is wanted",
    ] {
        check_spec("networking.istio.io/v1alpha3", "EnvoyFilter", &spec(patch));
    }
}
