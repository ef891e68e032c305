//! Help while somebody writes, as the API gives it.

use std::{fmt::Write as _, time::Instant};

use serde_json::{Value, json};

use super::{api::post, support::TestApp};

const ROUTE: &str = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: é}\nspec:\n  hosts: [reviews]\n  http:\n  - route:\n    - destination: {host: rev";

fn labels(body: &Value) -> Vec<&str> {
    body["options"].as_array().unwrap().iter().map(|option| option["label"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_half_written_line_is_completed_with_names_of_the_world() {
    let app = TestApp::new().await;
    let question = json!({"text": ROUTE, "line": 8, "column": 30});
    let answer = post(&app, "/api/v1/complete", question).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(labels(&answer.body).contains(&"reviews") && labels(&answer.body).contains(&"httpbin.foo.svc.cluster.local"), "{}", answer.body);
    let place = &answer.body["place"];
    assert_eq!((&place["start"], &place["column"], &place["end"]), (&json!(ROUTE.len() - 3), &json!(27), &json!(ROUTE.len())));

    let empty = post(&app, "/api/v1/complete", json!({"text": ROUTE, "world": "empty", "line": 8, "column": 30})).await;
    assert!(!labels(&empty.body).contains(&"reviews"), "{}", empty.body);
    let unknown = post(&app, "/api/v1/complete", json!({"text": ROUTE, "world": "atlantis", "line": 8, "column": 30})).await;
    assert_eq!((unknown.status, &unknown.body["field"]), (422, &json!("world")));
}

#[tokio::test]
async fn a_field_and_a_host_explain_themselves() {
    let app = TestApp::new().await;
    let text = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: a}\nspec:\n  host: reviews\n";
    let field = post(&app, "/api/v1/hover", json!({"text": text, "line": 5, "column": 4})).await;
    let hover = &field.body["hover"];
    assert_eq!((&hover["path"], &hover["required"], &hover["place"]["line"]), (&json!("spec.host"), &json!(true), &json!(5)));
    let host = post(&app, "/api/v1/hover", json!({"text": text, "line": 5, "column": 10})).await;
    assert!(host.body["hover"]["notes"][0].as_str().unwrap().contains("3 endpoints"), "{}", host.body);
    let nothing = post(&app, "/api/v1/hover", json!({"text": text, "line": 99, "column": 99})).await;
    assert_eq!((nothing.status, &nothing.body), (200, &json!({"hover": null})));
}

#[tokio::test]
async fn hostile_texts_and_places_get_an_answer() {
    let app = TestApp::new().await;
    for text in [
        "[".repeat(100_000),
        "a: {".repeat(20_000),
        "- ".repeat(50_000),
        "# a\n".repeat(400_000),
        "\u{0}".into(),
        "é: \u{a0}".repeat(1_000),
        "---\n".repeat(20_000),
    ] {
        for (line, column) in [(1, 1), (1, 50_001), (usize::MAX >> 12, usize::MAX >> 12), (0, 0)] {
            let answer = post(&app, "/api/v1/complete", json!({"text": text, "line": line, "column": column})).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert!(answer.body["options"].as_array().unwrap().len() <= 300);
            assert_eq!(post(&app, "/api/v1/hover", json!({"text": text, "line": line, "column": column})).await.status, 200);
        }
    }
    assert_eq!(post(&app, "/api/v1/complete", json!({"text": "", "line": -1, "column": 1})).await.status, 422);
}

#[tokio::test]
async fn an_answer_with_twenty_resources_does_not_make_anybody_wait() {
    let app = TestApp::new().await;
    let mut text = String::new();
    for at in 0..20 {
        let _ = write!(
            text,
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: r{at}}}\nspec: {{host: h{at}, subsets: [{{name: v1, labels: {{a: b}}}}]}}\n---\n"
        );
    }
    let line = text.lines().count() + 8;
    let text = text + ROUTE;
    let started = Instant::now();
    for _ in 0..5 {
        let answer = post(&app, "/api/v1/complete", json!({"text": text, "line": line, "column": 29})).await;
        assert!(labels(&answer.body).contains(&"reviews"));
    }
    // Tests are built without optimization and share the machine: this is for answers that would take seconds.
    assert!(started.elapsed().as_secs() < 10, "five answers took {:?}", started.elapsed());
}

#[tokio::test]
async fn a_text_is_formatted_as_far_as_it_can_be_read() {
    let app = TestApp::new().await;
    let answer = post(&app, "/api/v1/format", json!({"text": "a:\n    b: 'c'\n---\n[\n"})).await;
    assert_eq!((answer.status, answer.body), (200, json!({"text": "a:\n  b: \"c\"\n---\n[\n", "left": 1})));
}
