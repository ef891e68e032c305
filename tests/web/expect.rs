//! What requests must come to: in the page without a script, and in the API.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{api::post, support::TestApp};

const ROUTES: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: v2}}]}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec: {host: reviews, subsets: [{name: v2, labels: {version: v2}}]}
";

const HOSTILE: &str = "<img src=x onerror=\"window.struck=1\">";

fn fields<'a>(expect: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let plain = [("world", "bookinfo"), ("yaml", ROUTES), ("from", "productpage-v1-a.default"), ("url", "http://reviews:9080/"), ("expect", expect)];
    plain.iter().chain(more).copied().collect()
}

#[tokio::test]
async fn lines_are_judged_with_the_page() {
    let app = TestApp::new().await;
    let page = app.post_form("/playground", &fields("200 from reviews-v2\r\n90% from reviews-v1\r\n\r\nnonsense", &[])).await;
    page.assert_ok();
    assert_eq!(page.texts("#expected-heading"), ["Expected: 1 of 3 lines hold"]);
    let lines = page.texts(".expected li");
    assert!(lines[0].starts_with("✓ holds 200 from reviews-v2"), "{lines:?}");
    assert!(lines[1].starts_with("✕ does not hold 90% from reviews-v1 200 reviews/v2"), "{lines:?}");
    assert!(lines[2].contains("nonsense a line is, for example"), "{lines:?}");
    assert_eq!(page.texts("#expect"), ["200 from reviews-v2 90% from reviews-v1 nonsense"], "what was typed stays");
    let page = app.post_form("/playground", &fields("", &[])).await;
    assert!(page.texts(".expected").is_empty());
}

#[tokio::test]
async fn what_came_becomes_what_is_expected() {
    let app = TestApp::new().await;
    let page = app.post_form("/playground", &fields("503", &[("take", "true")])).await;
    page.assert_ok();
    assert_eq!(page.texts("#expect"), ["200 from reviews/v2"]);
    assert_eq!(page.texts("#expected-heading"), ["Expected: as expected"]);
}

#[tokio::test]
async fn of_a_load_its_requests_are_judged() {
    let app = TestApp::new().await;
    let page = app.post_form("/playground", &fields("never 200\n503 from reviews-v2\nattempts <= 3", &[("upstream_status", "503"), ("repeat", "3")])).await;
    assert_eq!(page.texts("#expected-heading"), ["Expected: all 3 lines hold"], "{:?}", page.texts(".expected li"));
}

#[tokio::test]
async fn hostile_lines_are_text() {
    let app = TestApp::new().await;
    let page = app.post_form("/playground", &fields(HOSTILE, &[])).await;
    page.assert_ok();
    assert!(page.texts(".expected code")[0].contains("<img src=x"));
    assert!(page.attributes("main img", "src").is_empty());
}

fn request(name: &str, expect: Value) -> Value {
    json!({"name": name, "from": "productpage-v1-a.default", "url": "http://reviews:9080/", "expect": expect})
}

#[tokio::test]
async fn the_api_tries_all_requests_at_once() {
    let app = TestApp::new().await;
    let requests = json!([
        request("good", json!(["200 from reviews-v2", "mtls"])),
        request(HOSTILE, json!(["404"])),
        request("", json!([])),
        {"name": "lost", "from": "nobody.default", "url": "http://reviews:9080/", "expect": ["200"]},
        {"name": "bad header", "from": "productpage-v1-a.default", "url": "http://reviews:9080/", "headers": ["jason"], "expect": ["200"]},
        {"name": "load", "from": "productpage-v1-a.default", "url": "http://reviews:9080/", "headers": ["end-user: jason"], "expect": ["never 200"],
         "load": {"repeat": 2, "upstream_status": "503"}},
    ]);
    let answer = post(&app, "/api/v1/expect", json!({"text": ROUTES, "requests": requests})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = &answer.body;
    assert_eq!((&told["holds"], &told["held"], &told["failed"]), (&json!(false), &json!(2), &json!(3)));
    let of = |at: usize| &told["requests"][at];
    assert_eq!((&of(0)["holds"], &of(0)["answer"]), (&json!(true), &json!("200 reviews/v2")));
    assert_eq!(of(1)["expectations"][0], json!({"line": "404", "holds": false, "came": "200 reviews/v2"}));
    assert_eq!((&of(1)["name"], &of(2)["name"], &of(2)["holds"]), (&json!(HOSTILE), &json!("GET http://reviews:9080/"), &Value::Null));
    assert!(of(3)["error"].as_str().unwrap().contains("there is no workload"), "{}", of(3));
    assert!(of(4)["error"].as_str().unwrap().contains("write it as name: value"), "{}", of(4));
    assert_eq!(of(5)["holds"], true, "{}", of(5));
}

#[tokio::test]
async fn the_api_bounds_what_is_tried() {
    let app = TestApp::new().await;
    let many = vec![request("a", json!([])); 51];
    let answer = post(&app, "/api/v1/expect", json!({"requests": many})).await;
    assert_eq!((answer.status, &answer.body["field"]), (422, &json!("requests")));
    assert!(answer.body["detail"].as_str().unwrap().contains("51 requests are more than the 50"));
    let heavy = json!({"from": "productpage-v1-a.default", "url": "http://reviews:9080/", "load": {"repeat": 1000}});
    let answer = post(&app, "/api/v1/expect", json!({"requests": vec![heavy; 3]})).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body["requests"][1]["error"].is_null());
    assert!(answer.body["requests"][2]["error"].as_str().unwrap().contains("more than 2000"), "{}", answer.body["requests"][2]);
    let answer = post(&app, "/api/v1/expect", json!({"world": "atlantis", "requests": []})).await;
    assert_eq!((answer.status, &answer.body["field"]), (422, &json!("world")));
    let answer = post(&app, "/api/v1/expect", json!({"switches": {"mtls": "HARD"}, "requests": []})).await;
    assert_eq!((answer.status, &answer.body["field"]), (422, &json!("switches")));
}

#[tokio::test]
async fn the_api_reads_files_of_requests() {
    let app = TestApp::new().await;
    let text = "world: httpbin\nswitches: {injection: {foo: ambient}, mtls: strict}\nrequests:\n- name: a\n  from: sleep-a.default\n  url: http://httpbin.foo:8000/\n  \
                headers: ['X-Env: canary']\n  token: {issuer: i, audiences: 'a, b', claims: {team: red, level: 3}}\n  upstream_status: 503, 200\n  repeat: 2\n  expect:\n  - header x-env: canary\n";
    let answer = post(&app, "/api/v1/requests", json!({"text": text})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["switches"], json!({"injection": {"foo": "ambient"}, "mtls": "STRICT", "outbound": ""}));
    let one = &answer.body["requests"][0];
    assert_eq!(one["headers"], json!({"x-env": "canary"}));
    assert_eq!(one["token"]["claims"], json!({"team": "red", "level": 3}));
    assert_eq!((&one["load"]["repeat"], &one["load"]["upstream_status"]), (&json!(2), &json!("503, 200")));
    assert_eq!(one["expect"], json!(["header x-env: canary"]));
    // What is read can be tried as it is.
    let tried = post(&app, "/api/v1/expect", json!({"world": "httpbin", "requests": answer.body["requests"]})).await;
    assert_eq!(tried.status, 200, "{}", tried.body);

    let many = format!("requests:\n{}", "- {from: a, url: 'http://a/'}\n".repeat(10_000));
    for (text, words) in [("requests: 1", "line 1, requests: it is a number"), (many.as_str(), "10000 requests are more than the 50"), ("a: [", "line 1")] {
        let answer = post(&app, "/api/v1/requests", json!({"text": text})).await;
        assert_eq!((answer.status, &answer.body["field"]), (422, &json!("text")));
        assert!(answer.body["detail"].as_str().unwrap().contains(words), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_world_can_be_had_as_a_file() {
    let app = TestApp::new().await;
    let file = app.get("/api/v1/worlds/bookinfo.yaml").await;
    file.assert_ok();
    assert_eq!(file.header("content-type"), "application/yaml");
    assert_eq!(file.text(), include_str!("../../content/worlds/bookinfo.yaml"));
    let none = app.get("/api/v1/worlds/..%2Frules.yaml").await;
    assert_eq!((none.status, none.header("content-type")), (StatusCode::NOT_FOUND, "application/problem+json"));
    assert!(none.json()["detail"].as_str().unwrap().contains("there are: bookinfo"));
}
