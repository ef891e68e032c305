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
    assert_eq!(page.texts(".panel-caption code"), ["istioctl proxy-config cluster ratings-v1-a.default"]);
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
