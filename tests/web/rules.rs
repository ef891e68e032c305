//! The list of rules and the page of each code.

use axum::http::StatusCode;
use meshwright::{course::Mark, engine::diagnostic::Code};

use super::support::TestApp;

#[tokio::test]
async fn every_code_is_listed_once_and_has_a_page_between_its_neighbours() {
    let app = TestApp::new().await;
    let list = app.get("/rules").await;
    list.assert_ok();
    let mut links = list.attributes(".rules-list a", "href");
    links.sort();
    let codes: Vec<&str> = app.state.course.rules.iter().map(|page| page.code.id).collect();
    assert_eq!(codes, Code::all().map(|code| code.id).collect::<Vec<_>>());
    let address = |code: &&str| format!("/rules/{code}");
    assert_eq!(links, codes.iter().map(address).collect::<Vec<_>>());
    for (at, page) in app.state.course.rules.iter().enumerate() {
        let shown = app.get(&address(&page.code.id)).await;
        shown.assert_ok();
        assert_eq!(shown.texts("h1"), [format!("{} {}", page.code.id, page.code.name)]);
        assert!(shown.text().contains(&page.code.level.to_string().to_lowercase()));
        let near = |at: Option<usize>| at.and_then(|at| codes.get(at)).map(address).into_iter().collect::<Vec<_>>();
        assert_eq!(shown.attributes("a[rel=prev]", "href"), near(at.checked_sub(1)));
        assert_eq!(shown.attributes("a[rel=next]", "href"), near(Some(at + 1)));
        assert_eq!(shown.attributes(".rule-siblings [aria-current]", "href"), [address(&page.code.id)]);
    }
}

#[tokio::test]
async fn the_list_is_narrowed_by_words_level_speaker_and_subject() {
    let app = TestApp::new().await;
    let found = async |query: &str| {
        let page = app.get(&format!("/rules?{query}")).await;
        page.assert_ok();
        page.texts(".rules-list .rules-code code")
    };
    assert_eq!(found("q=ist0101").await, ["IST0101"]);
    assert_eq!(found("q=unreachable+RULE").await, ["IST0130"], "words of the name, in any case");
    assert_eq!(found("subject=filters&level=warning").await, ["IST0151", "IST0155"]);
    assert!(found("by=hints").await.iter().all(|code| code.starts_with("MW")));
    assert!(found("by=istio&level=info").await.contains(&"IST0102".to_owned()));
    assert_eq!(found("level=fatal&by=nobody").await.len(), Code::all().count(), "what nobody offers narrows nothing");
    let none = app.get("/rules?q=%3Cscript%3Ealert(1)").await;
    none.assert_ok();
    assert_eq!(none.texts("#rules-count"), [format!("0 of {} rules", Code::all().count())]);
    assert!(none.texts(".rules-none")[0].starts_with("No rule fits."));
    assert_eq!(none.attributes("#q", "value"), ["<script>alert(1)"]);
    assert!(!none.text().contains("<script>alert"));
}

#[tokio::test]
async fn a_page_shows_what_the_engine_says_of_its_examples() {
    let app = TestApp::new().await;
    for page in app.state.course.rules.iter().filter(|page| !page.sections.is_empty()) {
        let shown = app.get(&format!("/rules/{}", page.code.id)).await;
        let titles: Vec<&str> = page.sections.iter().map(|section| section.title.as_str()).collect();
        assert_eq!(shown.texts(".prose > h2"), titles);
        for example in page.examples() {
            let figure = format!("#example-{}", example.number);
            let result = shown.texts(&format!("{figure} .run-result")).concat();
            match example.mark {
                Mark::Bad => {
                    let findings = example.findings(page.code);
                    assert!(findings.iter().all(|finding| result.contains(&finding.message.split_whitespace().collect::<Vec<_>>().join(" "))), "{result}");
                }
                Mark::Fixed => assert!(result.contains("nothing to say"), "{result}"),
            }
            if !example.has_settings() {
                let link = format!("/playground?rule={}/{}", page.code.id, example.number);
                assert_eq!(shown.attributes(&format!("{figure} a.button"), "href"), [link]);
            }
        }
    }
}

#[tokio::test]
async fn a_code_in_other_letters_leads_to_its_page() {
    let app = TestApp::new().await;
    let page = app.get("/rules/ist0101").await;
    assert_eq!(page.status, StatusCode::PERMANENT_REDIRECT);
    page.assert_redirect("/rules/IST0101");
}

#[tokio::test]
async fn a_code_that_nobody_raises_is_not_found_and_the_list_is_offered() {
    let app = TestApp::new().await;
    let page = app.get("/rules/IST0100").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.attributes("main a", "href").contains(&"/rules".to_owned()));
    assert!(page.attributes("main a", "href").iter().any(|link| link.starts_with("/rules/IST01")), "one that is near is named");
    let hostile = app.get("/rules/%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert_eq!(hostile.status, StatusCode::NOT_FOUND);
    assert!(hostile.texts("h1")[0].contains("<script>") && !hostile.text().contains("<script>alert"));
}

#[tokio::test]
async fn an_example_opens_in_the_playground_and_the_way_leads_back() {
    let app = TestApp::new().await;
    let page = app.state.course.rule("IST0101").unwrap();
    let (bad, fixed) = (page.examples().next().unwrap(), page.examples().find(|example| example.mark == Mark::Fixed).unwrap());
    let opened = app.get(&format!("/playground?rule=IST0101/{}", bad.number)).await;
    opened.assert_ok();
    assert_eq!(opened.texts("#yaml").concat(), bad.yaml.split_whitespace().collect::<Vec<_>>().join(" "));
    assert_eq!(opened.attributes("select[name=world] option[selected]", "value"), ["empty"]);
    assert_eq!(opened.texts("#answer-text"), ["No request yet"]);
    let links = opened.attributes(".bench-rule a", "href");
    assert_eq!(links, ["/rules/IST0101#example-1".to_owned(), format!("/playground?rule=IST0101/{}", fixed.number)]);
    // A form that is sent keeps the way back.
    let fields = [("world", "empty"), ("yaml", "kind: [\n"), ("from", ""), ("url", ""), ("rule", "IST0101/1")];
    let sent = app.post_form("/playground", &fields).await;
    sent.assert_ok();
    assert_eq!(sent.attributes(".bench-rule a", "href"), links);
    for wrong in ["IST0101/99", "IST0101", "IST9999/1", "IST0101/x"] {
        assert_eq!(app.get(&format!("/playground?rule={wrong}")).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}
