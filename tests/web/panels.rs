//! What the playground shows beside the answer, without a script, and the same from the API.

use serde_json::{Value, json};

use super::{
    api,
    support::{TestApp, TestResponse},
};

const JASON: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - match: [{headers: {end-user: {exact: jason}}}]
    route: [{destination: {host: reviews}}]
  - route: [{destination: {host: ratings}}]
";

async fn send(app: &TestApp, extra: &[(&str, &str)]) -> TestResponse {
    let fields =
        [("world", "bookinfo"), ("yaml", JASON), ("from", "productpage-v1-a.default"), ("method", "GET"), ("url", "http://reviews:9080/"), ("headers", "")];
    let page = app.post_form("/playground", &[&fields, extra].concat()).await;
    page.assert_ok();
    page
}

#[tokio::test]
async fn the_configuration_of_each_proxy_on_the_way_can_be_looked_at() {
    let app = TestApp::new().await;
    let page = send(&app, &[]).await;
    assert_eq!(page.attributes("#config-proxy option", "value"), ["productpage-v1-a.default", "ratings-v1-a.default"]);
    assert_eq!(page.texts(".config-table thead th"), ["From", "NAME", "VHOST NAME", "DOMAINS", "MATCH", "VIRTUAL SERVICE"]);
    assert!(page.attributes("#panel-config", "open").is_empty(), "it is folded until it is asked for");
    let page = send(&app, &[("panel", "config"), ("config_proxy", "ratings-v1-a.default"), ("config_kind", "cluster")]).await;
    assert_eq!(page.attributes("#panel-config", "open").len(), 1);
    assert_eq!(page.texts("#panel-config .panel-caption code"), ["istioctl proxy-config cluster ratings-v1-a.default"]);
    assert_eq!(page.attributes("#config-kind option[selected]", "value"), ["cluster"]);
}

#[tokio::test]
async fn rows_lead_to_the_lines_that_they_come_from() {
    let app = TestApp::new().await;
    let page = send(&app, &[]).await;
    let links = page.attributes(".config-row a.place", "href");
    assert!(links.contains(&"#line-7".to_owned()) && links.contains(&"#line-9".to_owned()), "{links:?}");
    assert!(page.attributes(".config-row a.place", "data-place").iter().any(|place| place.starts_with("9:")));
    assert!(page.texts(".config-row .place-elsewhere").contains(&"Service ratings".to_owned()), "what the world brings along is named");
}

#[tokio::test]
async fn a_search_hides_the_other_rows_and_json_is_what_the_table_is_made_of() {
    let app = TestApp::new().await;
    let page = send(&app, &[("panel", "config"), ("config_kind", "endpoint"), ("config_search", "10.1.0.31")]).await;
    assert_eq!(page.texts("[data-found]"), ["1"]);
    assert_eq!(page.texts(".config-row:not([hidden]) td:nth-child(2)"), ["10.1.0.31:9080"]);
    let page = send(&app, &[("panel", "config"), ("config_kind", "route"), ("config_json", "true")]).await;
    let json: Value = serde_json::from_str(&page.texts(".panel-json")[0]).unwrap();
    assert!(json.as_array().unwrap().iter().any(|routes| routes["name"] == "9080"), "{json}");
}

#[tokio::test]
async fn the_api_gives_tables_places_and_json() {
    let app = TestApp::new().await;
    let ask = json!({"text": JASON, "pod": "productpage-v1-a", "kind": "route", "name": "9080"});
    let answer = api::post(&app, "/api/v1/proxy-config", ask).await;
    assert_eq!(answer.status, 200);
    let table = &answer.body["tables"][0];
    assert_eq!((&table["kind"], &table["columns"][4]), (&json!("route"), &json!("VIRTUAL SERVICE")));
    let row = table["rows"].as_array().unwrap().iter().find(|row| row["cells"][4] == "reviews.default").unwrap();
    assert_eq!(row["sources"][0]["resource"], "VirtualService/default/reviews");
    assert_eq!(row["sources"][0]["place"]["line"], 7);
    assert_eq!(answer.body["config"]["routes"][0]["name"], "9080");
    let whole = api::post(&app, "/api/v1/proxy-config", json!({"pod": "productpage-v1-a.default"})).await;
    assert_eq!(whole.body["tables"].as_array().unwrap().iter().map(|table| &table["kind"]).collect::<Vec<_>>(), ["cluster", "listener", "route", "endpoint"]);
}

#[tokio::test]
async fn a_listener_that_envoy_refuses_is_told() {
    const REFUSED: &str = include_str!("../fixtures/routes/refused-listener.yaml");
    const TOLD: &str = "Envoy refuses the listener 198.51.100.20_8443: filter chain 0 and filter chain 1 overlap, \
                        for both take connections with the server name vault.example.com to 198.51.100.0/24.";
    let app = TestApp::new().await;
    for (kind, told) in [("listener", &[TOLD][..]), ("cluster", &[])] {
        let asked = [("from", "productpage-v1-a.default"), ("method", "GET"), ("url", "https://vault.example.com:8443/"), ("config_kind", kind)];
        let page =
            app.post_form("/playground", &[&[("world", "bookinfo"), ("yaml", REFUSED), ("headers", ""), ("panel", "config")], &asked[..]].concat()).await;
        assert_eq!(page.texts("#panel-config .hint"), told, "{kind}");
    }
    let answer = api::post(&app, "/api/v1/proxy-config", json!({"text": REFUSED, "pod": "productpage-v1-a.default"})).await;
    assert_eq!(answer.body["refused"], json!([TOLD]));
}

#[tokio::test]
async fn the_api_names_the_field_that_cannot_be_used() {
    let app = TestApp::new().await;
    for (question, field, words) in [
        (json!({"pod": "productpage-v1-b"}), "pod", "did you mean"),
        (json!({"pod": "sleep-a.legacy"}), "pod", "no istio-proxy container"),
        (json!({"pod": "productpage-v1-a", "kind": "secret"}), "kind", "listener, route, cluster and endpoint"),
        (json!({"pod": "productpage-v1-a", "world": "mars"}), "world", "bookinfo"),
    ] {
        let answer = api::post(&app, "/api/v1/proxy-config", question).await;
        assert_eq!((answer.status, &answer.body["field"]), (422, &json!(field)), "{}", answer.body);
        assert!(answer.body["detail"].as_str().unwrap().contains(words), "{}", answer.body);
    }
}

const RETRIES: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - retries: {attempts: 2, retryOn: 5xx}
    route: [{destination: {host: reviews}}]
";

#[tokio::test]
async fn a_load_is_timed_and_told_in_words() {
    let app = TestApp::new().await;
    let load = [("yaml", RETRIES), ("panel", "timeline"), ("repeat", "2"), ("upstream_status", "503, 200")];
    let fields = [("world", "bookinfo"), ("from", "productpage-v1-a.default"), ("method", "GET"), ("url", "http://reviews:9080/")];
    let page = app.post_form("/playground", &[&fields[..], &load].concat()).await;
    page.assert_ok();
    assert_eq!(page.attributes("#panel-timeline", "open").len(), 1);
    assert!(page.texts("#panel-timeline .panel-caption strong").contains(&"2 × 200".to_owned()));
    assert!(
        page.texts(".moment").iter().any(|words| words.contains("12.5 ms") && words.contains("attempt 2 goes to reviews-v2-a")),
        "{:?}",
        page.texts(".moment")
    );
    assert!(page.texts(".timeline desc")[0].contains("Retries: 1."), "the picture says it too");
    assert_eq!(page.attributes("#load-status", "value"), ["503, 200"]);
}

#[tokio::test]
async fn a_field_of_the_load_that_cannot_be_used_is_named_and_the_answer_stands() {
    let app = TestApp::new().await;
    for (field, id, value) in [("repeat", "load-repeat", "many"), ("upstream_status", "load-status", "teapot"), ("upstream_delay", "load-delay", "soon")] {
        let fields = [("world", "bookinfo"), ("from", "productpage-v1-a.default"), ("url", "http://reviews:9080/"), (field, value)];
        let page = app.post_form("/playground", &fields).await;
        assert_eq!(page.status.as_u16(), 422, "{field}");
        assert_eq!(page.attributes(&format!("#{id}"), "aria-invalid"), ["true"]);
        assert_eq!(page.attributes(&format!("#{id}"), "value"), [value]);
        assert!(!page.texts("#load-fault")[0].is_empty());
        assert_eq!(page.texts("#answer-text"), ["200 reviews"]);
    }
}

#[tokio::test]
async fn the_api_times_a_load() {
    let app = TestApp::new().await;
    let load = json!({"repeat": 2, "upstream_status": "503, 200"});
    let ask = json!({"text": RETRIES, "from": "productpage-v1-a.default", "url": "http://reviews:9080/", "load": load});
    let answer = api::post(&app, "/api/v1/send", ask.clone()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["load"]["tally"], "2 × 200");
    let retried = answer.body["load"]["moments"].as_array().unwrap().iter().find(|moment| moment["event"] == "retried").unwrap();
    assert_eq!((&retried["at_ms"], &retried["run"]), (&json!(0.0), &json!(0)));
    let mut wrong = ask;
    wrong["load"]["upstream_delay"] = json!("soon");
    let refused = api::post(&app, "/api/v1/send", wrong).await;
    assert_eq!((refused.status, &refused.body["field"]), (422, &json!("load")));
}

const DENIED: &str = "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nothing, namespace: default}
spec: {}
";

#[tokio::test]
async fn who_may_call_whom_is_compared_when_it_is_asked_for() {
    let app = TestApp::new().await;
    let fields = [("world", "bookinfo"), ("yaml", DENIED), ("from", "productpage-v1-a.default"), ("url", "http://reviews:9080/")];
    let page = app.post_form("/playground", &fields).await;
    page.assert_ok();
    assert!(page.texts(".access-table").is_empty());
    let page = app.post_form("/playground", &[&fields[..], &[("panel", "security"), ("access_path", "/x")]].concat()).await;
    page.assert_ok();
    assert!(page.texts(".access-table thead th").contains(&"reviews:9080".to_owned()));
    assert!(page.texts(".access-table .cell-bad .cell-verdict").iter().any(|words| words.contains("denied")));
    assert!(page.attributes(".access-table a.place", "href").contains(&"#line-4".to_owned()), "{:?}", page.attributes(".access-table a.place", "href"));
    let page = app.post_form("/playground", &[&fields[..], &[("panel", "security"), ("access_path", "x")]].concat()).await;
    assert_eq!(page.status.as_u16(), 422);
    assert!(page.texts("#access-fault")[0].contains("begins with a slash"));
}

#[tokio::test]
async fn the_api_says_who_may_call_whom() {
    let app = TestApp::new().await;
    let answer = api::post(&app, "/api/v1/access", json!({"text": DENIED, "path": "/x"})).await;
    assert_eq!(answer.status, 200);
    let at = answer.body["services"].as_array().unwrap().iter().position(|name| name == "reviews:9080").unwrap();
    let row = answer.body["rows"].as_array().unwrap().iter().find(|row| row["caller"] == "sleep-a.default").unwrap();
    assert_eq!((&row["cells"][at]["verdict"], &row["cells"][at]["transport"]), (&json!("denied"), &json!("mtls")));
    assert_eq!(row["cells"][at]["sources"][0]["resource"], "AuthorizationPolicy/default/nothing");
    let refused = api::post(&app, "/api/v1/access", json!({"path": "x"})).await;
    assert_eq!((refused.status, &refused.body["field"]), (422, &json!("path")));
}

#[tokio::test]
async fn the_api_looks_at_a_world_that_is_switched() {
    let app = TestApp::new().await;
    let ask = |switches: Value| json!({"path": "/", "switches": switches});
    let cell = |answer: &api::Answer, caller: &str| {
        let at = answer.body["services"].as_array().unwrap().iter().position(|name| name == "reviews:9080").unwrap();
        let row = answer.body["rows"].as_array().unwrap().iter().find(|row| row["caller"] == caller).unwrap();
        row["cells"][at].clone()
    };
    let plain = api::post(&app, "/api/v1/access", ask(json!({}))).await;
    assert_eq!(cell(&plain, "sleep-a.legacy")["verdict"], "allowed");
    let strict = api::post(&app, "/api/v1/access", ask(json!({"mtls": "STRICT"}))).await;
    assert_ne!(cell(&strict, "sleep-a.legacy")["verdict"], "allowed", "a caller without a sidecar has no certificate");

    let clusters = |switches: Value| json!({"pod": "productpage-v1-a", "kind": "route", "switches": switches});
    let text = async |switches: Value| api::post(&app, "/api/v1/proxy-config", clusters(switches)).await.body["config"].to_string();
    assert!(text(json!({})).await.contains("PassthroughCluster"));
    assert!(!text(json!({"outbound": "REGISTRY_ONLY"})).await.contains("PassthroughCluster"));
    let out = api::post(&app, "/api/v1/proxy-config", clusters(json!({"injection": {"default": "none"}}))).await;
    assert_eq!((out.status, &out.body["field"]), (422, &json!("pod")), "it has no proxy any more");
    for path in ["/api/v1/access", "/api/v1/proxy-config"] {
        for (switches, words) in [(json!({"mtls": "MAYBE"}), "mtls"), (json!({"injection": {"nowhere": "none"}}), "injection")] {
            let mut question = json!({"switches": switches});
            if path.ends_with("config") {
                question["pod"] = json!("productpage-v1-a");
            }
            let refused = api::post(&app, path, question).await;
            assert_eq!((refused.status, &refused.body["field"]), (422, &json!("switches")), "{path}: {}", refused.body);
            assert!(refused.body["detail"].as_str().unwrap().contains(words), "{}", refused.body);
        }
    }
}
