//! Headers, limits, error pages, cross-site requests.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};

use super::support::TestApp;

#[tokio::test]
async fn every_answer_carries_the_policy_and_an_id() {
    let app = TestApp::new().await;
    for path in ["/", "/course", "/about", "/no/such/page", "/healthz", meshwright::web::assets::url("app.css")] {
        let answer = app.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
    }
}

#[tokio::test]
async fn an_unknown_address_gets_our_page_and_an_honest_status() {
    let page = TestApp::new().await.get("/no/such/page").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(page.texts("h1"), ["There is no such page"]);
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_api_gets_errors_as_json_and_htmx_as_a_fragment() {
    let app = TestApp::new().await;
    let answer = app.get("/api/v1/no-such-thing").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.json()["status"], 404);
    let fragment = app.send(Request::builder().uri("/no").header("hx-request", "true").body(Body::empty()).unwrap()).await;
    assert_eq!(fragment.status, StatusCode::NOT_FOUND);
    assert!(!fragment.text().contains("<html"));
    assert_eq!(fragment.attributes(".notice", "role"), ["alert"]);
}

#[tokio::test]
async fn a_wrong_method_is_told_and_keeps_its_allow_header() {
    let app = TestApp::new().await;
    let answer = app.post_form("/about", &[]).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("allow"), "GET,HEAD");
    assert_eq!(answer.texts("h1"), ["This address cannot be used that way"]);
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let app = TestApp::new().await;
    let request = Request::post("/about").header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
    let answer = app.send(request).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("sent from another site"));
}

#[tokio::test]
async fn assets_may_be_kept_for_ever_and_pages_not_at_all() {
    let app = TestApp::new().await;
    let asset = app.get(meshwright::web::assets::url("app.css")).await;
    asset.assert_ok();
    assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(app.get("/").await.header("cache-control"), "no-store");
    assert_eq!(app.get("/assets/app-000000000000.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_that_is_too_large_is_told() {
    let app = TestApp::new().await;
    let answer = app.post_form("/account/sign-in", &[("name", &"x".repeat(2 << 20)), ("password", "y")]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.texts("h1"), ["That is too large"]);
}

#[tokio::test]
async fn https_is_insisted_on_where_cookies_are_secure() {
    let app = TestApp::with(|config| config.secure_cookies = true).await;
    assert_eq!(app.get("/").await.header("strict-transport-security"), "max-age=31536000");
    assert_eq!(TestApp::new().await.get("/").await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn a_supervisor_is_told_that_the_portal_lives_and_is_ready() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/healthz").await.assert_ok().text(), "alive\n");
    assert_eq!(app.get("/readyz").await.assert_ok().text(), "ready\n");
}

#[tokio::test]
async fn a_strangers_page_is_kept_in_the_encoding_asked_for_and_nobody_elses() {
    let app = TestApp::new().await;
    let ask = async |accepted: &str, cookie: &str| {
        let mut request = Request::get("/course/mesh").header("accept-encoding", accepted).body(Body::empty()).unwrap();
        if !cookie.is_empty() {
            request.headers_mut().insert("cookie", cookie.parse().unwrap());
        }
        app.send(request).await
    };
    for (accepted, encoding) in [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("", ""), ("br;q=0, gzip", "gzip"), ("identity", "")] {
        let (first, again) = (ask(accepted, "").await, ask(accepted, "").await);
        first.assert_ok();
        assert_eq!((first.header("content-encoding"), again.header("content-encoding")), (encoding, encoding), "{accepted}");
        assert_eq!(first.bytes, again.bytes, "{accepted}");
        assert_eq!(again.header("cache-control"), "no-store");
        assert_ne!(first.header("x-request-id"), again.header("x-request-id"));
    }
    // Somebody who has read gets a page of their own, and it is not kept for strangers.
    app.post_form("/progress/done", &[("chapter", "mesh")]).await;
    assert!(app.get("/course/mesh").await.text().contains("Take the mark back"));
    app.forget_cookies();
    assert!(!app.get("/course/mesh").await.text().contains("Take the mark back"));
}

#[tokio::test]
async fn without_its_store_the_portal_is_alive_and_not_ready() {
    let app = TestApp::new().await;
    app.get("/readyz").await.assert_ok();
    app.state.store.close().await;
    let refused = app.get("/readyz").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.text().contains("store does not answer"), "{}", refused.text());
    app.get("/healthz").await.assert_ok();
}
