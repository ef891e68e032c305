//! The playground without a script: every page whole, nothing typed lost, every refusal at its field or line.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};

use scraper::Selector;

use super::support::{TestApp, TestResponse};

const PRODUCTPAGE: &str = "productpage-v1-a.default";
const REVIEWS: &str = "http://reviews:9080/reviews/0";

async fn send(app: &TestApp, yaml: &str, from: &str, url: &str, headers: &str) -> TestResponse {
    app.post_form("/playground", &[("world", "bookinfo"), ("yaml", yaml), ("from", from), ("method", "GET"), ("url", url), ("headers", headers)]).await
}

fn text(page: &TestResponse, selector: &str) -> String {
    page.texts(selector).join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of an element with its blanks.
fn raw(page: &TestResponse, selector: &str) -> String {
    let selector = Selector::parse(selector).unwrap();
    page.html().select(&selector).flat_map(|element| element.text()).collect()
}

#[tokio::test]
async fn it_opens_with_an_example_and_its_answer() {
    let app = TestApp::new().await;
    let page = app.get("/playground").await;
    page.assert_ok();
    assert!(text(&page, "#yaml").contains("reviews-for-jason"));
    assert_eq!(text(&page, "#answer-text"), "200 reviews/v2");
    assert!(page.texts(".graph title")[0].contains("Where the request goes"));
    assert!(!text(&page, "#from option").is_empty());
}

#[tokio::test]
async fn each_listed_example_opens() {
    let app = TestApp::new().await;
    let links = app.get("/playground").await.attributes(".examples li a", "href");
    assert_eq!(links.len(), app.state.course.gallery.len());
    // What each of them answers is looked at by the course's checker.
    for link in links.iter().step_by(7) {
        let page = app.get(link).await;
        page.assert_ok();
        assert_ne!(text(&page, "#answer-text"), "Nothing was sent", "{link}");
        assert!(text(&page, ".bench-question").ends_with('?'), "{link}");
    }
    assert_eq!(app.get("/playground?example=nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_block_of_a_chapter_opens_with_its_request() {
    let app = TestApp::new().await;
    let chapter = app.state.course.chapter("routing").unwrap();
    let block = chapter.blocks().find(|block| block.trial.request.is_some()).unwrap();
    let page = app.get(&format!("/playground?block=routing/{}", block.number)).await;
    page.assert_ok();
    assert_eq!(raw(&page, "#yaml").trim(), block.trial.yaml.trim());
    assert_eq!(page.attributes("#url", "value"), [block.trial.request.as_ref().unwrap().url.as_str()]);
    for wrong in ["routing/9999", "nowhere/1", "routing", "routing/x"] {
        assert_eq!(app.get(&format!("/playground?block={wrong}")).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn nothing_typed_is_lost_when_a_field_is_wrong() {
    let app = TestApp::new().await;
    let yaml = "# mine\r\nkind: [\r\n";
    let page = send(&app, yaml, PRODUCTPAGE, "not a url", "end-user: jason\r\n").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(raw(&page, "#yaml"), "# mine\nkind: [\n");
    assert_eq!(page.attributes("#url", "value"), ["not a url"]);
    assert_eq!(page.attributes("#url", "aria-invalid"), ["true"]);
    assert!(text(&page, "#url-fault").contains("not a url"));
    assert_eq!(raw(&page, "#headers"), "end-user: jason\n");
    assert_eq!(page.attributes("#from option[selected]", "value"), [PRODUCTPAGE]);
    assert!(!page.texts(".finding").is_empty(), "the configuration is judged all the same");
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let app = TestApp::new().await;
    for (field, from, url, headers) in [("from", "nobody.default", REVIEWS, ""), ("headers", PRODUCTPAGE, REVIEWS, "no colon"), ("url", PRODUCTPAGE, "", "")] {
        let page = send(&app, "", from, url, headers).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert_eq!(page.attributes("[aria-invalid]", "name"), [field]);
        assert_eq!(page.attributes("[data-fault]", "data-fault"), [field]);
    }
    let page = app.post_form("/playground", &[("world", "atlantis"), ("from", PRODUCTPAGE), ("url", REVIEWS)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&page, "#answer").contains("no world"));
}

#[tokio::test]
async fn faults_stand_at_line_and_column_with_the_line_itself() {
    let app = TestApp::new().await;
    let example = app.get("/playground?example=broken").await;
    let yaml = raw(&example, "#yaml");
    let line = yaml.lines().position(|line| line.contains("wieght")).unwrap() + 1;
    let places = example.texts(".finding a.place");
    assert!(places.contains(&format!("{line}:7")), "{places:?}");
    assert!(raw(&example, ".finding-source").contains("      wieght: 100\n      ^^^^^^"), "{}", raw(&example, ".finding-source"));
    assert!(text(&example, "#answer .notice").contains("2 of 2 documents are refused"), "{}", text(&example, "#answer .notice"));
}

#[tokio::test]
async fn what_is_refused_is_counted_in_words() {
    let app = TestApp::new().await;
    let fragment = "http:\n- route:\n  - destination: {host: reviews}\n";
    let good = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: reviews}\nspec: {host: reviews}\n";
    let one = send(&app, fragment, PRODUCTPAGE, REVIEWS, "").await;
    assert!(text(&one, "#answer .notice").contains("The document is refused and therefore not in the cluster: document (line 1)."));
    assert!(text(&one, ".finding-message").starts_with("This looks like a part of a VirtualService's spec"));
    let two = send(&app, &format!("{fragment}{good}"), PRODUCTPAGE, REVIEWS, "").await;
    assert!(text(&two, "#answer .notice").contains("1 of 2 documents is refused"));
}

#[tokio::test]
async fn a_certain_cure_is_applied_to_the_text() {
    let app = TestApp::new().await;
    let yaml = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: reviews}\nspec:\n  host: reviews\n  subsets:\n  - name: v1\n    labels: {version: 1}\n";
    let faulty = send(&app, yaml, PRODUCTPAGE, REVIEWS, "").await;
    let numbers = faulty.attributes(".finding button", "value");
    assert_eq!(numbers.len(), 1, "{}", text(&faulty, "#findings"));
    let mended = app.post_form("/playground", &[("yaml", yaml), ("from", PRODUCTPAGE), ("url", REVIEWS), ("fix", &numbers[0])]).await;
    mended.assert_ok();
    assert_eq!(raw(&mended, "#yaml"), yaml.replace("version: 1", "version: \"1\""));
    assert!(mended.attributes(".finding button", "value").is_empty());
    let senseless = app.post_form("/playground", &[("yaml", yaml), ("from", PRODUCTPAGE), ("url", REVIEWS), ("fix", "99")]).await;
    assert_eq!(raw(&senseless, "#yaml"), yaml);
}

/// Without a script a cure is known by its number among the findings, which are those of the world as it is switched.
#[tokio::test]
async fn a_cure_is_found_again_in_a_world_that_is_switched() {
    let app = TestApp::new().await;
    let policy = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: paths, namespace: default}\nspec: {selector: {matchLabels: {app: reviews}}, rules: [{to: [{operation: {paths: [/reviews/*]}}]}]}\n---\n";
    let yaml = format!(
        "{policy}apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: x, namespace: default}}\nspec: {{hosts: [ratings], http: [{{timeot: 1s, route: [{{destination: {{host: ratings}}}}]}}]}}\n"
    );
    let post = async |fix: &str| app.post_form("/playground", &[("yaml", &yaml), ("injection.default", "ambient"), ("fix", fix)]).await;
    let numbers = post("").await.attributes(".finding button", "value");
    assert_eq!(numbers, ["2"], "hints on ambient mode come before it");
    assert_eq!(raw(&post("2").await, "#yaml"), yaml.replace("timeot", "timeout"));
}

/// Two labels that are numbers, each with a certain cure.
const NUMBERS: &str = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: reviews}\nspec:\n  host: reviews\n  subsets:\n  - {name: v1, labels: {version: 1}}\n  - {name: v2, labels: {version: 2}}\n";

#[tokio::test]
async fn all_certain_cures_are_applied_at_once() {
    let app = TestApp::new().await;
    let faulty = send(&app, NUMBERS, PRODUCTPAGE, REVIEWS, "").await;
    assert_eq!(faulty.attributes("[data-fix-all]", "value"), ["all"]);
    assert_eq!(faulty.attributes("[data-fix][data-together]", "value").len(), 2);
    assert!(text(&faulty, ".finding button").contains("write \"1\" instead of 1"), "{}", text(&faulty, ".finding button"));
    let mended = app.post_form("/playground", &[("yaml", NUMBERS), ("from", PRODUCTPAGE), ("url", REVIEWS), ("fix", "all")]).await;
    assert_eq!(raw(&mended, "#yaml"), NUMBERS.replace("version: 1", "version: \"1\"").replace("version: 2", "version: \"2\""));
    assert!(mended.attributes("[data-fix-all]", "value").is_empty());
}

#[tokio::test]
async fn a_finding_of_the_cluster_says_why_it_matters_and_where_to_read_on() {
    let app = TestApp::new().await;
    let yaml = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec:\n  hosts: [a.example]\n  gateways: [nowhere]\n  http:\n  - route:\n    - destination: {host: reviews}\n";
    let page = send(&app, yaml, PRODUCTPAGE, REVIEWS, "").await;
    page.assert_ok();
    assert!(page.attributes(".finding-code", "href").contains(&"/rules/IST0101".to_owned()));
    let told = text(&page, ".finding");
    assert!(told.contains("6:14") && told.contains("error") && told.contains("istioctl analyze"), "{told}");
    assert!(text(&page, ".finding-why").contains("the part that depends on the missing thing does not work"));
    assert!(page.texts("#answer .notice").is_empty(), "what analyze calls an error refuses nothing");
}

#[tokio::test]
async fn hints_are_told_as_hints_and_their_switch_is_kept_in_the_form() {
    let app = TestApp::new().await;
    let yaml = NUMBERS.replace("version: 1", "version: v1").replace("version: 2", "version: v9");
    let page = send(&app, &yaml, PRODUCTPAGE, REVIEWS, "").await;
    assert_eq!(page.texts(".finding.is-hint .finding-code"), ["MW0001 SubsetSelectsNoWorkload"]);
    assert_eq!(page.texts(".finding.is-hint .badge"), ["hint"]);
    assert_eq!(page.texts(".hints-hidden"), ["1 hint is hidden; there is nothing else to say."]);
    assert!(page.attributes("#hide-hints[checked]", "name").is_empty());
    let hidden = app.post_form("/playground", &[("yaml", &yaml), ("from", PRODUCTPAGE), ("url", REVIEWS), ("hide_hints", "true")]).await;
    assert_eq!(hidden.attributes("#hide-hints[checked]", "name"), ["hide_hints"]);
}

#[tokio::test]
async fn hostile_names_in_findings_are_words() {
    let app = TestApp::new().await;
    let yaml = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: '<svg onload=alert(1)>'}\nspec:\n  hosts: ['<script>alert(2)</script>']\n  gateways: ['\"><img src=x>']\n  http:\n  - route:\n    - destination: {host: '<b>h</b>', subset: '<i>'}\n";
    let page = send(&app, yaml, PRODUCTPAGE, REVIEWS, "").await;
    assert!(page.texts(".finding").len() > 1);
    for markup in ["<svg onload", "<script>", "<img", "<b>", "<i>"] {
        assert!(!page.text().contains(markup), "{markup} is markup on the page");
    }
}

#[tokio::test]
async fn an_empty_configuration_is_the_cluster_as_it_is() {
    let app = TestApp::new().await;
    let page = send(&app, "", PRODUCTPAGE, REVIEWS, "").await;
    page.assert_ok();
    assert_eq!(text(&page, "#answer-text"), "200 reviews");
    assert!(text(&page, "#answer .notice").contains("No configuration"));
}

#[tokio::test]
async fn what_is_not_simulated_is_said() {
    let app = TestApp::new().await;
    let yaml = "apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: all}\nspec: {metrics: [{providers: [{name: prometheus}]}]}\n";
    let page = send(&app, yaml, PRODUCTPAGE, REVIEWS, "").await;
    page.assert_ok();
    assert!(text(&page, "#answer .notice").contains("ccepted, not simulated yet"), "{}", text(&page, "#answer"));
}

#[tokio::test]
async fn the_script_gets_only_what_changes() {
    let app = TestApp::new().await;
    let body = "world=bookinfo&yaml=&from=sleep-a.default&url=http%3A%2F%2Freviews%3A9080%2F";
    let request = axum::http::Request::post("/playground").header("content-type", "application/x-www-form-urlencoded").header("hx-request", "true");
    let fragment = app.send(request.body(body.into()).unwrap()).await;
    fragment.assert_ok();
    assert!(!fragment.text().contains("<html"));
    assert_eq!((fragment.texts("#answer").len(), fragment.texts("#findings").len(), fragment.texts("#from").len()), (1, 1, 1));
}

#[tokio::test]
async fn hostile_text_is_shown_as_text() {
    let app = TestApp::new().await;
    let yaml = "kind: \"</textarea><script>alert(1)</script>\"\n\"<b>\": 1\n";
    let page = send(&app, yaml, "<i>x</i>", "http://\"><script>", "").await;
    assert!(!page.text().contains("<script>") && !page.text().contains("<b>") && !page.text().contains("<i>"), "{}", page.text());
    assert_eq!(raw(&page, "#yaml"), yaml);
}

#[tokio::test]
async fn a_large_paste_is_answered_in_words() {
    let app = TestApp::new().await;
    let yaml = "a: 1\n---\n".repeat(600_000);
    let page = send(&app, &yaml, PRODUCTPAGE, REVIEWS, "").await;
    page.assert_ok();
    assert!(page.text().contains("split the input"));
}

#[tokio::test]
async fn one_fault_is_told_once() {
    let app = TestApp::new().await;
    let yaml = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: reviews}\nspec:\n  hosts: [reviews]\n  http:\n  - timeout: soon\n    route:\n    - destination: {host: reviews}\n";
    let page = send(&app, yaml, PRODUCTPAGE, REVIEWS, "").await;
    assert_eq!(page.texts(".finding a.place"), ["7:14"], "{}", text(&page, "#findings"));
}

#[tokio::test]
async fn bytes_that_are_no_text_are_named() {
    let app = TestApp::new().await;
    let request =
        Request::post("/playground").header("content-type", "application/x-www-form-urlencoded").body(Body::from("yaml=kind%3A+%FF&world=bookinfo")).unwrap();
    let page = app.send(request).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains("not UTF-8"), "{}", page.text());
}

#[tokio::test]
async fn a_way_in_ambient_mode_shows_ztunnels_and_waypoints() {
    let app = TestApp::new().await;
    let shop = crate::engine::fixture("ambient/shop.yaml");
    let page = send(&app, &shop, "web-1.shop", "http://cart.shop/", "").await;
    page.assert_ok();
    assert_eq!(text(&page, "#answer-text"), "200 cart.shop");
    let told = text(&page, "#answer");
    for title in ["1. ztunnel of the caller web-1.shop", "2. waypoint waypoint.shop", "3. ztunnel of the server cart-1.shop"] {
        assert!(told.contains(title), "{title} is not in {told}");
    }
    let bands = page.texts(".graph .band");
    assert_eq!(bands, ["1 · ztunnel of the client", "2 · waypoint", "3 · ztunnel of the server"]);
    let closed = send(&app, &shop, "web-1.shop", "http://10.1.0.1:8080/", "").await;
    assert_eq!(text(&closed, "#answer-text"), "connection closed");
    assert!(text(&closed, ".graph").contains("connection closed"), "{}", text(&closed, ".graph"));
}
