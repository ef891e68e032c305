//! Answering a whole quiz, twice, as a guest who then signs up; also without scripts.

use std::fmt::Write;

use fantoccini::key::Key;
use meshwright::course::{Course, Question, QuestionKind};
use sha2::{Digest, Sha256};

use super::{
    account, axe, walk,
    window::{Browser, Settings},
};

/// The field value that stands for an option, or the end of the name that stands for a line.
fn token(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).fold(String::new(), |mut token, byte| {
        let _ = write!(token, "{byte:02x}");
        token
    })
}

/// Answers as somebody who knows.
async fn answer_rightly(browser: &Browser, question: &Question) {
    match &question.kind {
        QuestionKind::Single(options) | QuestionKind::Multiple(options) => {
            for option in options.iter().filter(|option| option.correct) {
                browser.click(&format!(".choice input[value='{}']", token(&option.plain))).await;
            }
        }
        QuestionKind::Predict(_) => {
            let right = question.choices().iter().find(|option| option.correct).expect("one outcome is what the engine computes");
            browser.click(&format!(".choice input[value='{}']", token(&right.plain))).await;
        }
        QuestionKind::Ordering(items) => {
            for (at, item) in items.iter().enumerate() {
                browser.choose_words(&format!("select[name='place-{}']", token(&item.plain)), &(at + 1).to_string()).await;
            }
        }
        QuestionKind::Fill(blank) => browser.fill("#text", &blank.answers[0]).await,
    }
}

/// Answers as somebody who takes what stands first.
async fn answer_anyhow(browser: &Browser, question: &Question) {
    match &question.kind {
        QuestionKind::Ordering(_) => {}
        QuestionKind::Fill(_) => browser.fill("#text", "no idea").await,
        _ => browser.click(".choice input").await,
    }
}

/// How many reasons the page owes once the question is answered.
fn reasons(question: &Question) -> usize {
    match &question.kind {
        QuestionKind::Ordering(items) => items.len(),
        QuestionKind::Fill(blank) => 1 + blank.wrong.len(),
        _ => question.choices().len(),
    }
}

/// Goes through every question from the first one on, up to the result.
async fn answer_all(browser: &Browser, questions: &[&Question], answer: impl AsyncFn(&Browser, &Question)) {
    for (at, question) in questions.iter().enumerate() {
        browser.wait_text("h1", &format!("Question {} of {}", at + 1, questions.len())).await;
        answer(browser, question).await;
        browser.click("[data-answer]").await;
        browser.wait("#verdict").await;
        let given: Vec<String> = browser.texts(".reason-why").await.into_iter().filter(|why| !why.is_empty()).collect();
        assert!(given.len() >= reasons(question), "{}: {} reasons for {} options", question.id, given.len(), reasons(question));
        browser.click("[data-next]").await;
    }
    browser.wait_text("h1", &format!("of {}", questions.len())).await;
}

async fn a_whole_quiz(browser: &Browser, name: &str) {
    let course = Course::embedded().unwrap();
    let questions: Vec<&Question> = course.questions_of("mesh").collect();
    assert_eq!(questions.len(), 10);

    browser.goto("/quiz").await;
    browser.picture(&format!("quiz-list{name}")).await;
    browser.goto("/quiz/mesh").await;
    browser.press("Start").await;
    browser.wait("[data-answer]").await;
    browser.picture(&format!("quiz-question{name}")).await;
    browser.click("[data-answer]").await;
    browser.wait_text("#fault", "Choose one").await;
    answer_all(browser, &questions, answer_anyhow).await;
    browser.wait_text("main .lead", "first go").await;
    browser.picture(&format!("quiz-result{name}")).await;
    let first = browser.texts("dl.facts dd").await[0].clone();
    assert!(first.ends_with("%)") && !first.starts_with("10 "), "taking what stands first is not enough: {first}");

    browser.press("Try again").await;
    answer_all(browser, &questions, answer_rightly).await;
    browser.wait_text("h1", "10 of 10").await;
    browser.wait_text("main .lead", "A retry.").await;
    assert_eq!(browser.texts("dl.facts dd").await, [first.clone(), "10 of 10 (100 %)".to_owned()], "the first go is kept apart");

    browser.goto("/progress").await;
    let row = browser.wait_text("tr", "What a mesh is made of").await;
    let (first, _) = first.split_once(" (").unwrap();
    assert!(row.contains(first) && row.contains("10 of 10"), "{row}");
    browser.picture(&format!("progress{name}")).await;
}

#[tokio::test]
async fn first_goes_are_kept_apart_and_a_guest_takes_all_along() {
    walk("quiz", Settings::DESK, async |browser: Browser| {
        a_whole_quiz(&browser, "").await;

        let before = browser.texts("table").await;
        account::sign_up(&browser, "lin", "a rather long one").await;
        browser.goto("/progress").await;
        assert_eq!(browser.texts("table").await, before, "what the guest has done is the account's");
        account::sign_out(&browser).await;
        browser.goto("/progress").await;
        browser.wait_text("main", "Nothing is kept of you yet").await;
        account::sign_in(&browser, "lin", "a rather long one").await;
        browser.goto("/progress").await;
        assert_eq!(browser.texts("table").await, before);
    })
    .await;
}

#[tokio::test]
async fn a_quiz_needs_no_script() {
    walk("quiz-plain", Settings::PLAIN, async |browser: Browser| a_whole_quiz(&browser, "-without-scripts").await).await;
}

#[tokio::test]
async fn keys_answer_and_every_screen_can_be_read_by_all() {
    walk("quiz-keys", Settings::PHONE, async |browser: Browser| {
        let course = Course::embedded().unwrap();
        let kinds = course.questions_of("routing").map(|question| question.kind.name()).collect::<Vec<_>>();
        browser.goto("/quiz/routing").await;
        browser.press("Start").await;
        for (at, kind) in kinds.iter().enumerate() {
            browser.wait_text("h1", &format!("Question {} ", at + 1)).await;
            browser.picture(&format!("quiz-{kind}-phone")).await;
            axe::finds_nothing_serious(&browser).await;
            assert!(browser.overflow().await <= 0, "question {}: {:?}", at + 1, browser.widest().await);
            match *kind {
                "fill" => browser.fill("#text", "no idea").await,
                "ordering" => {}
                _ => browser.type_keys("1").await,
            }
            // In a field Enter sends the form; elsewhere the page's own key does.
            browser.type_keys(&String::from(char::from(Key::Enter))).await;
            browser.wait("#verdict").await;
            axe::finds_nothing_serious(&browser).await;
            assert!(browser.overflow().await <= 0, "the reasons of question {}: {:?}", at + 1, browser.widest().await);
            browser.picture(&format!("quiz-{kind}-reasons-phone")).await;
            browser.type_keys(&String::from(char::from(Key::Enter))).await;
        }
        browser.wait_text("main .lead", "first go").await;
        axe::finds_nothing_serious(&browser).await;
        assert!(browser.overflow().await <= 0, "the result: {:?}", browser.widest().await);
        browser.picture("quiz-result-phone").await;
    })
    .await;
}
