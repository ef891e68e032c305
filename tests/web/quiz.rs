//! Quizzes through the real router: every kind answered by form, once; verdicts, scores, retries; and who may not.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use meshwright::course::{Prediction, Question, QuestionKind};

use super::support::TestApp;

/// A question's page, its form read.
struct Asked {
    number: usize,
    path: String,
}

/// Starts the quiz of a chapter and gives the address of the attempt.
async fn start(app: &TestApp, slug: &str) -> String {
    let answer = app.post_form(&format!("/quiz/{slug}"), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let (attempt, number) = answer.header("location").rsplit_once('/').unwrap();
    assert!(number.parse::<usize>().is_ok() && attempt.starts_with(&format!("/quiz/{slug}/")), "{attempt} {number}");
    attempt.to_owned()
}

/// The fields that answer the question, rightly or not, with the names and values its page offers.
async fn fields(app: &TestApp, asked: &Asked, question: &Question, right: bool) -> Vec<(String, String)> {
    let page = app.get(&asked.path).await;
    page.assert_ok();
    let values = page.attributes("[name=choice]", "value");
    let texts = page.texts(".choice > span:first-of-type");
    let value_of = |plain: &str| values[texts.iter().position(|text| *text == shown(plain)).unwrap_or_else(|| panic!("{plain:?} in {texts:?}"))].clone();
    match &question.kind {
        QuestionKind::Fill(blank) => vec![("text".to_owned(), if right { blank.answers[0].clone() } else { "no idea".to_owned() })],
        QuestionKind::Ordering(items) => {
            let names = page.attributes(".order select", "name");
            let texts = page.texts(".order-line > span[id]");
            let place = |text: &String| items.iter().position(|item| shown(&item.plain) == *text).unwrap() + 1;
            let turned = |place: usize| if right { place } else { items.len() + 1 - place };
            names.into_iter().zip(&texts).map(|(name, text)| (name, turned(place(text)).to_string())).collect()
        }
        QuestionKind::Multiple(options) => {
            options.iter().filter(|option| option.correct == right).map(|option| ("choice".to_owned(), value_of(&option.plain))).collect()
        }
        QuestionKind::Single(options) | QuestionKind::Predict(Prediction { options, .. }) => {
            let option = options.iter().find(|option| option.correct == right).unwrap_or(&options[0]);
            vec![("choice".to_owned(), value_of(&option.plain))]
        }
    }
}

/// Inline Markdown as its text appears in a page.
fn shown(markdown: &str) -> String {
    markdown.replace(['`', '*'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn post(app: &TestApp, path: &str, fields: &[(String, String)]) -> super::support::TestResponse {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    app.post_form(path, &fields).await
}

/// Whether the content offers a right answer. That it always does is for its own check to say.
fn can_be_right(question: &Question) -> bool {
    question.choices().is_empty() || question.choices().iter().any(|option| option.correct)
}

fn questions<'a>(app: &'a TestApp, slug: &'a str) -> Vec<&'a Question> {
    app.state.course.questions_of(slug).collect()
}

/// The first question of a kind in the course.
fn of_kind<'a>(app: &'a TestApp, kind: &str) -> (String, usize, &'a Question) {
    let question = app.state.course.questions.iter().find(|question| question.kind.name() == kind).unwrap();
    let number = app.state.course.questions_of(&question.chapter).position(|other| other.id == question.id).unwrap() + 1;
    (question.chapter.clone(), number, question)
}

#[tokio::test]
async fn the_list_names_every_quiz_and_a_stranger_gets_no_cookie_by_looking() {
    let app = TestApp::new().await;
    let page = app.get("/quiz").await;
    page.assert_ok();
    assert!(page.header("set-cookie").is_empty());
    let links = page.attributes(".quiz-list a", "href");
    for chapter in &app.state.course.chapters {
        assert!(links.contains(&format!("/quiz/{}", chapter.slug)), "{} in {links:?}", chapter.slug);
        app.get(&format!("/quiz/{}", chapter.slug)).await.assert_ok();
    }
    assert_eq!(app.get("/quiz/nowhere").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.post_form("/quiz/nowhere", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_question_of_every_quiz_can_be_answered_and_right_answers_score() {
    let app = TestApp::new().await;
    for chapter in &app.state.course.chapters {
        let attempt = start(&app, &chapter.slug).await;
        let questions = questions(&app, &chapter.slug);
        for (at, question) in questions.iter().enumerate() {
            let asked = Asked { number: at + 1, path: format!("{attempt}/{}", at + 1) };
            let right = fields(&app, &asked, question, true).await;
            post(&app, &asked.path, &right).await.assert_redirect(&format!("{}#verdict", asked.path));
            let verdict = app.get(&asked.path).await;
            assert_eq!(verdict.texts("#verdict strong") == ["✓ Right"], can_be_right(question), "{} (question {})", question.id, asked.number);
            assert_eq!(verdict.attributes("#verdict p:first-child a", "href"), [question.teaches.address()]);
            assert!(verdict.texts("form[action$=answer]").is_empty());
        }
        let result = app.get(&attempt).await;
        let right = questions.iter().filter(|question| can_be_right(question)).count();
        assert!(result.texts("h1")[0].starts_with(&format!("{right} of {} (", questions.len())), "{}: {:?}", chapter.slug, result.texts("h1"));
    }
}

#[tokio::test]
async fn a_wrong_answer_shows_the_reason_for_every_option() {
    let app = TestApp::new().await;
    for kind in ["single", "multiple", "ordering", "fill", "predict"] {
        let (slug, number, question) = of_kind(&app, kind);
        let asked = Asked { number, path: format!("{}/{number}", start(&app, &slug).await) };
        post(&app, &asked.path, &fields(&app, &asked, question, false).await).await.assert_redirect(&format!("{}#verdict", asked.path));
        let page = app.get(&asked.path).await;
        let verdict = page.texts("#verdict strong").remove(0);
        assert!(verdict.contains("ot right") || verdict.contains("Partly"), "{kind}: {verdict}");
        let reasons = page.texts(".reason-why");
        let expected = match &question.kind {
            QuestionKind::Ordering(items) => items.len(),
            QuestionKind::Fill(blank) => blank.wrong.len() + 1,
            _ => question.choices().len(),
        };
        assert_eq!(reasons.iter().filter(|reason| !reason.is_empty()).count(), expected, "{kind}: {reasons:?}");
        assert!(page.text().contains("your answer") || kind == "ordering", "{kind}");
    }
}

#[tokio::test]
async fn a_prediction_shows_its_configuration_and_request() {
    let app = TestApp::new().await;
    let with_request = |question: &&Question| matches!(&question.kind, QuestionKind::Predict(prediction) if prediction.trial.request.is_some());
    let question = app.state.course.questions.iter().find(with_request).unwrap();
    let QuestionKind::Predict(prediction) = &question.kind else { unreachable!("chosen above") };
    let number = questions(&app, &question.chapter).iter().position(|other| other.id == question.id).unwrap() + 1;
    let page = app.get(&format!("{}/{number}", start(&app, &question.chapter).await)).await;
    assert!(page.texts(".quiz-yaml pre")[0].contains("kind:"));
    let request = prediction.trial.request.as_ref().unwrap();
    assert!(page.texts(".quiz-request code").contains(&request.from));
    assert!(!page.text().contains("reason-good"), "the answer is not given away");
}

#[tokio::test]
async fn a_form_without_an_answer_comes_back_with_what_was_chosen() {
    let app = TestApp::new().await;
    for (kind, words) in [("single", "Choose one"), ("predict", "Choose one"), ("multiple", "at least one"), ("fill", "Type an answer"), ("ordering", "place")]
    {
        let (slug, number, _) = of_kind(&app, kind);
        let path = format!("{}/{number}", start(&app, &slug).await);
        let page = app.post_form(&path, &[("text", "  "), ("choice", "made-up")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind}");
        assert!(page.texts("[role=alert]")[0].contains(words), "{kind}");
        assert!(app.get(&path).await.texts("#verdict").is_empty(), "{kind}: nothing is recorded");
    }
    let (slug, number, _) = of_kind(&app, "ordering");
    let path = format!("{}/{number}", start(&app, &slug).await);
    let names = app.get(&path).await.attributes(".order select", "name");
    let twice: Vec<_> = names.iter().map(|name| (name.clone(), "2".to_owned())).collect();
    let page = post(&app, &path, &twice).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.texts("[role=alert]")[0].contains("2 is there twice"));
    assert_eq!(page.texts(".order option[selected]"), vec!["2"; names.len()], "the choices are kept");
}

#[tokio::test]
async fn an_ordering_is_never_shown_in_its_right_order() {
    let app = TestApp::new().await;
    for question in app.state.course.questions.iter().filter(|question| question.kind.name() == "ordering") {
        let QuestionKind::Ordering(items) = &question.kind else { continue };
        let number = questions(&app, &question.chapter).iter().position(|other| other.id == question.id).unwrap() + 1;
        let path = format!("{}/{number}", start(&app, &question.chapter).await);
        let lines = app.get(&path).await.texts(".order-line > span[id]");
        assert_ne!(lines, items.iter().map(|item| shown(&item.plain)).collect::<Vec<_>>(), "{}", question.id);
        assert_eq!(lines, app.get(&path).await.texts(".order-line > span[id]"), "the same on every look");
    }
}

#[tokio::test]
async fn a_second_answer_is_not_counted_and_the_first_stands() {
    let app = TestApp::new().await;
    let (slug, number, question) = of_kind(&app, "single");
    let asked = Asked { number, path: format!("{}/{number}", start(&app, &slug).await) };
    let (wrong, right) = (fields(&app, &asked, question, false).await, fields(&app, &asked, question, true).await);
    for fields in [&wrong, &right, &Vec::new()] {
        post(&app, &asked.path, fields).await.assert_redirect(&format!("{}#verdict", asked.path));
    }
    assert_eq!(app.get(&asked.path).await.texts("#verdict strong"), ["✕ Not right"]);
    let data = app.get("/account/data.json").await.json();
    assert_eq!(data["attempts"][0]["answers"].as_array().unwrap().len(), 1);
    assert_eq!(start(&app, &slug).await, asked.path.rsplit_once('/').unwrap().0, "starting again goes on with the open attempt");
}

#[tokio::test]
async fn the_first_score_stays_and_the_best_rises() {
    let app = TestApp::new().await;
    let slug = app.state.course.chapters[0].slug.clone();
    let first = start(&app, &slug).await;
    let half = app.get(&first).await;
    assert_eq!(half.texts("h1"), [format!("0 of {} answered", questions(&app, &slug).len())]);
    app.post_form(&format!("{first}/finish"), &[]).await.assert_redirect(&first);
    assert!(app.get(&first).await.text().contains("Your first go"));
    // A finished attempt takes no more answers.
    let late = app.post_form(&format!("{first}/1"), &[("text", "late"), ("choice", "late")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);

    let second = start(&app, &slug).await;
    assert_ne!(first, second);
    for (at, question) in questions(&app, &slug).iter().enumerate() {
        let asked = Asked { number: at + 1, path: format!("{second}/{}", at + 1) };
        post(&app, &asked.path, &fields(&app, &asked, question, true).await).await;
    }
    let page = app.get("/quiz").await;
    let count = questions(&app, &slug).len();
    let right = questions(&app, &slug).into_iter().filter(|question| can_be_right(question)).count();
    assert!(page.texts(".badge").contains(&format!("First 0 of {count}")), "{:?}", page.texts(".badge"));
    assert!(page.texts(".badge").contains(&format!("Best {right} of {count}")));
    assert_eq!(app.get(&format!("/quiz/{slug}")).await.texts("tbody td:nth-child(2)"), ["Retry", "First"]);
}

#[tokio::test]
async fn an_attempt_of_somebody_else_is_not_found() {
    let app = TestApp::new().await;
    let (slug, number, question) = of_kind(&app, "fill");
    let attempt = start(&app, &slug).await;
    let asked = Asked { number, path: format!("{attempt}/{number}") };
    let right = fields(&app, &asked, question, true).await;
    let other_quiz = asked.path.replacen(&slug, app.state.course.chapters.iter().map(|chapter| &chapter.slug).find(|other| **other != slug).unwrap(), 1);
    assert_eq!(app.get(&other_quiz).await.status, StatusCode::NOT_FOUND, "the attempt belongs to its quiz");
    for number in ["0", "99"] {
        assert_eq!(app.get(&format!("{attempt}/{number}")).await.status, StatusCode::NOT_FOUND);
    }

    // First as a stranger, then as another guest.
    for is_guest in [false, true] {
        app.forget_cookies();
        if is_guest {
            start(&app, &slug).await;
        }
        for path in [&attempt, &asked.path] {
            assert_eq!(app.get(path).await.status, StatusCode::NOT_FOUND, "{path} {is_guest}");
        }
        assert_eq!(post(&app, &asked.path, &right).await.status, StatusCode::NOT_FOUND);
        assert_eq!(app.post_form(&format!("{attempt}/finish"), &[]).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn no_other_site_can_answer_or_start() {
    let app = TestApp::new().await;
    let (slug, number, _) = of_kind(&app, "fill");
    let attempt = start(&app, &slug).await;
    for path in
        [format!("/quiz/{slug}"), format!("{attempt}/{number}"), format!("{attempt}/finish"), "/progress/done".to_owned(), "/progress/reading".to_owned()]
    {
        let request = Request::post(&path).header("sec-fetch-site", "cross-site").header("content-type", "application/x-www-form-urlencoded");
        let answer = app.send(request.body(Body::from(format!("text=x&chapter={slug}&anchor=y"))).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(app.get("/account/data.json").await.json()["attempts"][0]["answers"].as_array().unwrap().len(), 0);
}
