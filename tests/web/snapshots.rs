//! Snapshots through the router: kept without a script, opened by whoever has the address, deleted by their maker alone, and hidden
//! from everybody who guesses.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use meshwright::{
    store::{KeptSnapshot, LearnerId, NewSnapshot},
    web::snapshots,
};
use serde_json::{Value, json};

use super::{
    api,
    support::{TestApp, TestResponse},
};

const FORM: [(&str, &str); 9] = [
    ("world", "bookinfo"),
    ("yaml", "# </textarea><script>alert(1)</script>\nkind: VirtualService\n"),
    ("from", "productpage-v1-a.default"),
    ("method", "PUT"),
    ("url", "http://reviews:9080/<script>"),
    ("headers", "x-a: 1"),
    ("access_path", "/x"),
    ("token", "true"),
    ("fix", "0"),
];

/// Keeps the form; the address that the answer leads to.
async fn keep(app: &TestApp, fields: &[(&str, &str)]) -> String {
    let answer = app.post_form("/playground/snapshots", fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.header("location").to_owned()
}

async fn delete(app: &TestApp, path: &str) -> TestResponse {
    app.send(Request::delete(path).header("sec-fetch-site", "same-origin").body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_form_is_kept_and_opened_as_it_was_by_anybody() {
    let app = TestApp::new().await;
    let url = keep(&app, &FORM).await;
    assert_eq!((url.starts_with("/playground/s/"), url.len()), (true, "/playground/s/".len() + 24), "{url}");
    let own = app.get(&url).await;
    own.assert_ok();
    assert!(own.texts(".bench-note")[0].contains("kept until"), "{:?}", own.texts(".bench-note"));
    assert_eq!(own.attributes(".bench-note a", "href"), ["/playground/snapshots"], "its maker finds the way to delete it");
    app.forget_cookies();
    let page = app.get(&url).await;
    page.assert_ok();
    assert_eq!(page.texts("#yaml"), ["# </textarea><script>alert(1)</script> kind: VirtualService"], "a cure that was pressed is not pressed again");
    assert!(!page.text().contains("<script>alert"));
    assert_eq!(page.attributes("#url", "value"), ["http://reviews:9080/<script>"]);
    assert_eq!(page.attributes("#method", "value"), ["PUT"]);
    assert_eq!(page.attributes("#access-path", "value"), ["/x"]);
    assert_eq!(page.attributes("[name=token]", "checked").len(), 1);
    assert_eq!(page.attributes("#bench", "data-asked-for").len(), 1, "a draft does not take its place");
    assert!(page.attributes(".bench-note a", "href").is_empty());
    assert_eq!((page.header("referrer-policy"), page.header("x-robots-tag")), ("no-referrer", "noindex, nofollow"));
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn its_maker_alone_sees_it_listed_and_deletes_it() {
    let app = TestApp::new().await;
    assert!(app.get("/playground/snapshots").await.text().contains("There is none yet"));
    let url = keep(&app, &FORM).await;
    let id = url.rsplit('/').next().unwrap().to_owned();
    let list = app.get("/playground/snapshots").await;
    assert_eq!(list.texts(".snapshots h2"), ["PUT http://reviews:9080/<script> from productpage-v1-a.default"]);
    assert!(!list.text().contains("<script>from"));
    let delete_url = list.attributes(".snapshot-delete form", "action")[0].clone();
    assert_eq!(delete_url, format!("/playground/snapshots/{id}/delete"));

    let cookie = app.cookie_line();
    app.forget_cookies();
    assert_eq!(app.post_form(&delete_url, &[]).await.status, StatusCode::NOT_FOUND, "a stranger");
    assert_eq!(delete(&app, &format!("/api/v1/snapshots/{id}")).await.status, StatusCode::NOT_FOUND);
    app.post_form("/progress/done", &[("chapter", "mesh")]).await;
    assert_eq!(app.post_form(&delete_url, &[]).await.status, StatusCode::NOT_FOUND, "another learner");
    assert!(app.get("/playground/snapshots").await.attributes(".snapshots a", "href").is_empty());
    app.get(&url).await.assert_ok();

    app.take_cookies(&cookie);
    let cross = Request::post(delete_url.as_str()).header("sec-fetch-site", "cross-site").header("cookie", &cookie).body(Body::empty()).unwrap();
    assert_eq!(app.send(cross).await.status, StatusCode::FORBIDDEN, "from another site");
    app.get(&url).await.assert_ok();
    app.post_form(&delete_url, &[]).await.assert_redirect("/playground/snapshots?done=deleted");
    assert!(app.get("/playground/snapshots?done=deleted").await.text().contains("is deleted"));
    for path in [url.as_str(), delete_url.as_str()] {
        let gone = if path == url { app.get(path).await } else { app.post_form(path, &[]).await };
        assert_eq!((gone.status, gone.texts("h1")), (StatusCode::NOT_FOUND, vec!["There is no such snapshot".to_owned()]));
    }
}

#[tokio::test]
async fn who_guesses_finds_nothing() {
    let app = TestApp::new().await;
    let url = keep(&app, &FORM).await;
    let id = url.rsplit('/').next().unwrap();
    let swapped = format!("/playground/s/{}{}", &id[1..], &id[..1]);
    let other_case: String = id.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect();
    for path in [
        "/playground/s/x",
        "/playground/s/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/playground/s/..%2f..%2f..%2f..%2f..%2f..%2f..%2f",
        "/playground/s/' OR 1=1 --",
        "/playground/s/%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25",
        "/playground/s/AAAAAAAAAAAAAAAAAAAAAAAA",
        &swapped,
        &format!("/playground/s/{other_case}"),
        &format!("/playground/s/{id}%00"),
    ] {
        let page = app.get(&path.replace(' ', "%20")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        let page = app.get(&path.replace("/playground/s/", "/api/v1/snapshots/").replace(' ', "%20")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(app.get("/playground/s/%ff").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_api_keeps_gives_and_deletes() {
    let app = TestApp::new().await;
    let fields = json!({"yaml": "kind: Service", "url": "http://a/", "from": "", "unknown": "kept"});
    let made = api::post(&app, "/api/v1/snapshots", json!({"fields": fields})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.body["id"].as_str().unwrap().to_owned();
    assert_eq!(made.body["url"], format!("/playground/s/{id}"));
    let path = format!("/api/v1/snapshots/{id}");
    let found = app.get(&path).await;
    assert_eq!(found.json()["fields"], json!({"yaml": "kind: Service", "url": "http://a/", "unknown": "kept"}));
    assert_eq!(found.json()["expires_at"], made.body["expires_at"]);
    app.get(&format!("/playground/s/{id}")).await.assert_ok();
    assert_eq!(delete(&app, &path).await.status, StatusCode::NO_CONTENT);
    let gone = app.get(&path).await;
    assert_eq!((gone.status, gone.header("content-type")), (StatusCode::NOT_FOUND, "application/problem+json"));
    for wrong in [json!({}), json!({"fields": {"yaml": 1}}), json!({"fields": {}, "id": "mine"})] {
        assert_eq!(api::post(&app, "/api/v1/snapshots", wrong).await.status, 422);
    }
}

#[tokio::test]
async fn what_is_too_large_too_many_or_too_often_is_told() {
    let app = TestApp::new().await;
    let large = "x".repeat(7 << 20);
    let page = app.post_form("/playground/snapshots", &[("yaml", &large)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.texts(".bench-note")[0].contains("up to 6 MB"), "{:?}", page.texts(".bench-note"));
    assert_eq!(api::post(&app, "/api/v1/snapshots", json!({"fields": {"yaml": large}})).await.status, 413);
    let many: serde_json::Map<String, Value> = (0..400).map(|number| (format!("f{number}"), json!("x"))).collect();
    let refused = api::post(&app, "/api/v1/snapshots", json!({"fields": many})).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body["detail"].as_str().unwrap().contains("300"), "{}", refused.body);

    let small = api::post(&app, "/api/v1/snapshots", json!({"fields": {"yaml": "x"}})).await;
    assert_eq!(small.status, 201);
    let learner = LearnerId::from_text(app.get("/account/data.json").await.json()["learner"].as_str().unwrap());
    let half = NewSnapshot { title: String::new(), content: "x".repeat(5 << 20), expires_at: i64::MAX };
    for _ in 0..3 {
        assert!(matches!(app.state.store.insert_snapshot(&learner, &half, snapshots::LIMITS).await.unwrap(), KeptSnapshot::Kept(_)));
    }
    let refused = api::post(&app, "/api/v1/snapshots", json!({"fields": {"yaml": "x".repeat(2 << 20)}})).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body["detail"].as_str().unwrap().contains("16 MB together"), "{}", refused.body);
    let mut last = 0;
    for _ in 0..60 {
        last = api::post(&app, "/api/v1/snapshots", json!({"fields": {"yaml": "x"}})).await.status;
        if last != 201 {
            break;
        }
    }
    assert_eq!(last, 429);
    let page = app.post_form("/playground/snapshots", &FORM).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!page.header("retry-after").is_empty());
    assert_eq!(page.attributes("#method", "value"), ["PUT"], "nothing typed is lost");
}

#[tokio::test]
async fn what_has_expired_is_gone() {
    let app = TestApp::new().await;
    keep(&app, &FORM).await;
    let learner = LearnerId::from_text(app.get("/account/data.json").await.json()["learner"].as_str().unwrap());
    let old = NewSnapshot { title: String::new(), content: "{}".into(), expires_at: 1 };
    let KeptSnapshot::Kept(id) = app.state.store.insert_snapshot(&learner, &old, snapshots::LIMITS).await.unwrap() else { panic!("there is room") };
    let page = app.get(&format!("/playground/s/{id}")).await;
    assert_eq!((page.status, page.texts("h1")), (StatusCode::NOT_FOUND, vec!["There is no such snapshot".to_owned()]));
    assert_eq!(app.get(&format!("/api/v1/snapshots/{id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/playground/snapshots").await.texts(".snapshots h2").len(), 1);
}

#[tokio::test]
async fn a_server_may_keep_none() {
    let app = TestApp::with(|config| config.snapshot_days = 0).await;
    assert!(app.get("/playground").await.attributes("[data-snapshot]", "type").is_empty());
    assert_eq!(app.post_form("/playground/snapshots", &FORM).await.status, StatusCode::FORBIDDEN);
    assert_eq!(api::post(&app, "/api/v1/snapshots", json!({"fields": {"yaml": "x"}})).await.status, 403);
    assert!(app.get("/playground/snapshots").await.text().contains("keeps none"));
}

#[tokio::test]
async fn snapshots_go_along_and_go_away_with_their_maker() {
    let app = TestApp::new().await;
    let url = keep(&app, &FORM).await;
    let data = app.get("/account/data.json").await.json();
    let kept = &data["snapshots"][0];
    assert_eq!((&kept["url"], &kept["fields"]["method"]), (&json!(url), &json!("PUT")), "{data}");
    app.post_form("/account/delete", &[]).await.assert_redirect("/account?done=deleted");
    assert_eq!(app.get(&url).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_snapshot_opens_with_what_only_the_script_knows() {
    let app = TestApp::new().await;
    let requests = "[{\"name\":\"<b>\",\"request\":{\"url\":\"http://a/\"}}]";
    let made = api::post(&app, "/api/v1/snapshots", json!({"fields": {"requests": requests, "panel": "security", "injection.foo": "none"}})).await;
    let page = app.get(made.body["url"].as_str().unwrap()).await;
    page.assert_ok();
    assert_eq!(page.attributes("#bench", "data-requests"), [requests]);
    assert_eq!(page.attributes("#panel-security", "open").len(), 1);
    assert!(!page.texts(".access-table").is_empty(), "the panel that was open is computed");
    assert_eq!(page.attributes("[name='injection.foo'] option[selected]", "value"), ["none"]);
}
