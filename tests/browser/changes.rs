//! What changed since the last run of a request.

use fantoccini::key::Key;

use super::{
    axe,
    playground::{ROUTES, paste},
    walk,
    window::{Browser, Settings},
};

/// Sends the request of whoever is called so.
async fn send(browser: &Browser, user: &str, answer: &str) {
    browser.fill("#headers", &format!("end-user: {user}")).await;
    browser.click(".request-send").await;
    browser.wait_text("#answer-text", answer).await;
    browser.wait_gone(".bench.is-stale").await;
}

async fn bench(browser: &Browser) {
    browser.goto("/playground").await;
    paste(browser, ROUTES).await;
    browser.choose("#from", "productpage-v1-a.default").await;
    browser.fill("#url", "http://reviews:9080/reviews/7").await;
}

#[tokio::test]
async fn each_request_is_compared_with_its_own_last_run() {
    walk("changes-desk", Settings::DESK, async |browser: Browser| {
        bench(&browser).await;
        send(&browser, "jason", "200 reviews/v2").await;
        assert!(!browser.has("#panel-changes").await, "it has not been sent before");
        send(&browser, "anna", "200 reviews/v1").await;
        assert!(!browser.has("#panel-changes").await, "it is another request");
        paste(&browser, &ROUTES.replace("subset: v2}", "subset: v1}").replace("exact: jason", "exact: nobody")).await;
        send(&browser, "jason", "200 reviews/v1").await;
        browser.wait_text(".answer-before", "Before: 200 reviews/v2").await;
        browser.wait_text("#panel-changes > summary", "the answer").await;
        // By keyboard.
        browser.script("document.querySelector('#panel-changes > summary').focus()", Vec::new()).await;
        browser.type_keys(&char::from(Key::Enter).to_string()).await;
        browser.wait("#panel-changes[open]").await;
        browser.wait_text("#panel-changes", "headers[end-user].stringMatch.exact").await;
        axe::finds_nothing_serious(&browser).await;
        browser.script("document.querySelector('#panel-changes').scrollIntoView()", Vec::new()).await;
        browser.picture("changes-desk").await;
        // Sent again it has not changed, and the panel stays open.
        browser.script("scrollTo(0, 0)", Vec::new()).await;
        browser.click(".request-send").await;
        browser.wait_text("#panel-changes[open] > summary", "nothing").await;
        send(&browser, "anna", "200 reviews/v1").await;
        browser.wait_text("#panel-changes > summary", "resource").await;
    })
    .await;
}

#[tokio::test]
async fn changes_fit_a_telephone() {
    walk("changes-phone", Settings::PHONE, async |browser: Browser| {
        browser.goto("/playground?example=header-match").await;
        browser.script("document.querySelector('.views [value=yaml]').click()", Vec::new()).await;
        paste(&browser, &ROUTES.replace("subset: v2}", "subset: v1}")).await;
        browser.script("document.querySelector('.views [value=answer]').click(); document.querySelector('.request-send').click()", Vec::new()).await;
        browser.wait("#panel-changes").await;
        browser.script("document.querySelector('#panel-changes').open = true; document.querySelector('#panel-changes').scrollIntoView()", Vec::new()).await;
        let over = browser.overflow().await;
        assert!(over <= 0, "{over} pixels too wide: {:?}", browser.widest().await);
        axe::finds_nothing_serious(&browser).await;
        browser.picture("changes-phone").await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_the_page_carries_what_was_sent() {
    walk("changes-plain", Settings::PLAIN, async |browser: Browser| {
        browser.goto("/playground?example=header-match").await;
        browser.wait_text("#answer-text", "200 reviews/v2").await;
        browser.fill("#yaml", &ROUTES.replace("subset: v2}", "subset: v1}")).await;
        browser.click(".request-send").await;
        browser.wait_text(".answer-before", "Before: 200 reviews/v2").await;
        browser.click("#panel-changes > summary").await;
        browser.wait_text("#panel-changes", "What productpage-v1-a.default is told").await;
    })
    .await;
}
