//! The dashboard and what chapters report.

use axum::http::StatusCode;

use super::support::TestApp;

#[tokio::test]
async fn an_empty_dashboard_says_how_to_start_and_shows_the_exam() {
    let app = TestApp::new().await;
    let page = app.get("/progress").await;
    page.assert_ok();
    assert!(page.header("set-cookie").is_empty());
    let titles = page.texts(".domain h3").join("\n");
    for domain in &app.state.course.domains {
        assert!(titles.contains(&format!("{} {} % of the exam", domain.title, domain.weight)), "{titles}");
        for competency in &domain.competencies {
            assert!(page.texts(".domain th").contains(&competency.title));
        }
    }
    assert!(page.attributes(".actions a", "href").contains(&"/course".to_owned()));
}

#[tokio::test]
async fn reading_and_completion_are_kept_and_lead_on() {
    let app = TestApp::new().await;
    let chapter = &app.state.course.chapters[0];
    let anchor = chapter.outline[1].anchor.as_str();
    let kept = app.post_form(&format!("/progress/reading?chapter={}", chapter.slug), &[("anchor", anchor)]).await;
    assert_eq!(kept.status, StatusCode::NO_CONTENT);
    let page = app.get("/progress").await;
    assert!(page.attributes(".onward a", "href").contains(&format!("/course/{}#{anchor}", chapter.slug)));
    assert_eq!(page.texts("tbody .badge-good").len(), 0);

    app.post_form("/progress/done", &[("chapter", &chapter.slug)]).await.assert_redirect(&format!("/course/{}", chapter.slug));
    let page = app.get("/progress").await;
    assert_eq!(page.texts("tbody .badge-good"), ["done"]);
    assert!(page.attributes(".onward a", "href").contains(&format!("/course/{}", app.state.course.chapters[1].slug)));
    app.post_form("/progress/done", &[("chapter", &chapter.slug), ("done", "false")]).await;
    assert_eq!(app.get("/progress").await.texts("tbody .badge-good").len(), 0);
}

#[tokio::test]
async fn nothing_is_kept_of_chapters_and_places_that_make_no_sense() {
    let app = TestApp::new().await;
    let slug = app.state.course.chapters[0].slug.clone();
    assert_eq!(app.post_form("/progress/reading", &[("chapter", "nowhere"), ("anchor", "x")]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.post_form("/progress/done", &[("chapter", "nowhere")]).await.status, StatusCode::NOT_FOUND);
    for anchor in ["", "two words", &"x".repeat(300)] {
        let refused = app.post_form("/progress/reading", &[("chapter", &slug), ("anchor", anchor)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.header("set-cookie").is_empty());
    }
}

#[tokio::test]
async fn answers_show_up_by_domain_and_learners_do_not_mix() {
    let app = TestApp::new().await;
    let question = app.state.course.questions.iter().find(|question| question.kind.name() == "fill").unwrap();
    let (domain, competency) = app.state.course.competency(&question.competency).unwrap();
    let number = app.state.course.questions_of(&question.chapter).position(|other| other.id == question.id).unwrap() + 1;
    let started = app.post_form(&format!("/quiz/{}", question.chapter), &[]).await;
    let attempt = started.header("location").rsplit_once('/').unwrap().0.to_owned();
    app.post_form(&format!("{attempt}/{number}"), &[("text", "no idea")]).await;

    let page = app.get("/progress").await;
    let section = page.texts(".domain").into_iter().find(|text| text.starts_with(&domain.title)).unwrap();
    assert!(section.contains("0 of the 1 answered were right at the first try"), "{section}");
    assert!(page.texts(".domain tr").iter().any(|row| row.starts_with(&competency.title) && row.ends_with("100")), "{:?}", page.texts(".domain tr"));
    assert!(page.attributes(".onward a", "href").contains(&format!("/quiz/{}", question.chapter)));
    app.forget_cookies();
    assert!(!app.get("/progress").await.text().contains("of the 1 answered"));
}
