//! Access logs: `pilot/pkg/model/telemetry.go`, `pilot/pkg/model/telemetry_logging.go` and `pilot/pkg/networking/core/accesslog.go` of
//! istio/istio at 1.26.4.

use meshwright::engine::{
    cluster::MeshConfig,
    envoy::{self, Call, Mode, Stage, Step, Tls, Verdict},
    mesh::{ConfigKind, ProxyConfigFilter, Pushed},
    xds::{AccessLog, FilterChain, HttpConnectionManager, Listener, ProxyConfig, TcpProxy, TypedConfig},
};
use serde_json::{Value, json};

use super::{cluster_with, listener, push};
use crate::engine::ambient::real_envoy::takes;

fn telemetry(name: &str, namespace: &str, spec: &str) -> String {
    format!("---\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n")
}

/// A Telemetry of access logs for all of a namespace.
fn logging(namespace: &str, entries: &str) -> String {
    telemetry("logs", namespace, &format!("{{accessLogging: [{entries}]}}"))
}

fn mesh(text: &Value) -> MeshConfig {
    serde_json::from_value(text.clone()).unwrap()
}

/// Files called `one` and `two` for access logs.
fn files() -> Value {
    let file = |name: &str| json!({"name": name, "envoyFileAccessLog": {"path": format!("/dev/{name}")}});
    json!({"extensionProviders": [file("one"), file("two")]})
}

/// What `web-1.shop` is told.
fn told(config: &str, settings: &Value) -> ProxyConfig {
    push(&cluster_with(config, mesh(settings)), "shop", "web-1")
}

fn chain_named<'a>(listener: &'a Listener, name: &str) -> &'a FilterChain {
    let mut chains = listener.filter_chains.iter().chain(&listener.default_filter_chain);
    chains.find(|chain| chain.name == name).unwrap_or_else(|| panic!("no chain {name}"))
}

fn manager(chain: &FilterChain) -> Option<&HttpConnectionManager> {
    chain.filters.iter().find_map(|filter| match &filter.typed_config {
        Some(TypedConfig::HttpConnectionManager(manager)) => Some(&**manager),
        _ => None,
    })
}

fn proxy(chain: &FilterChain) -> &TcpProxy {
    let found = chain.filters.iter().find_map(|filter| match &filter.typed_config {
        Some(TypedConfig::TcpProxy(proxy)) => Some(&**proxy),
        _ => None,
    });
    found.expect("the chain passes bytes on")
}

/// The logs of requests on the way out.
fn out(config: &ProxyConfig) -> &[AccessLog] {
    &manager(&listener(config, "0.0.0.0_80").filter_chains[0]).unwrap().access_log
}

/// The logs of requests on the way in.
fn inward(config: &ProxyConfig) -> &[AccessLog] {
    &listener(config, "virtualInbound").filter_chains.iter().find_map(manager).unwrap().access_log
}

/// Paths of files, or names of loggers.
fn written(logs: &[AccessLog]) -> Vec<String> {
    let name = |log: &AccessLog| message(log)["path"].as_str().map_or_else(|| log.name.clone(), str::to_owned);
    logs.iter().map(name).collect()
}

fn both(config: &ProxyConfig) -> (Vec<String>, Vec<String>) {
    (written(out(config)), written(inward(config)))
}

fn message(log: &AccessLog) -> Value {
    serde_json::to_value(log.typed_config.as_ref().unwrap()).unwrap()
}

fn some(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// `DefaultMeshConfig` in `pkg/config/mesh/mesh.go`: no file, no provider.
#[test]
fn nothing_is_logged_where_nobody_asks() {
    let config = told("", &json!({}));
    assert_eq!(both(&config), (vec![], vec![]));
    assert!(!serde_json::to_string(&config).unwrap().contains("accessLog"));
}

/// `setHTTPAccessLog`, `setTCPAccessLog` and `setListenerAccessLog` in `accesslog.go`, and where `pilot/pkg/networking/core` calls them.
#[test]
fn the_file_of_the_mesh_gets_requests_connections_and_what_no_chain_takes() {
    let config = told("", &json!({"accessLogFile": "/dev/stderr"}));
    assert_eq!(both(&config), (some(&["/dev/stderr"]), some(&["/dev/stderr"])));
    let outward = listener(&config, "virtualOutbound");
    assert_eq!(written(&proxy(chain_named(outward, "virtualOutbound-catchall-tcp")).access_log), ["/dev/stderr"]);
    assert_eq!(written(&proxy(chain_named(listener(&config, "0.0.0.0_80"), "PassthroughFilterChain")).access_log), ["/dev/stderr"]);
    assert_eq!(written(&proxy(&listener(&config, "10.96.0.4_3306").filter_chains[0]).access_log), ["/dev/stderr"]);
    assert_eq!(written(&proxy(chain_named(listener(&config, "virtualInbound"), "virtualInbound")).access_log), ["/dev/stderr"]);
    // What loops back to the proxy itself is thrown away unseen.
    assert!(proxy(chain_named(outward, "virtualOutbound-blackhole")).access_log.is_empty());
    assert!(proxy(chain_named(listener(&config, "virtualInbound"), "virtualInbound-blackhole")).access_log.is_empty());
    for (name, is_logged) in [("virtualOutbound", true), ("virtualInbound", true), ("0.0.0.0_80", false)] {
        let logs = &listener(&config, name).access_log;
        assert_eq!(logs.len(), usize::from(is_logged), "{name}");
        assert!(logs.iter().all(|log| log.filter == Some(json!({"responseFlagFilter": {"flags": ["NR"]}}))), "{name}");
    }
    let silent = told("", &json!({"accessLogFile": "/dev/stderr", "disableEnvoyListenerLog": true}));
    assert!(silent.listeners.iter().all(|listener| listener.access_log.is_empty()));
    assert_eq!(written(out(&silent)), ["/dev/stderr"]);
}

/// `FileAccessLogFromMeshConfig` in `telemetry_logging.go`.
#[test]
fn an_entry_is_a_line_or_an_object_with_the_same_content() {
    let format = |more: Value| {
        let mut settings = json!({"accessLogFile": "/dev/stdout"});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        message(&out(&told("", &settings))[0])["logFormat"].clone()
    };
    let line = format(json!({}))["textFormatSource"]["inlineString"].as_str().unwrap().to_owned();
    assert!(line.starts_with("[%START_TIME%] \"%REQ(:METHOD)% ") && line.ends_with(" %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n"), "{line}");
    let object = format(json!({"accessLogEncoding": "JSON"}));
    let keys = object["jsonFormat"].as_object().unwrap();
    assert_eq!((keys.len(), line.matches('%').count()), (24, 48));
    assert!(keys.values().all(|operator| line.contains(operator.as_str().unwrap())));
    assert_eq!((&keys["response_code"], &object["jsonFormatOptions"]), (&json!("%RESPONSE_CODE%"), &json!({})));
    // Every line ends; an object that is none is as if it were not written.
    assert_eq!(format(json!({"accessLogFormat": "%PROTOCOL%"})), json!({"textFormatSource": {"inlineString": "%PROTOCOL%\n"}}));
    let own = format(json!({"accessLogEncoding": "JSON", "accessLogFormat": "{\"a\": \"%PROTOCOL%\"}"}));
    assert_eq!(own["jsonFormat"], json!({"a": "%PROTOCOL%"}));
    assert_eq!(format(json!({"accessLogEncoding": "JSON", "accessLogFormat": "{a"})), object);
}

/// `accessLogTextFormatters` and `accessLogJSONFormatters` in `telemetry_logging.go`: of CEL and METADATA proxies of 1.26 know by themselves.
#[test]
fn an_operator_that_is_an_extension_brings_it_along() {
    for (encoding, format) in [("TEXT", "%REQ_WITHOUT_QUERY(:PATH)% %CEL(request.host)%"), ("JSON", "{\"path\": \"%REQ_WITHOUT_QUERY(:PATH)%\"}")] {
        let config = told("", &json!({"accessLogFile": "/dev/stdout", "accessLogEncoding": encoding, "accessLogFormat": format}));
        let formatters = message(&out(&config)[0])["logFormat"]["formatters"].clone();
        assert_eq!(formatters[0]["name"], "envoy.formatter.req_without_query", "{encoding}");
        assert_eq!(formatters.as_array().unwrap().len(), 1, "{encoding}");
    }
}

/// `AccessLogging` in `telemetry.go`; `envoy` is a provider of `DefaultMeshConfig`, formatted by the mesh's settings.
#[test]
fn a_telemetry_names_providers_and_the_mesh_has_default_ones() {
    let text = logging("shop", "{providers: [{name: envoy}]}");
    assert_eq!(both(&told(&text, &json!({}))), (some(&["/dev/stdout"]), some(&["/dev/stdout"])));
    let config = told(&text, &json!({"accessLogFormat": "%PROTOCOL%", "accessLogFile": "/dev/stderr"}));
    assert_eq!(both(&config).0, ["/dev/stdout"], "the mesh's own file is left alone");
    assert_eq!(message(&out(&config)[0])["logFormat"]["textFormatSource"]["inlineString"], "%PROTOCOL%\n");
    assert_eq!(both(&told("", &json!({"defaultProviders": {"accessLogging": ["ENVOY"]}}))).0, ["/dev/stdout"], "the case of a name does not count");
    assert_eq!(both(&told(&logging("other", "{providers: [{name: envoy}]}"), &json!({}))), (vec![], vec![]), "another namespace's");
}

/// `matchWorkloadMode` in `telemetry.go`. Where nothing is said of a side, the mesh's file goes on.
#[test]
fn a_mode_is_for_one_side_and_the_other_is_as_if_nothing_were_said() {
    let of = |mode: &str| told(&logging("shop", &format!("{{match: {{mode: {mode}}}, providers: [{{name: one}}]}}")), &files());
    assert_eq!(both(&of("CLIENT")), (some(&["/dev/one"]), vec![]));
    assert_eq!(both(&of("SERVER")), (vec![], some(&["/dev/one"])));
    assert_eq!(both(&of("CLIENT_AND_SERVER")), (some(&["/dev/one"]), some(&["/dev/one"])));
    let mut with_file = files();
    with_file["accessLogFile"] = "/dev/stderr".into();
    let config = told(&logging("shop", "{match: {mode: SERVER}, providers: [{name: one}]}"), &with_file);
    assert_eq!(both(&config), (some(&["/dev/stderr"]), some(&["/dev/one"])));
}

/// `buildAccessLogFromTelemetry` in `accesslog.go`: a provider that is turned off is still one that was chosen.
#[test]
fn what_is_turned_off_is_not_replaced_by_the_file_of_the_mesh() {
    let settings = json!({"accessLogFile": "/dev/stderr", "defaultProviders": {"accessLogging": ["envoy"]}});
    assert_eq!(both(&told(&logging("shop", "{disabled: true}"), &settings)), (vec![], vec![]));
    let one_side = logging("shop", "{disabled: true, match: {mode: CLIENT}}");
    assert_eq!(both(&told(&one_side, &settings)), (vec![], some(&["/dev/stderr"])), "of the other side no entry speaks, not even by default");
}

/// `AccessLogging` in `telemetry.go`: without a single configuration it falls back.
#[test]
fn a_provider_that_nobody_knows_or_that_logs_nothing_is_as_if_it_were_not_named() {
    for provider in ["nobody", "prometheus"] {
        let config = told(&logging("shop", &format!("{{providers: [{{name: {provider}}}]}}")), &json!({"accessLogFile": "/dev/stderr"}));
        assert_eq!(both(&config).0, ["/dev/stderr"], "{provider}");
    }
}

const ONE: &str = "{providers: [{name: one}]}";
const TWO: &str = "{providers: [{name: two}]}";

/// `applicableTelemetries` and `mergeLogs` in `telemetry.go`.
#[test]
fn the_nearest_level_that_names_providers_replaces_those_before_it() {
    let root = logging("istio-system", ONE);
    assert_eq!(both(&told(&root, &files())).0, ["/dev/one"]);
    let namespace = root.clone() + &logging("shop", TWO);
    assert_eq!(both(&told(&namespace, &files())).0, ["/dev/two"]);
    let own = |labels: &str| telemetry("own", "shop", &format!("{{selector: {{matchLabels: {{{labels}}}}}, accessLogging: [{ONE}]}}"));
    assert_eq!(both(&told(&(namespace.clone() + &own("app: web")), &files())).0, ["/dev/one"]);
    assert_eq!(both(&told(&(namespace + &own("app: cart")), &files())).0, ["/dev/two"]);
    // Without a name an entry is for those of the level before.
    assert_eq!(both(&told(&(root + &logging("shop", "{disabled: true}")), &files())).0, [""; 0]);
}

/// `namespaceWideTelemetryConfig` in `telemetry.go`, sorted by `sortConfigByCreationTime`.
#[test]
fn of_two_for_a_whole_namespace_the_older_one_counts() {
    let at = |name: &str, day: u32, entries: &str| {
        telemetry(name, "shop", &format!("{{accessLogging: [{entries}]}}"))
            .replace("namespace: shop}", &format!("namespace: shop, creationTimestamp: '2026-03-{day:02}T00:00:00Z'}}"))
    };
    assert_eq!(both(&told(&(at("a", 2, ONE) + &at("b", 1, TWO)), &files())).0, ["/dev/two"]);
    assert_eq!(both(&told(&(at("a", 1, ONE) + &at("b", 2, TWO)), &files())).0, ["/dev/one"]);
}

/// `AccessLogging` in `telemetry.go`: sorted by the providers' names.
#[test]
fn several_providers_come_in_the_order_of_their_names() {
    let text = logging("shop", "{providers: [{name: two}, {name: one}]}, {match: {mode: CLIENT}, providers: [{name: envoy}]}");
    assert_eq!(both(&told(&text, &files())), (some(&["/dev/stdout", "/dev/one", "/dev/two"]), some(&["/dev/one", "/dev/two"])));
}

const ERRORS: &str = "filter: {expression: 'response.code >= 400'}";

fn cel(expression: &str) -> Value {
    json!({"extensionFilter": {"name": "envoy.access_loggers.extension_filters.cel", "typedConfig": {
        "@type": "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter", "expression": expression}}})
}

/// `buildAccessLogFilterFromTelemetry` and `buildAccessLogFilter` in `accesslog.go`.
#[test]
fn a_filter_is_an_expression_and_at_a_listener_one_of_two() {
    let config = told(&logging("shop", &format!("{{providers: [{{name: one}}], {ERRORS}}}")), &files());
    assert_eq!(out(&config)[0].filter, Some(cel("response.code >= 400")));
    let both = json!({"andFilter": {"filters": [{"responseFlagFilter": {"flags": ["NR"]}}, cel("response.code >= 400")]}});
    assert_eq!(listener(&config, "virtualInbound").access_log[0].filter, Some(both));
}

/// `mergeLogs` in `telemetry.go`: filters are kept by the providers that their entry names.
#[test]
fn a_filter_without_a_provider_beside_it_is_lost() {
    let settings = json!({"defaultProviders": {"accessLogging": ["envoy"]}});
    let config = told(&logging("shop", &format!("{{{ERRORS}}}")), &settings);
    assert_eq!((written(out(&config)), &out(&config)[0].filter), (some(&["/dev/stdout"]), &None));
}

/// `LookupCluster` in `telemetry_logging.go`, and the messages of each kind of provider.
#[test]
fn services_are_told_by_their_cluster() {
    let services = json!({"extensionProviders": [
        {"name": "a-http", "envoyHttpAls": {"service": "cart.shop.svc.cluster.local", "port": 80, "additionalRequestHeadersToLog": ["x-a"]}},
        {"name": "b-tcp", "envoyTcpAls": {"service": "shop/cart.shop.svc.cluster.local", "port": 80, "logName": "mine", "filterStateObjectsToLog": ["x"]}},
        {"name": "c-otel", "envoyOtelAls": {"service": "cart.shop.svc.cluster.local", "port": 80,
            "logFormat": {"text": "%PROTOCOL%", "labels": {"b": "%REQ_WITHOUT_QUERY(:PATH)%", "a": "%PROTOCOL%"}}}},
        {"name": "d-nobody", "envoyHttpAls": {"service": "nobody.shop.svc.cluster.local", "port": 80}},
        {"name": "e-elsewhere", "envoyTcpAls": {"service": "other/cart.shop.svc.cluster.local", "port": 80}},
    ]});
    let all = "{providers: [{name: a-http}, {name: b-tcp}, {name: c-otel}, {name: d-nobody}, {name: e-elsewhere}]}";
    let config = told(&logging("shop", all), &services);
    let [http, tcp, otel] = out(&config) else { panic!("{:?}", written(out(&config))) };
    let cart = json!({"envoyGrpc": {"clusterName": "outbound|80||cart.shop.svc.cluster.local", "authority": "cart.shop.svc.cluster.local"}});
    let common = |name: &str, noted: Value| json!({"logName": name, "grpcService": cart, "transportApiVersion": "V3", "filterStateObjectsToLog": noted});
    let peers = json!(["upstream_peer", "downstream_peer"]);
    assert_eq!(http.name, "envoy.access_loggers.http_grpc");
    assert_eq!(
        message(http),
        json!({"@type": "type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
            "commonConfig": common("http_envoy_accesslog", peers.clone()), "additionalRequestHeadersToLog": ["x-a"]})
    );
    assert_eq!(tcp.name, "envoy.tcp_grpc_access_log");
    assert_eq!(message(tcp)["commonConfig"], common("mine", json!(["x"])));
    let otel = message(otel);
    assert_eq!((&otel["commonConfig"], &otel["body"]), (&common("otel_envoy_accesslog", peers), &json!({"stringValue": "%PROTOCOL%"})));
    let keys: Vec<&str> = otel["attributes"]["values"].as_array().unwrap().iter().filter_map(|value| value["key"].as_str()).collect();
    assert_eq!((keys, &otel["formatters"][0]["name"]), (vec!["a", "b"], &json!("envoy.formatter.req_without_query")));
}

/// `fileAccessLogFromTelemetry` in `telemetry_logging.go`.
#[test]
fn a_file_of_ones_own_has_its_own_format() {
    let format = |provider: Value| {
        let settings = json!({"accessLogFormat": "mesh", "extensionProviders": [{"name": "mine", "envoyFileAccessLog": provider}]});
        message(&out(&told(&logging("shop", "{providers: [{name: mine}]}"), &settings))[0])
    };
    assert_eq!(format(json!({"logFormat": {"text": "a"}}))["logFormat"], json!({"textFormatSource": {"inlineString": "a\n"}}));
    let labels = format(json!({"path": "/dev/x", "logFormat": {"labels": {"a": "b"}}, "omitEmptyValues": true}));
    assert_eq!(
        (&labels["path"], &labels["logFormat"]["jsonFormat"], &labels["logFormat"]["omitEmptyValues"]),
        (&json!("/dev/x"), &json!({"a": "b"}), &json!(true))
    );
    assert_eq!(format(json!({"logFormat": {"labels": {}}}))["logFormat"]["jsonFormat"].as_object().unwrap().len(), 24);
    let bare = format(json!({}));
    assert_eq!(bare["path"], "/dev/stdout");
    assert!(bare["logFormat"]["textFormatSource"]["inlineString"].as_str().unwrap().starts_with("[%START_TIME%]"), "the mesh's format is not for it");
}

/// `workloadMode` in `telemetry.go`: a gateway is a client; `buildGatewayListener` in `pilot/pkg/networking/core/listener.go`.
#[test]
fn a_gateway_logs_as_a_client() {
    let server = "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: shop}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}\n";
    let of = |mode: &str| {
        let text = logging("istio-system", &format!("{{match: {{mode: {mode}}}, providers: [{{name: one}}]}}")) + server;
        push(&cluster_with(&text, mesh(&files())), "istio-system", "edge-1")
    };
    let logs = |config: &ProxyConfig| {
        let port = listener(config, "0.0.0.0_8080");
        (written(&manager(&port.filter_chains[0]).unwrap().access_log), port.access_log.len())
    };
    assert_eq!(logs(&of("CLIENT")), (some(&["/dev/one"]), 1));
    assert_eq!(logs(&of("SERVER")), (vec![], 0));
}

#[test]
fn an_access_log_points_at_the_entry_that_wants_it() {
    let config = told(&logging("shop", &format!("{TWO}, {ONE}")), &files());
    let origins: Vec<String> =
        out(&config).iter().map(|log| log.origin.as_ref().map(|origin| format!("{} {}", origin.resource, origin.path)).unwrap()).collect();
    assert_eq!(origins, ["Telemetry/shop/logs spec.accessLogging[1]", "Telemetry/shop/logs spec.accessLogging[0]"]);
}

/// A row of `proxy-config listener` leads there too.
#[test]
fn a_row_of_listeners_names_the_telemetry_behind_it() {
    let cluster = cluster_with(&logging("shop", ONE), mesh(&files()));
    let config = push(&cluster, "shop", "web-1");
    let table = Pushed::new(&cluster, "web-1.shop", config).table(ConfigKind::Listener, &ProxyConfigFilter::default());
    let row = table.rows.iter().find(|row| row.cells.join(" ").contains("10.96.0.4 3306")).expect("the database has a listener");
    let origins: Vec<&str> = row.origins.iter().map(|origin| &*origin.resource).collect();
    assert_eq!(origins, ["Service/shop/db", "Telemetry/shop/logs"]);
}

fn steps(config: &ProxyConfig, path: &str) -> Vec<(Verdict, String)> {
    let call =
        Call { mode: Mode::Inbound, tls: Tls::Plaintext, address: "10.1.0.1".into(), port: 8080, host: "web".into(), path: path.into(), ..Call::default() };
    let is_log = |step: &Step| step.stage == Stage::AccessLog;
    envoy::run(config, &call).trace.into_iter().filter(is_log).map(|step| (step.verdict, format!("{}: {}", step.subject, step.reason))).collect()
}

/// The filter that is written most: Envoy asks it of the status of each answer.
#[test]
fn the_trace_says_whether_a_request_is_logged() {
    let deny = "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: deny, namespace: shop}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/no]}}]}]}\n";
    let of = |expression: &str| {
        let entry = format!("{{providers: [{{name: one}}], filter: {{expression: \"{expression}\"}}}}, {TWO}");
        told(&(logging("shop", &entry) + deny), &files())
    };
    let errors = of("response.code >= 400");
    assert_eq!(
        steps(&errors, "/no"),
        [
            (Verdict::Chosen, "provider one: it gets an entry: the filter response.code >= 400 holds.".into()),
            (Verdict::Chosen, "provider two: it gets an entry.".into())
        ]
    );
    assert_eq!(steps(&errors, "/")[0], (Verdict::Lost, "provider one: it gets no entry: the filter response.code >= 400 does not hold.".into()));
    assert_eq!(steps(&of("response.code==403"), "/no")[0].0, Verdict::Chosen);
    assert_eq!(steps(&of("response.code < 400"), "/no")[0].0, Verdict::Lost);
    let other = steps(&of("request.method == 'GET'"), "/");
    assert_eq!(other[0], (Verdict::Unreached, "provider one: whether it gets an entry is not computed; request.method == 'GET' decides.".into()));
    assert!(steps(&told("", &json!({})), "/").is_empty());
}

#[test]
fn a_connection_whose_bytes_nobody_reads_has_no_status_to_ask_for() {
    let config = told(&logging("shop", &format!("{{providers: [{{name: one}}], {ERRORS}}}")), &files());
    let call = Call { protocol: envoy::Protocol::Tcp, address: "10.96.0.4".into(), port: 3306, ..Call::default() };
    let outcome = envoy::run(&config, &call);
    let log = outcome.trace.iter().find(|step| step.stage == Stage::AccessLog).expect("the log is told of");
    assert_eq!(log.verdict, Verdict::Lost, "{}", log.reason);
}

#[test]
fn a_real_envoy_takes_them_all() {
    let settings = json!({
        "accessLogFile": "/dev/null", "accessLogEncoding": "JSON", "enableEnvoyAccessLogService": true,
        "extensionProviders": [
            {"name": "file", "envoyFileAccessLog": {"path": "/dev/null", "logFormat": {"text": "%REQ_WITHOUT_QUERY(:PATH)% %CEL(request.host)%"}, "omitEmptyValues": true}},
            {"name": "http", "envoyHttpAls": {"service": "cart.shop.svc.cluster.local", "port": 80}},
            {"name": "tcp", "envoyTcpAls": {"service": "cart.shop.svc.cluster.local", "port": 80}},
            {"name": "otel", "envoyOtelAls": {"service": "cart.shop.svc.cluster.local", "port": 80, "logFormat": {"labels": {"a": "%PROTOCOL%"}}}},
        ],
    });
    takes(&told("", &settings));
    let all = format!("{{providers: [{{name: envoy}}, {{name: file}}, {{name: http}}, {{name: tcp}}, {{name: otel}}], {ERRORS}}}");
    takes(&told(&logging("shop", &all), &settings));
}
