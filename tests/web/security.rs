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
