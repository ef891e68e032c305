//! The JSON API: what it answers, how it refuses, and that both are as its description says.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use super::{schema, support::TestApp};

const CANARY: &str = "\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
spec:
  hosts: [reviews]
  http:
  - route:
    - destination: {host: reviews, subset: v1}
      weight: 90
    - destination: {host: reviews, subset: v2}
      weight: 10
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: reviews
spec:
  host: reviews
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
";

pub(super) struct Answer {
    pub(super) status: u16,
    media_type: String,
    pub(super) body: Value,
}

async fn call(app: &TestApp, method: &str, path: &str, body: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let response = app.send(request.body(Body::from(body.to_owned())).unwrap()).await;
    let media_type = response.header("content-type").to_owned();
    Answer {
        status: response.status.as_u16(),
        media_type,
        body: serde_json::from_str(response.text()).unwrap_or_else(|e| panic!("{path}: {e}: {}", response.text())),
    }
}

pub(super) async fn post(app: &TestApp, path: &str, body: Value) -> Answer {
    let answer = call(app, "POST", path, &body.to_string()).await;
    schema::assert_described(&document(app).await, "post", path, answer.status, &answer.media_type, &answer.body);
    answer
}

async fn document(app: &TestApp) -> Value {
    call(app, "GET", "/api/v1/openapi.json", "").await.body
}

#[tokio::test]
async fn a_request_is_followed_and_every_decision_has_its_place() {
    let app = TestApp::new().await;
    let question = json!({"text": CANARY, "from": "productpage-v1-a.default", "url": "http://reviews:9080/reviews/0"});
    let answer = post(&app, "/api/v1/send", question).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["answer"], "200 reviews/v1 90%, 200 reviews/v2 10%");
    assert_eq!(answer.body["parts"][1]["share"], 0.1);
    assert_eq!(answer.body["configuration"]["accepted"], true);
    let steps = answer.body["hops"][0]["steps"].as_array().unwrap();
    let route = steps.iter().find(|step| step["stage"] == "route" && step["verdict"] == "chosen").unwrap();
    let lines = route["place"]["line"].as_u64().unwrap()..=route["place"]["end_line"].as_u64().unwrap();
    assert!(lines.contains(&8), "the rule stands in line 8, the step points at {lines:?}");
    assert!(answer.body["svg"].as_str().unwrap().contains("reviews/v2"));
}

#[tokio::test]
async fn every_fault_has_its_place_in_bytes_lines_and_columns() {
    let app = TestApp::new().await;
    let text = CANARY.replace("weight: 90", "wieght: 90").replace("host: reviews, subset: v2", "hots: reviews, subset: v2");
    let answer = post(&app, "/api/v1/check", json!({"files": [{"name": "a.yaml", "text": text}, {"name": "b.yaml", "text": "kind: [\n"}]})).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["accepted"], false);
    let files = answer.body["files"].as_array().unwrap();
    assert_eq!((&files[0]["name"], &files[1]["name"]), (&json!("a.yaml"), &json!("b.yaml")));
    let findings = files[0]["findings"].as_array().unwrap();
    let wieght = findings.iter().find(|f| f["message"].as_str().unwrap().contains("wieght")).unwrap_or_else(|| panic!("{findings:?}"));
    assert_eq!(wieght["place"]["line"], 10);
    assert_eq!(wieght["place"]["start"], text.find("wieght").unwrap());
    assert!(findings.iter().any(|f| f["message"].as_str().unwrap().contains("hots")), "both faults are told: {findings:?}");
    assert!(!files[1]["findings"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn findings_of_the_cluster_have_code_reason_page_and_cure() {
    let app = TestApp::new().await;
    let stray = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: é}\nspec:\n  hosts: [a.example]\n  gateways: [nowhere]\n  http:\n  - route:\n    - destination: {host: reviews.default.svc.cluster.local}\n";
    let code = |finding: &Value| finding["code"].as_str().unwrap_or_default().to_owned();
    let check = async |mut question: Value| {
        question["text"] = json!(stray);
        let answer = post(&app, "/api/v1/check", question).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["files"][0]["findings"].as_array().unwrap().clone()
    };
    let alone = check(json!({})).await;
    assert_eq!(alone.iter().filter(|finding| code(finding) == "IST0101").count(), 2, "gateway and host are unknown: {alone:#?}");
    let in_world = check(json!({"world": "bookinfo"})).await;
    let found: Vec<&Value> = in_world.iter().filter(|finding| code(finding) == "IST0101").collect();
    let [gateway] = found.as_slice() else { panic!("the world has the host: {in_world:#?}") };
    assert_eq!((&gateway["stage"], &gateway["level"], &gateway["name"]), (&json!("analyze"), &json!("Error"), &json!("ReferencedResourceNotFound")));
    assert_eq!((&gateway["rule"], &gateway["fix"]), (&json!("/rules/IST0101"), &Value::Null));
    assert!(gateway["why"].as_str().unwrap().contains("does not work"));
    // Offsets count bytes: the é above is two of them.
    assert_eq!(gateway["place"]["start"], stray.find("nowhere").unwrap());

    let unknown = post(&app, "/api/v1/check", json!({"text": stray, "world": "atlantis"})).await;
    assert_eq!((unknown.status, &unknown.body["field"]), (422, &json!("world")));
    let twice = post(&app, "/api/v1/check", json!({"files": [{"name": "a", "text": ""}, {"name": "a", "text": ""}]})).await;
    assert_eq!((twice.status, &twice.body["field"]), (422, &json!("files")));
}

#[tokio::test]
async fn files_are_one_cluster_and_keep_their_own_findings() {
    let app = TestApp::new().await;
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{name: http, port: 80}]}\n";
    let route =
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec: {hosts: [a], http: [{route: [{destination: {host: a}}]}]}\n";
    let codes = async |files: Value| {
        let answer = post(&app, "/api/v1/check", json!({"files": files, "hints": false})).await;
        assert_eq!(answer.body["accepted"], true, "{}", answer.body);
        let codes = |file: &Value| file["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>();
        answer.body["files"].as_array().unwrap().iter().map(codes).collect::<Vec<_>>()
    };
    assert_eq!(codes(json!([{"name": "route", "text": route}])).await, [["IST0101"]]);
    assert_eq!(codes(json!([{"name": "route", "text": route}, {"name": "service", "text": service}])).await, [[""; 0]; 2]);
}

#[tokio::test]
async fn hints_are_told_unless_one_does_not_want_them() {
    let app = TestApp::new().await;
    let text = CANARY.replace("{version: v2}", "{version: v9}");
    for (hints, wanted) in [(json!(null), true), (json!(true), true), (json!(false), false)] {
        let answer = post(&app, "/api/v1/check", json!({"text": text, "world": "bookinfo", "hints": hints})).await;
        let findings = answer.body["files"][0]["findings"].as_array().unwrap();
        assert_eq!(findings.iter().any(|finding| finding["stage"] == "hint" && finding["code"] == "MW0001"), wanted, "{findings:#?}");
        assert_eq!(answer.body["accepted"], true);
    }
}

#[tokio::test]
async fn a_cure_says_what_to_replace_and_with_what() {
    let app = TestApp::new().await;
    let text = CANARY.replace("{version: v1}", "{version: 1}");
    let answer = post(&app, "/api/v1/check", json!({"text": text})).await;
    let findings = answer.body["files"][0]["findings"].as_array().unwrap();
    let fix = findings.iter().map(|finding| &finding["fix"]).find(|fix| !fix.is_null()).unwrap_or_else(|| panic!("{findings:#?}"));
    let (start, end) = (fix["place"]["start"].as_u64().unwrap(), fix["place"]["end"].as_u64().unwrap());
    let mut mended = text.clone();
    mended.replace_range(usize::try_from(start).unwrap()..usize::try_from(end).unwrap(), fix["replacement"].as_str().unwrap());
    assert_eq!(mended, CANARY.replace("{version: v1}", "{version: \"1\"}"));
}

#[tokio::test]
async fn worlds_are_listed_with_those_who_can_call() {
    let app = TestApp::new().await;
    let answer = call(&app, "GET", "/api/v1/worlds", "").await;
    schema::assert_described(&document(&app).await, "get", "/api/v1/worlds", answer.status, &answer.media_type, &answer.body);
    let callers = answer.body[0]["callers"].as_array().unwrap();
    assert_eq!(answer.body[0]["name"], "bookinfo");
    let empty = &answer.body[4];
    assert_eq!((&empty["name"], &empty["callers"]), (&json!("empty"), &json!([])));
    assert!(empty["about"].as_str().unwrap().starts_with("Nothing at all"));
    assert!(callers.iter().any(|c| c["id"] == "sleep-a.legacy" && c["has_proxy"] == false));
    assert!(callers.iter().any(|c| c["id"] == "outside"));
}

#[tokio::test]
async fn a_question_that_cannot_be_asked_names_the_field() {
    let app = TestApp::new().await;
    let good = json!({"text": "", "from": "sleep-a.default", "url": "http://reviews:9080/"});
    for (field, value) in [
        ("from", json!("nobody.default")),
        ("url", json!("reviews")),
        ("method", json!("GET IT")),
        ("headers", json!({"bad name": "x"})),
        ("world", json!("atlantis")),
    ] {
        let mut question = good.clone();
        question[field] = value;
        let answer = post(&app, "/api/v1/send", question).await;
        assert_eq!((answer.status, answer.media_type.as_str()), (422, "application/problem+json"), "{field}: {}", answer.body);
        assert_eq!(answer.body["field"], field);
        assert!(!answer.body["detail"].as_str().unwrap().is_empty());
    }
    assert_eq!(post(&app, "/api/v1/check", json!({})).await.status, 422);
}

#[tokio::test]
async fn what_is_no_question_is_refused_as_a_problem() {
    let app = TestApp::new().await;
    let large = format!("{{\"text\": \"{}\"}}", "x".repeat(7 << 20));
    for (method, path, body, status) in [
        ("POST", "/api/v1/check", "{\"text\": ", 400),
        ("POST", "/api/v1/check", "{\"texts\": \"\"}", 422),
        ("POST", "/api/v1/check", large.as_str(), 413),
        ("GET", "/api/v1/check", "", 405),
        ("GET", "/api/v1/nothing", "", 404),
    ] {
        let answer = call(&app, method, path, body).await;
        assert_eq!((answer.status, answer.media_type.as_str()), (status, "application/problem+json"), "{method} {path}: {}", answer.body);
        assert_eq!(answer.body["status"], status);
        assert!(answer.body["detail"].as_str().unwrap().len() > 10, "{}", answer.body);
    }
    let request = Request::builder().method("POST").uri("/api/v1/check").header("content-type", "text/plain").body(Body::from("{}")).unwrap();
    assert_eq!(app.send(request).await.status, 415);
}

#[tokio::test]
async fn hostile_texts_get_a_clear_answer() {
    let app = TestApp::new().await;
    let mut laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (before, name) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        let aliases = vec![format!("*{before}"); 10].join(",");
        laughs += &[name.to_string(), format!(": &{name} [{aliases}]\n")].concat();
    }
    for text in [laughs, "---\na: 1\n".repeat(10_000), "\u{0}".to_owned(), "[".repeat(100_000), "# a\n".repeat(1_250_000)] {
        let answer = post(&app, "/api/v1/check", json!({"text": text})).await;
        assert_eq!(answer.status, 200);
        let report = &answer.body["files"][0];
        assert!(report["findings"].as_array().unwrap().len() <= 500);
        assert!(!report["findings"].as_array().unwrap().is_empty(), "{} bytes pass without a word", text.len());
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let app = TestApp::new().await;
    // A text counts by its length, whatever it says.
    let text = " ".repeat(5 << 20);
    let mut last = None;
    for _ in 0..10 {
        let request = Request::post("/api/v1/check").header("content-type", "application/json").body(Body::from(text.clone())).unwrap();
        let response = app.send(request).await;
        if response.status == 429 {
            last = Some(response);
            break;
        }
        assert_eq!(response.status, 400);
    }
    let refused = last.expect("50 MB at once are too much");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert_eq!(refused.header("content-type"), "application/problem+json");
}

/// The other direction: what the description promises exists.
#[tokio::test]
async fn every_described_address_exists() {
    let app = TestApp::new().await;
    let document = document(&app).await;
    let paths = document["paths"].as_object().unwrap();
    let mut found: Vec<_> = paths.keys().map(String::as_str).collect();
    found.sort_unstable();
    let described = [
        "access",
        "check",
        "complete",
        "diff",
        "expect",
        "format",
        "hover",
        "openapi.json",
        "proxy-config",
        "replay",
        "requests",
        "send",
        "snapshots",
        "snapshots/{id}",
        "worlds",
        "worlds/{file}",
    ]
    .map(|name| format!("/api/v1/{name}"));
    assert_eq!(found, described);
    // The worlds are no JSON; they are tried elsewhere.
    for (path, methods) in paths.iter().filter(|(path, _)| !path.contains("{file}")) {
        for method in methods.as_object().unwrap().keys() {
            let answer = call(&app, &method.to_uppercase(), &path.replace("{id}", "x"), "{}").await;
            let is_there = if path.ends_with("{id}") { answer.body["detail"].as_str().unwrap().contains("no such") } else { answer.status != 404 };
            assert!(is_there && answer.status != 405, "{method} {path} is described and answers {}", answer.status);
        }
    }
}
