//! Being somebody: signing up, in and out, the password, one's own data, and leaving.

use super::{
    walk,
    window::{Browser, Settings},
};

/// Makes an account and is signed in.
pub(super) async fn sign_up(browser: &Browser, name: &str, password: &str) {
    browser.goto("/account/sign-up").await;
    browser.fill("#name", name).await;
    browser.fill("#password", password).await;
    browser.click("main button[type=submit]").await;
    browser.wait_gone("form[action='/account/sign-up']").await;
    browser.goto("/account").await;
    browser.wait_text(".account-link", name).await;
}

async fn try_to_sign_in(browser: &Browser, name: &str, password: &str) {
    browser.goto("/account/sign-in").await;
    browser.fill("#name", name).await;
    browser.fill("#password", password).await;
    browser.click("main button[type=submit]").await;
}

pub(super) async fn sign_in(browser: &Browser, name: &str, password: &str) {
    try_to_sign_in(browser, name, password).await;
    browser.wait_gone("form[action='/account/sign-in']").await;
    browser.goto("/account").await;
    browser.wait_text(".account-link", &name.to_lowercase()).await;
}

pub(super) async fn sign_out(browser: &Browser) {
    browser.goto("/account").await;
    browser.press("Sign out").await;
    browser.wait_text(".account-link", "Sign in").await;
}

#[tokio::test]
async fn an_account_from_its_first_to_its_last_day() {
    walk("account", Settings::DESK, async |browser: Browser| {
        sign_up(&browser, "grace", "a rather long one").await;
        sign_out(&browser).await;

        try_to_sign_in(&browser, "grace", "not the right one").await;
        browser.wait(".notice-bad").await;
        browser.picture("sign-in-refused").await;
        sign_in(&browser, "Grace", "a rather long one").await;

        browser.goto("/account/password").await;
        browser.fill("#password", "a rather long one").await;
        browser.fill("#new_password", "another rather long one").await;
        browser.click("main button[type=submit]").await;
        browser.wait(".notice-good").await;
        sign_out(&browser).await;
        try_to_sign_in(&browser, "grace", "a rather long one").await;
        browser.wait(".notice-bad").await;
        sign_in(&browser, "grace", "another rather long one").await;

        // The very link, fetched by the page as the browser would on a click.
        browser.goto("/account").await;
        let data = browser
            .script_async("const done = arguments[arguments.length - 1]; fetch(document.querySelector('a[download]').href).then(r => r.json()).then(done)")
            .await;
        assert_eq!(data["account"]["name"], "grace");

        browser.goto("/account/delete").await;
        browser.fill("#password", "another rather long one").await;
        browser.click("main button[type=submit]").await;
        browser.wait_text(".account-link", "Sign in").await;
        try_to_sign_in(&browser, "grace", "another rather long one").await;
        browser.wait(".notice-bad").await;
    })
    .await;
}
