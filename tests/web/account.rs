//! Accounts through the real router: signing up, in and out, the password, one's own data, leaving; and who may not.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use meshwright::store::{AttemptId, LearnerId, NewAnswer};

use super::support::{TestApp, TestResponse};

const PASSWORD: &str = "correct horse";

/// Every state change of the area.
const MUTATIONS: [&str; 6] =
    ["/account/sign-up", "/account/sign-in", "/account/sign-out", "/account/sign-out-everywhere", "/account/password", "/account/delete"];

async fn sign_up(app: &TestApp, name: &str) -> TestResponse {
    app.post_form("/account/sign-up", &[("name", name), ("password", PASSWORD)]).await
}

async fn sign_in(app: &TestApp, name: &str, password: &str) -> TestResponse {
    app.post_form("/account/sign-in", &[("name", name), ("password", password)]).await
}

/// The name that the navigation shows, or the way to sign in.
async fn shown(app: &TestApp) -> String {
    app.get("/").await.texts(".account-link").remove(0)
}

async fn learner(app: &TestApp, name: &str) -> LearnerId {
    app.state.store.find_account_by_name(name).await.unwrap().unwrap().learner_id
}

async fn answer_one(app: &TestApp, learner: &LearnerId, chapter: &str) -> AttemptId {
    let attempt = app.state.store.start_attempt(learner, chapter, &["q1".to_owned(), "q2".to_owned()]).await.unwrap();
    let (attempt_id, learner, question) = (attempt.clone(), learner.clone(), "q1".to_owned());
    app.state.store.record_answer(NewAnswer { attempt: attempt_id, learner, question, given: "{}".into(), correct: true, score: 1.0 }).await.unwrap();
    attempt
}

#[tokio::test]
async fn signing_up_signs_in_and_the_cookie_is_well_kept() {
    let app = TestApp::new().await;
    assert_eq!(shown(&app).await, "Sign in");
    let answer = sign_up(&app, "Anna").await;
    answer.assert_redirect("/progress");
    let cookie = answer.header("set-cookie");
    for part in ["meshwright=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Secure"));
    assert_eq!(shown(&app).await, "Anna");
}

#[tokio::test]
async fn an_error_page_shows_who_is_signed_in() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/no-such-page").await.texts(".account-link"), ["Sign in"]);
    sign_up(&app, "Anna").await;
    assert_eq!(app.get("/no-such-page").await.texts(".account-link"), ["Anna"]);
}

#[tokio::test]
async fn behind_https_the_cookie_says_so() {
    let app = TestApp::with(|config| config.secure_cookies = true).await;
    let answer = sign_up(&app, "Anna").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-meshwright=") && cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    assert_eq!(shown(&app).await, "Anna");
}

#[tokio::test]
async fn a_bad_sign_up_comes_back_with_its_values_and_faults() {
    let app = TestApp::new().await;
    let page = app.post_form("/account/sign-up", &[("name", "A"), ("password", "short"), ("next", "/course")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attributes("#name", "value"), ["A"]);
    assert_eq!(page.attributes("[name=next]", "value"), ["/course"]);
    assert_eq!(page.attributes("#password", "value"), [""], "a password never travels back");
    assert_eq!(page.attributes("#name", "aria-invalid"), ["true"]);
    assert_eq!(page.attributes("#name", "aria-describedby"), ["name-fault"]);
    assert_eq!(page.attributes("[role=alert] a", "href"), ["#name", "#password"]);
    assert_eq!(page.texts(".fault").len(), 2);
    assert!(page.header("set-cookie").is_empty(), "nobody has become a guest by it");
    assert_eq!(app.post_form("/account/sign-up", &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_taken_name_is_refused_however_it_is_written() {
    let app = TestApp::new().await;
    sign_up(&app, "Anna").await;
    app.forget_cookies();
    let page = sign_up(&app, " aNNa ").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.texts("#name-fault")[0].contains("taken"));
    assert_eq!(shown(&app).await, "Sign in");
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_look_the_same() {
    let app = TestApp::new().await;
    sign_up(&app, "Anna").await;
    app.forget_cookies();
    let (wrong, unknown) = (sign_in(&app, "anna", "wrong password").await, sign_in(&app, "berta", "wrong password").await);
    assert_eq!((wrong.status, unknown.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
    assert_eq!(wrong.text(), unknown.text().replace("berta", "anna"));
    sign_in(&app, "ANNA", PASSWORD).await.assert_redirect("/progress");
    assert_eq!(shown(&app).await, "Anna");
}

#[tokio::test]
async fn signing_in_leads_back_but_only_into_the_portal() {
    let app = TestApp::new().await;
    sign_up(&app, "Anna").await;
    for (next, expected) in [("/quiz/routing", "/quiz/routing"), ("https://evil.example/", "/progress"), ("//evil.example", "/progress")] {
        app.forget_cookies();
        app.post_form("/account/sign-in", &[("name", "anna"), ("password", PASSWORD), ("next", next)]).await.assert_redirect(expected);
    }
}

#[tokio::test]
async fn signing_in_rotates_the_session_and_signing_out_ends_it() {
    let app = TestApp::new().await;
    let first = sign_up(&app, "Anna").await.header("set-cookie").to_owned();
    app.forget_cookies();
    let second = sign_in(&app, "Anna", PASSWORD).await.header("set-cookie").to_owned();
    assert_ne!(first, second);
    let out = app.post_form("/account/sign-out", &[]).await;
    out.assert_redirect("/");
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(with_cookie(&app, &second).await, "Sign in", "the old token is worth nothing");
    assert_eq!(with_cookie(&app, &first).await, "Anna", "the other browser stays");
}

async fn with_cookie(app: &TestApp, set_cookie: &str) -> String {
    let pair = set_cookie.split(';').next().unwrap();
    app.send(Request::get("/").header("cookie", pair).body(Body::empty()).unwrap()).await.texts(".account-link").remove(0)
}

#[tokio::test]
async fn a_forged_or_unsigned_cookie_is_a_stranger() {
    let app = TestApp::new().await;
    let cookie = sign_up(&app, "Anna").await.header("set-cookie").split(';').next().unwrap().to_owned();
    assert_eq!(with_cookie(&app, &cookie).await, "Anna");
    let flipped = if cookie.ends_with('0') { "1" } else { "0" };
    let forged = format!("{}{flipped}", &cookie[..cookie.len() - 1]);
    // The value is 44 letters of signature and the token: without its signature it is nothing.
    let unsigned = format!("meshwright={}", &cookie[cookie.len() - 64..]);
    for bad in [forged, unsigned, "meshwright=".to_owned()] {
        assert_eq!(with_cookie(&app, &bad).await, "Sign in", "{bad}");
    }
}

#[tokio::test]
async fn signing_out_everywhere_ends_the_other_browsers_of_this_account_only() {
    let app = TestApp::new().await;
    let berta = sign_up(&app, "Berta").await.header("set-cookie").to_owned();
    app.forget_cookies();
    let first = sign_up(&app, "Anna").await.header("set-cookie").to_owned();
    app.forget_cookies();
    let second = sign_in(&app, "Anna", PASSWORD).await.header("set-cookie").to_owned();
    app.post_form("/account/sign-out-everywhere", &[]).await.assert_redirect("/");
    for cookie in [&first, &second] {
        assert_eq!(with_cookie(&app, cookie).await, "Sign in");
    }
    assert_eq!(with_cookie(&app, &berta).await, "Berta");
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_other_sessions() {
    let app = TestApp::new().await;
    let other = sign_up(&app, "Anna").await.header("set-cookie").to_owned();
    app.forget_cookies();
    sign_in(&app, "Anna", PASSWORD).await;

    let wrong = app.post_form("/account/password", &[("password", "not this one"), ("new_password", "battery staple")]).await;
    assert_eq!((wrong.status, wrong.texts("#password-fault").len()), (StatusCode::UNPROCESSABLE_ENTITY, 1));
    let weak = app.post_form("/account/password", &[("password", PASSWORD), ("new_password", "short")]).await;
    assert_eq!((weak.status, weak.texts("#new_password-fault").len()), (StatusCode::UNPROCESSABLE_ENTITY, 1));
    assert_eq!(with_cookie(&app, &other).await, "Anna");

    app.post_form("/account/password", &[("password", PASSWORD), ("new_password", "battery staple")]).await.assert_redirect("/account?done=password");
    assert_eq!(shown(&app).await, "Anna", "this browser stays signed in");
    assert_eq!(with_cookie(&app, &other).await, "Sign in");
    assert_eq!(app.get("/account?done=password").await.texts("[role=status]").len(), 1);
    app.forget_cookies();
    assert_eq!(sign_in(&app, "Anna", PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    sign_in(&app, "Anna", "battery staple").await.assert_redirect("/progress");
}

#[tokio::test]
async fn deleting_needs_the_password_and_touches_nobody_else() {
    let app = TestApp::new().await;
    sign_up(&app, "Berta").await;
    app.forget_cookies();
    sign_up(&app, "Anna").await;
    let (anna, berta) = (learner(&app, "Anna").await, learner(&app, "Berta").await);
    for learner in [&anna, &berta] {
        answer_one(&app, learner, "routing").await;
    }
    let wrong = app.post_form("/account/delete", &[("password", "not this one"), ("learner", berta.as_str())]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(app.state.store.find_learner(&anna).await.unwrap().is_some());

    app.post_form("/account/delete", &[("password", PASSWORD), ("learner", berta.as_str())]).await.assert_redirect("/account?done=deleted");
    assert!(app.state.store.find_learner(&anna).await.unwrap().is_none());
    assert!(app.state.store.list_answers_of(&anna).await.unwrap().is_empty());
    assert_eq!(app.state.store.list_answers_of(&berta).await.unwrap().len(), 1);
    assert_eq!(sign_in(&app, "Anna", PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn own_data_holds_every_answer_and_no_secret() {
    let app = TestApp::new().await;
    sign_up(&app, "Berta").await;
    app.forget_cookies();
    sign_up(&app, "Anna").await;
    let anna = learner(&app, "Anna").await;
    answer_one(&app, &anna, "routing").await;
    answer_one(&app, &learner(&app, "Berta").await, "mesh").await;
    app.state.store.set_reading_position(&anna, "routing", "order").await.unwrap();

    let file = app.get("/account/data.json").await;
    assert_eq!((file.header("content-type"), file.header("cache-control")), ("application/json", "no-store"));
    assert!(file.header("content-disposition").starts_with("attachment"));
    let data = file.json();
    assert_eq!((data["account"]["name"].as_str(), data["learner"].as_str()), (Some("Anna"), Some(anna.as_str())));
    assert_eq!(data["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(data["attempts"][0]["answers"][0]["question"], "q1");
    assert_eq!(data["chapters"][0]["position"], "order");
    assert!(!file.text().contains("argon2"), "{}", file.text());
    app.forget_cookies();
    app.get("/account/data.json").await.assert_redirect("/account");
}

#[tokio::test]
async fn a_guests_progress_goes_to_the_account_on_signing_in() {
    let app = TestApp::new().await;
    sign_up(&app, "Anna").await;
    let anna = learner(&app, "Anna").await;
    app.forget_cookies();
    // The first click that is worth keeping makes a guest.
    let click = app.post_form("/progress/reading", &[("chapter", "routing"), ("anchor", "order")]).await;
    assert!(click.header("set-cookie").contains("meshwright="), "{} {}", click.status, click.text());
    assert_eq!(shown(&app).await, "Sign in");
    assert!(app.get("/account").await.text().contains("You are a guest"));
    sign_in(&app, "Anna", PASSWORD).await.assert_redirect("/progress");
    let progress = app.state.store.list_chapter_progress(&anna).await.unwrap();
    assert_eq!(progress.iter().map(|row| row.chapter.as_str()).collect::<Vec<_>>(), ["routing"]);
}

#[tokio::test]
async fn a_guest_who_signs_up_stays_the_same_learner_and_may_leave_without_a_password() {
    let app = TestApp::new().await;
    app.post_form("/progress/reading", &[("chapter", "routing"), ("anchor", "order")]).await;
    let guest = app.get("/account/data.json").await.json()["learner"].clone();
    app.post_form("/account/delete", &[]).await.assert_redirect("/account?done=deleted");
    app.post_form("/progress/reading", &[("chapter", "routing"), ("anchor", "order")]).await;
    let second = app.get("/account/data.json").await.json()["learner"].clone();
    assert_ne!(guest, second);
    sign_up(&app, "Anna").await;
    assert_eq!(second.as_str(), Some(learner(&app, "Anna").await.as_str()));
}

#[tokio::test]
async fn signing_in_as_somebody_else_does_not_mix_two_accounts() {
    let app = TestApp::new().await;
    sign_up(&app, "Anna").await;
    app.forget_cookies();
    sign_up(&app, "Berta").await;
    sign_in(&app, "Anna", PASSWORD).await.assert_redirect("/progress");
    assert_eq!(shown(&app).await, "Anna");
    app.forget_cookies();
    sign_in(&app, "Berta", PASSWORD).await.assert_redirect("/progress");
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_form_says_for_how_long() {
    let app = TestApp::new().await;
    let mut last = sign_in(&app, "anna", "guess number one").await;
    for _ in 0..10 {
        last = sign_in(&app, "Anna ", "guess again").await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.texts("#password-fault")[0].contains("Wait"));
    assert_eq!(last.attributes("#name", "value"), ["Anna "]);
    assert_eq!(sign_in(&app, "berta", "another name").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn without_an_account_there_is_nothing_to_change() {
    let app = TestApp::new().await;
    app.post_form("/account/sign-out", &[]).await.assert_redirect("/");
    app.post_form("/account/sign-out-everywhere", &[]).await.assert_redirect("/");
    app.post_form("/account/password", &[("password", PASSWORD), ("new_password", "battery staple")]).await.assert_redirect("/account/sign-in");
    app.post_form("/account/delete", &[]).await.assert_redirect("/account");
    app.get("/account/password").await.assert_redirect("/account/sign-in");
    app.get("/account/delete").await.assert_redirect("/account");
    app.get("/account").await.assert_ok();
}

#[tokio::test]
async fn no_other_site_can_post_any_of_it() {
    let app = TestApp::new().await;
    sign_up(&app, "Anna").await;
    for path in MUTATIONS {
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let request = Request::post(path)
                .header("host", "study.example")
                .header("content-type", "application/x-www-form-urlencoded")
                .header(name, value)
                .body(Body::from(format!("name=Anna&password={PASSWORD}&new_password=battery+staple")))
                .unwrap();
            assert_eq!(app.send(request).await.status, StatusCode::FORBIDDEN, "{path} {name}");
        }
    }
    assert_eq!(shown(&app).await, "Anna");
    app.forget_cookies();
    sign_in(&app, "Anna", PASSWORD).await.assert_redirect("/progress");
}
