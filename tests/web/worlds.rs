//! The worlds and their switches: in the page without a script, and in the API.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{api::post, support::TestApp};

const FROM_LEGACY: [(&str, &str); 3] = [("world", "httpbin"), ("from", "sleep-a.legacy"), ("url", "http://httpbin.foo:8000/")];

#[tokio::test]
async fn switches_are_fields_and_come_back_as_they_were_set() {
    let app = TestApp::new().await;
    let send = async |more: &[(&str, &str)]| {
        let fields: Vec<(&str, &str)> = FROM_LEGACY.iter().chain(more).copied().collect();
        app.post_form("/playground", &fields).await
    };
    let plain = send(&[]).await;
    plain.assert_ok();
    assert_eq!(plain.texts("#answer-text"), ["200 httpbin.foo"]);
    assert_eq!(plain.attributes("#world-panel select[name^='injection.']", "name"), ["injection.bar", "injection.foo", "injection.legacy"]);
    assert!(plain.texts("#world-panel .hint")[0].contains("foo and bar have sidecars, legacy has none"));
    let strict = send(&[("mtls", "STRICT")]).await;
    assert_eq!(strict.texts("#answer-text"), ["connection closed"]);
    assert_eq!(strict.attributes("[name=mtls] option[selected]", "value"), ["STRICT"]);
    let inside = send(&[("mtls", "STRICT"), ("injection.legacy", "sidecar"), ("injection.bar", "")]).await;
    assert_eq!(inside.texts("#answer-text"), ["200 httpbin.foo"]);
    assert_eq!(inside.attributes("[name='injection.legacy'] option[selected]", "value"), ["sidecar"]);
    // What the engine does not know of a mesh of both kinds is said.
    let of_limits = "sidecars take no tunnels";
    assert!(!inside.texts("#world-panel .hint").join(" ").contains(of_limits));
    let mixed = send(&[("injection.legacy", "ambient")]).await;
    assert!(mixed.texts("#world-panel .hint").join(" ").contains(of_limits));
    assert!(inside.texts("#world-panel summary")[0].contains("2 switched"));
    let blocked =
        app.post_form("/playground", &[("world", "httpbin"), ("from", "sleep-a.foo"), ("url", "http://api.example.com/"), ("outbound", "REGISTRY_ONLY")]).await;
    assert_eq!(blocked.texts("#answer-text"), ["502"]);
}

#[tokio::test]
async fn who_fails_or_is_slow_does_so_in_the_timeline() {
    let app = TestApp::new().await;
    let fields = [
        ("from", "productpage-v1-a.default"),
        ("url", "http://ratings:9080/"),
        ("fail", "ratings-v1-a.default"),
        ("fail_status", "500"),
        ("slow", "ratings-v1-a.default"),
    ];
    let page = app.post_form("/playground", &fields).await;
    page.assert_ok();
    let caption = page.texts("#panel-timeline[open] .panel-caption");
    assert!(caption[0].contains("1 × 500"), "{caption:?}");
    assert!(page.texts("#panel-timeline .moments").join(" ").contains("2 s"), "{:?}", page.texts("#panel-timeline .moments"));
    let unknown = app.post_form("/playground", &[("from", "productpage-v1-a.default"), ("url", "http://ratings:9080/"), ("fail", "nobody.default")]).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.texts(".load-fault").join(" ").contains("there is no pod \"nobody.default\""));
}

#[tokio::test]
async fn a_switch_that_cannot_be_used_is_told_and_nothing_is_sent() {
    let app = TestApp::new().await;
    let many: Vec<String> = (0..150).map(|at| format!("injection.n{at}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "none")).collect();
    for (more, words) in [
        (vec![("mtls", "strong")], "\"strong\" is none of PERMISSIVE, STRICT, DISABLE"),
        (vec![("injection.foo", "<script>")], "\"<script>\" is none of"),
        (vec![("injection.<b>", "none")], "there is no namespace \"<b>\""),
        (many, "more than 100 namespaces"),
    ] {
        let fields: Vec<(&str, &str)> = FROM_LEGACY.iter().copied().chain(more).collect();
        let page = app.post_form("/playground", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        assert!(page.texts("#world-panel[open] #world-fault")[0].contains(words), "{:?}", page.texts("#world-fault"));
        assert!(page.attributes("#world-panel b, #world-panel script", "class").is_empty());
    }
}

#[tokio::test]
async fn the_api_takes_switches_too() {
    let app = TestApp::new().await;
    let question = |switches: Value| json!({"world": "httpbin", "from": "sleep-a.legacy", "url": "http://httpbin.foo:8000/", "switches": switches});
    let answer = async |switches: Value| post(&app, "/api/v1/send", question(switches)).await.body["answer"].clone();
    assert_eq!(answer(json!({})).await, "200 httpbin.foo");
    assert_eq!(answer(json!({"mtls": "STRICT"})).await, "connection closed");
    assert_eq!(answer(json!({"mtls": "STRICT", "injection": {"legacy": "sidecar"}})).await, "200 httpbin.foo");
    for (path, body) in [
        ("/api/v1/send", question(json!({"injection": {"nowhere": "none"}}))),
        ("/api/v1/check", json!({"world": "httpbin", "text": "", "switches": {"injection": {"nowhere": "none"}}})),
        ("/api/v1/check", json!({"world": "httpbin", "text": "", "switches": {"outbound": "maybe"}})),
    ] {
        let answer = post(&app, path, body).await;
        assert_eq!((answer.status, &answer.body["field"]), (422, &json!("switches")), "{path}: {}", answer.body);
    }
    let judged = json!({"world": "httpbin", "text": "", "switches": {"injection": {"foo": "none"}, "mtls": "STRICT", "outbound": "ALLOW_ANY"}});
    assert_eq!(post(&app, "/api/v1/check", judged).await.status, 200);
}
