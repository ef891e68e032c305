//! What changed since the last run: carried by the page without a script, and asked of the API.

use serde_json::{Value, json};

use super::{
    api::post,
    support::{TestApp, TestResponse},
};

const V1: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec: {hosts: [reviews], http: [{name: first, route: [{destination: {host: reviews}}]}]}
";

fn ratings() -> String {
    V1.replace("destination: {host: reviews}", "destination: {host: ratings}")
}

async fn send(app: &TestApp, yaml: &str, previous: &str, more: &[(&str, &str)]) -> TestResponse {
    let fields = [
        ("world", "bookinfo"),
        ("yaml", yaml),
        ("from", "productpage-v1-a.default"),
        ("method", "GET"),
        ("url", "http://reviews:9080/"),
        ("previous", previous),
    ];
    let fields: Vec<(&str, &str)> = fields.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| name == other)).chain(more.iter().copied()).collect();
    let page = app.post_form("/playground", &fields).await;
    page.assert_ok();
    page
}

fn carried(page: &TestResponse) -> String {
    page.attributes("[name=previous]", "value").remove(0)
}

#[tokio::test]
async fn a_page_carries_what_the_next_is_compared_with() {
    let app = TestApp::new().await;
    let first = send(&app, V1, "", &[]).await;
    assert!(first.texts("#panel-changes").is_empty(), "there is nothing to compare with");
    let again = send(&app, V1, &carried(&first), &[]).await;
    assert_eq!(again.texts("#panel-changes summary"), ["What changed nothing"]);
    let other = send(&app, &ratings(), &carried(&again), &[]).await;
    assert_eq!(other.texts(".answer-before"), ["Before: 200 reviews"]);
    assert!(other.texts("#panel-changes summary")[0].starts_with("What changed the answer, "), "{:?}", other.texts("#panel-changes summary"));
    assert_eq!(other.texts(".change-parts tbody tr"), ["200 ratings0 %100 %", "200 reviews100 %0 %"]);
    let told = other.texts(".change-list li").join("\n");
    assert!(told.contains("~ changed route 9080") && told.contains("routes[first].route.clusteroutbound|9080||reviews.default.svc.cluster.local →"), "{told}");
    assert!(told.contains("− went server sidecar reviews") && told.contains("+ came server sidecar ratings"), "{told}");
    // Switches count as well.
    let strict = send(&app, &ratings(), &carried(&other), &[("mtls", "STRICT")]).await;
    assert!(strict.texts("#panel-changes summary")[0].contains("resource"), "{:?}", strict.texts("#panel-changes summary"));
}

#[tokio::test]
async fn only_the_same_request_is_compared() {
    let app = TestApp::new().await;
    let first = send(&app, V1, "", &[]).await;
    for more in [("url", "http://reviews:9080/other"), ("headers", "end-user: jason"), ("from", "sleep-a.default"), ("token", "true")] {
        let page = send(&app, &ratings(), &carried(&first), &[more, ("token_issuer", "x")]).await;
        assert!(page.texts("#panel-changes").is_empty(), "{more:?}");
    }
}

#[tokio::test]
async fn what_is_carried_is_bounded_and_damage_compares_nothing() {
    let app = TestApp::new().await;
    let large = format!("# {}\n{V1}", "x".repeat(300 * 1024));
    let page = send(&app, &large, "", &[]).await;
    assert_eq!(carried(&page), "");
    let first = carried(&send(&app, V1, "", &[]).await);
    for damaged in [
        "{",
        "[]",
        "null",
        "\"x\"",
        &first.replace("\"bookinfo\"", "\"atlantis\""),
        &first.replace("\"mtls\":\"\"", "\"mtls\":\"HARD\""),
        &format!("{first}{}", " ".repeat(300 * 1024)),
    ] {
        let page = send(&app, &ratings(), damaged, &[]).await;
        assert!(page.texts("#panel-changes").is_empty(), "{damaged:.200}");
    }
    let hostile = V1.replace("first", "'<img src=x onerror=alert(1)>'");
    let page = send(&app, &hostile, &first, &[]).await;
    assert!(page.texts("#panel-changes")[0].contains("<img src=x"), "{:?}", page.texts("#panel-changes"));
    assert!(page.attributes("main img", "src").is_empty());
}

#[tokio::test]
async fn an_opened_example_is_what_the_first_run_is_compared_with() {
    let app = TestApp::new().await;
    let page = app.get("/playground?example=header-match").await;
    page.assert_ok();
    let value = |css: &str| page.attributes(css, "value").remove(0);
    let fields = [
        ("world", "bookinfo".to_owned()),
        ("yaml", String::new()),
        ("from", page.attributes("#from option[selected]", "value").remove(0)),
        ("method", value("#method")),
        ("url", value("#url")),
        ("headers", page.texts("#headers").remove(0)),
        ("previous", carried(&page)),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let next = app.post_form("/playground", &fields).await;
    next.assert_ok();
    assert_eq!(next.texts(".answer-before"), ["Before: 200 reviews/v2"]);
}

#[tokio::test]
async fn the_api_compares_two_configurations() {
    let app = TestApp::new().await;
    let ask = |before: Value, now: Value| json!({"before": before, "now": now, "from": "productpage-v1-a.default", "url": "http://reviews:9080/", "headers": ["a: b"]});
    let answer = post(&app, "/api/v1/diff", ask(json!({"text": V1}), json!({"text": ratings()}))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = &answer.body;
    assert_eq!((&told["same"], &told["before"], &told["now"]), (&json!(false), &json!("200 reviews"), &json!("200 ratings")));
    let caller = told["proxies"].as_array().unwrap().iter().find(|proxy| proxy["proxy"] == "productpage-v1-a.default").unwrap();
    let route = caller["resources"].as_array().unwrap().iter().find(|resource| resource["name"] == "9080").unwrap_or_else(|| panic!("{caller}"));
    assert_eq!((&route["kind"], &route["change"]), (&json!("route"), &json!("changed")));
    let field = route["fields"].as_array().unwrap().iter().find(|field| field["path"].as_str().unwrap().ends_with("route.cluster")).unwrap();
    assert_eq!(field["now"], "outbound|9080||ratings.default.svc.cluster.local");
    let same = post(&app, "/api/v1/diff", ask(json!({"text": V1}), json!({"text": V1}))).await;
    assert_eq!((&same.body["same"], &same.body["proxies"]), (&json!(true), &json!([])));
    // Where nobody could send it before, that is the difference.
    let lost = post(&app, "/api/v1/diff", ask(json!({"world": "empty"}), json!({}))).await;
    assert!(lost.body["before"].as_str().unwrap().starts_with("not sent: there is no workload"), "{}", lost.body);
    for (body, field) in [(ask(json!({"world": "atlantis"}), json!({})), "world"), (ask(json!({}), json!({"switches": {"mtls": "HARD"}})), "switches")] {
        let answer = post(&app, "/api/v1/diff", body).await;
        assert_eq!((answer.status, &answer.body["field"]), (422, &json!(field)));
    }
}
