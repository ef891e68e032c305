//! Home, table of contents, chapters, about.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use meshwright::course::Promise;
use scraper::{Html, Selector};

use super::support::{TestApp, TestResponse};

#[tokio::test]
async fn home_gives_the_exams_figures_from_the_manifest() {
    let app = TestApp::new().await;
    let page = app.get("/").await;
    page.assert_ok();
    let course = &app.state.course;
    assert!(page.text().contains(&course.exam.name));
    assert!(page.text().contains(&format!("Istio {}", course.exam.istio_version)));
    let weights: Vec<String> = course.domains.iter().map(|domain| format!("{} %", domain.weight)).collect();
    assert_eq!(page.texts(".weights tbody .number"), weights);
    assert_eq!(page.attributes(".hero .button", "href")[0], format!("/course/{}", course.chapters[0].slug));
}

#[tokio::test]
async fn the_table_of_contents_lists_every_chapter_and_every_competency() {
    let app = TestApp::new().await;
    let page = app.get("/course").await;
    page.assert_ok();
    let course = &app.state.course;
    let titles: Vec<&str> = course.chapters.iter().map(|chapter| chapter.title.as_str()).collect();
    assert_eq!(page.texts(".contents-chapter h3"), titles);
    let competencies: usize = course.domains.iter().map(|domain| domain.competencies.len()).sum();
    assert_eq!(page.texts("#exam ~ .table-scroll tbody tr").len(), competencies);
    assert_eq!(competencies, 17);
}

#[tokio::test]
async fn a_chapter_shows_prose_outline_checks_and_what_the_engine_computed() {
    let app = TestApp::new().await;
    for chapter in &app.state.course.chapters {
        let page = app.get(&format!("/course/{}", chapter.slug)).await;
        page.assert_ok();
        assert_eq!(page.texts("h1"), [chapter.title.as_str()]);
        assert_eq!(page.attributes(".reader-side .outline a", "href").len(), chapter.outline.len());
        assert_eq!(page.attributes(".check", "role").len(), chapter.checks().count());
        for block in chapter.blocks() {
            let result = page.texts(&format!("#block-{} .run-result", block.number)).concat();
            let link = page.attributes(&format!("#block-{} a.button", block.number), "href");
            assert_eq!(link, [format!("/playground?block={}/{}", chapter.slug, block.number)]);
            match &block.promise {
                Promise::Accepted => assert!(result.contains("Accepted"), "{result}"),
                Promise::Refused => assert!(result.contains("Refused"), "{result}"),
                Promise::Outcome(_) => {
                    for part in block.outcome().unwrap().split(", ") {
                        assert!(result.contains(part), "{result} lacks {part}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn chapters_are_chained_in_reading_order() {
    let app = TestApp::new().await;
    let slugs: Vec<&str> = app.state.course.chapters.iter().map(|chapter| chapter.slug.as_str()).collect();
    for (at, slug) in slugs.iter().enumerate() {
        let page = app.get(&format!("/course/{slug}")).await;
        let address = |at: Option<usize>| at.and_then(|at| slugs.get(at)).map(|slug| format!("/course/{slug}")).into_iter().collect::<Vec<_>>();
        assert_eq!(page.attributes("a[rel=prev]", "href"), address(at.checked_sub(1)));
        assert_eq!(page.attributes("a[rel=next]", "href"), address(Some(at + 1)));
    }
}

#[tokio::test]
async fn a_chapter_that_is_done_has_its_tick_everywhere() {
    let app = TestApp::new().await;
    let slug = app.state.course.chapters[1].slug.clone();
    let title = app.state.course.chapters[1].title.clone();
    assert_eq!(app.get("/course").await.texts(".contents-facts .badge-good"), [""; 0]);
    app.post_form("/progress/done", &[("chapter", &slug)]).await.assert_redirect(&format!("/course/{slug}"));
    assert_eq!(app.get("/course").await.texts(".contents-facts .badge-good"), ["Done"]);
    let page = app.get(&format!("/course/{slug}")).await;
    assert_eq!(page.texts(".wide-menu .parts a:has(.visually-hidden)"), [format!("✓Done: {title}")]);
    assert_eq!(page.texts(".chapter-foot form button"), ["✓ Done. Take the mark back"]);
    app.post_form("/progress/done", &[("chapter", &slug), ("done", "false")]).await;
    assert_eq!(app.get("/course").await.texts(".contents-facts .badge-good"), [""; 0]);
}

#[tokio::test]
async fn home_leads_back_to_where_reading_stopped() {
    let app = TestApp::new().await;
    let chapter = &app.state.course.chapters[2];
    let heading = &chapter.outline[1];
    let report = app.post_form(&format!("/progress/reading?chapter={}", chapter.slug), &[("anchor", &heading.anchor)]).await;
    assert_eq!(report.status, StatusCode::NO_CONTENT);
    let home = app.get("/").await;
    assert_eq!(home.attributes(".hero .button", "href")[0], format!("/course/{}#{}", chapter.slug, heading.anchor));
    assert!(home.text().contains(&format!("Continue: {}", chapter.title)));
    app.forget_cookies();
    assert!(!app.get("/").await.text().contains("Continue:"));
}

#[tokio::test]
async fn an_unknown_chapter_is_not_found() {
    assert_eq!(TestApp::new().await.get("/course/no-such-chapter").await.status, StatusCode::NOT_FOUND);
}

/// Follows every link from home: each page exists, each anchor is in its page, and no page needs what the policy forbids.
#[tokio::test]
async fn every_link_from_home_leads_somewhere() {
    let app = TestApp::new().await;
    let mut pages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wanted = vec![("/".to_owned(), String::new(), "nowhere".to_owned())];
    let mut anchors = Vec::new();
    while let Some((path, anchor, from)) = wanted.pop() {
        if !anchor.is_empty() {
            anchors.push((path.clone(), anchor, from.clone()));
        }
        if pages.contains_key(&path) {
            continue;
        }
        let page = app.get(&path).await;
        assert!(page.status == StatusCode::OK || page.status.is_redirection(), "{from} links to {path}: {}", page.status);
        if !page.header("content-type").starts_with("text/html") {
            pages.insert(path, BTreeSet::new());
            continue;
        }
        assert_policy_suffices(&path, &page);
        pages.insert(path.clone(), page.attributes("[id]", "id").into_iter().collect());
        for link in page.attributes("a[href]", "href") {
            // The further requests of an example are its first page again, and are followed by tests of the gallery.
            if link.starts_with("https://") || link.contains("&request=") {
                continue;
            }
            let (to, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let to = if to.is_empty() { path.clone() } else { to.to_owned() };
            assert!(to.starts_with('/'), "{path} links to {link:?}");
            wanted.push((to, anchor.to_owned(), path.clone()));
        }
    }
    for (path, anchor, from) in anchors {
        assert!(pages[&path].is_empty() || pages[&path].contains(&anchor), "{from} links to {path}#{anchor}, which is not there");
    }
    assert!(pages.len() > 10, "{:?}", pages.keys());
}

/// No inline script, style or handler, one title, one first heading, unique ids.
fn assert_policy_suffices(path: &str, page: &TestResponse) {
    let html: Html = page.html();
    let count = |selector: &str| html.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!(count("script:not([src]), style, [style], iframe:not([src^='/playground/embed?']), object, base"), 0, "{path} has something inline");
    for element in html.select(&Selector::parse("*").unwrap()) {
        let handler = element.value().attrs().find(|(name, _)| name.starts_with("on") || name.starts_with("hx-on"));
        assert_eq!(handler, None, "{path} has a handler in its markup");
    }
    assert_eq!((count("head > title"), count("main"), count("h1")), (1, 1, 1), "{path}: titles, mains, first headings");
    let ids = page.attributes("[id]", "id");
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{path} repeats an id: {ids:?}");
    assert!(page.header("content-security-policy").contains("default-src 'none'"), "{path}");
}
