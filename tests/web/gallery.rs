//! The gallery of examples, their requests and their Gateway API twins, without a script.

use axum::http::StatusCode;

use super::support::TestApp;

/// As a link's address writes it.
const TWIN: &str = "/playground?example=weights&api=gateway";

#[tokio::test]
async fn every_example_is_there_with_its_question() {
    let app = TestApp::new().await;
    let page = app.get("/playground/examples").await;
    page.assert_ok();
    let all = &app.state.course.gallery;
    assert!(all.len() >= 40, "{}", all.len());
    assert_eq!(page.texts(".gallery-title").len(), all.len());
    assert_eq!(page.texts("#gallery-count"), [format!("{} examples", all.len())]);
    let questions = page.texts(".gallery-list li > p:not(.gallery-notes)");
    assert!(questions.len() == all.len() && questions.iter().all(|question| question.ends_with('?')), "{questions:?}");
    let domains = page.texts(".gallery-domain > h2");
    assert!(domains.iter().any(|domain| domain.contains("Traffic Management") && domain.contains("35 % of the exam")), "{domains:?}");
}

#[tokio::test]
async fn words_narrow_the_gallery_and_say_how_much_is_left() {
    let app = TestApp::new().await;
    let titles = async |query: &str| app.get(&format!("/playground/examples?{query}")).await.texts(".gallery-title");
    let found = titles("q=canary+ambient").await;
    assert_eq!(found, ["A canary in ambient mode"]);
    assert!(titles("domain=security").await.len() < app.state.course.gallery.len());
    let twins = app.state.course.gallery.iter().filter(|exhibit| exhibit.twin.is_some()).count();
    assert_eq!(titles("api=gateway").await.len(), twins);
    let none = app.get("/playground/examples?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E").await;
    none.assert_ok();
    assert!(none.texts(".gallery-none")[0].starts_with("No example fits"));
    assert_eq!(none.attributes("#q", "value"), ["<img src=x onerror=alert(1)>"]);
    assert!(none.attributes("main img", "src").is_empty());
}

#[tokio::test]
async fn an_example_is_switched_to_the_other_api_with_the_same_outcome() {
    let app = TestApp::new().await;
    let istio = app.get("/playground?example=weights").await;
    istio.assert_ok();
    assert_eq!(istio.attributes(".bench-apis a", "href"), ["/playground?example=weights", TWIN]);
    assert_eq!(istio.texts(".bench-apis a[aria-current]"), ["Istio API"]);
    let twin = app.get(TWIN).await;
    twin.assert_ok();
    assert_eq!(twin.texts(".bench-apis a[aria-current]"), ["Gateway API"]);
    assert!(twin.texts("#yaml")[0].contains("kind: HTTPRoute"));
    assert_eq!(istio.texts(".distribution td.number"), twin.texts(".distribution td.number"));
    // Who sends the form stays at the same example.
    let (yaml, name) = (twin.texts("#yaml"), twin.attributes("[name=example]", "value"));
    assert_eq!(name, ["weights/gateway/1"]);
    let form = [("yaml", yaml[0].as_str()), ("from", "productpage-v1-a.default"), ("url", "http://reviews:9080/"), ("example", name[0].as_str())];
    let sent = app.post_form("/playground", &form).await;
    sent.assert_ok();
    assert_eq!(sent.texts(".bench-apis a[aria-current]"), ["Gateway API"]);
}

#[tokio::test]
async fn where_there_is_no_twin_the_reason_is_told() {
    let app = TestApp::new().await;
    let page = app.get("/playground?example=faults").await;
    page.assert_ok();
    assert!(page.texts(".bench-apis").is_empty());
    assert_eq!(page.texts(".bench-apis-none"), ["No Gateway API twin. The Gateway API has no fault injection."]);
}

#[tokio::test]
async fn each_request_of_an_example_is_a_link() {
    let app = TestApp::new().await;
    let page = app.get("/playground?example=header-match").await;
    let links = page.attributes(".bench-probes a", "href");
    assert_eq!(links, ["/playground?example=header-match&request=2"]);
    let second = app.get(&links[0]).await;
    assert_eq!(second.texts("#answer-text"), ["200 reviews/v1"]);
    assert_eq!(second.texts("#headers"), ["end-user: Jason"]);
    // A load is filled in and its panel open.
    let load = app.get("/playground?example=circuit-breaker").await;
    assert_eq!(load.attributes("#load-concurrency", "value"), ["8"]);
    assert!(load.texts("#panel-timeline[open] .panel-caption")[0].contains("4 × 200, 4 × 503 UO"));
}

#[tokio::test]
async fn addresses_that_name_nothing_are_not_found() {
    let app = TestApp::new().await;
    for query in [
        "example=nothing",
        "example=faults&api=gateway",
        "example=weights&api=helm",
        "example=weights&request=0",
        "example=weights&request=2",
        "example=../index",
    ] {
        assert_eq!(app.get(&format!("/playground?{query}")).await.status, StatusCode::NOT_FOUND, "{query}");
    }
    assert_eq!(app.get("/playground?example=weights&request=-1").await.status, StatusCode::BAD_REQUEST);
    // What a form says of its example is no more than a wish.
    for name in ["weights/gateway", "weights/gateway/99999999999999999999", "nothing/istio/1", "////", "<b>/istio/1"] {
        let page =
            app.post_form("/playground", &[("yaml", ""), ("from", "productpage-v1-a.default"), ("url", "http://reviews:9080/"), ("example", name)]).await;
        page.assert_ok();
        assert!(page.texts(".bench-example").is_empty(), "{name}");
    }
}

#[tokio::test]
async fn each_world_opens_with_a_request_of_its_own() {
    let app = TestApp::new().await;
    let notes = &app.state.course.world_notes;
    assert_eq!(notes.iter().map(|note| note.name.as_str()).collect::<Vec<_>>(), ["bookinfo", "httpbin", "shop", "installed", "empty"]);
    for note in notes {
        let page = app.get(&format!("/playground?world={}", note.name)).await;
        page.assert_ok();
        assert_eq!(page.attributes("[name=world] option[selected]", "value"), [note.name.as_str()]);
        assert!(page.texts("[aria-invalid]").is_empty(), "{}", note.name);
    }
}

#[tokio::test]
async fn an_example_in_a_frame_is_answered_and_framed_by_us_alone() {
    let app = TestApp::new().await;
    let page = app.get("/playground/embed?example=header-match").await;
    page.assert_ok();
    assert_eq!(page.texts("#answer-text"), ["200 reviews/v2"]);
    assert_eq!(page.attributes(".embed-more a", "href"), ["/playground?example=header-match"]);
    assert!(page.header("content-security-policy").ends_with("frame-ancestors 'self'"), "{}", page.header("content-security-policy"));
    let whole = app.get("/playground?example=header-match").await;
    assert!(whole.header("content-security-policy").ends_with("frame-ancestors 'none'"), "{}", whole.header("content-security-policy"));
    let other = app.get("/playground/embed?example=header-match&from=productpage-v1-a.default&url=http://reviews:9080/&headers=end-user:+anna").await;
    assert_eq!(other.texts("#answer-text"), ["200 reviews/v1"]);
    let twin = app.get("/playground/embed?example=header-match&api=gateway").await;
    assert_eq!(twin.texts("#answer-text"), ["200 reviews-v2"]);
    let wrong = app.get("/playground/embed?example=header-match&url=%3Cscript%3E").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.texts("#fault")[0].contains("<script>"));
    assert_eq!(app.get("/playground/embed").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/playground/embed?example=faults&api=gateway").await.status, StatusCode::NOT_FOUND);
    let frames = app.get("/course/routing").await.attributes("iframe.example-frame", "src");
    assert_eq!(frames, ["/playground/embed?example=prefix-is-text"]);
}

#[tokio::test]
async fn a_request_of_an_example_brings_its_token_and_certificate() {
    let app = TestApp::new().await;
    let expired = app.get("/playground?example=token-claims&request=3").await;
    expired.assert_ok();
    assert_eq!(expired.texts("#answer-text"), ["401"]);
    assert_eq!(expired.attributes("[name=token_issuer]", "value"), ["https://login.example.com"]);
    assert_eq!(expired.texts("[name=token_claims]"), [r#"groups: ["readers"]"#]);
    assert_eq!(expired.attributes("[name=token_expired]", "checked").len(), 1);
    assert!(expired.texts(".bench-probes strong")[0].ends_with("with a token of ada, expired"), "{:?}", expired.texts(".bench-probes strong"));
    let partner = app.get("/playground?example=ingress-mutual&request=2").await;
    assert_eq!(partner.texts("#answer-text"), ["200 productpage"]);
    assert_eq!(partner.attributes("[name=certificate_identity]", "value"), ["partner"]);
}
