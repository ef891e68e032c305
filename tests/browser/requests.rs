//! The request bench: curl commands, saved requests, tokens and certificates.

use fantoccini::key::Key;
use serde_json::json;

use super::{
    axe,
    playground::{ROUTES, paste},
    walk,
    window::{Browser, Settings},
};

const POLICIES: &str = "apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: foo}
spec:
  selector: {matchLabels: {app: httpbin}}
  jwtRules:
  - issuer: https://issuer.example.com
    jwksUri: https://issuer.example.com/jwks.json
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: team, namespace: foo}
spec:
  selector: {matchLabels: {app: httpbin}}
  rules:
  - when: [{key: 'request.auth.claims[team]', values: [red]}]
";

async fn paste_url(browser: &Browser, text: &str) {
    let script = "const field = document.querySelector('#url');
        field.focus();
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', arguments[0]);
        field.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));";
    browser.script(script, vec![json!(text)]).await;
}

async fn value_is(browser: &Browser, css: &str, value: &str) {
    browser.until_script("document.querySelector(arguments[0]).value === arguments[1]", vec![json!(css), json!(value)]).await;
}

#[tokio::test]
async fn a_curl_command_is_taken_apart() {
    walk("requests-curl", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, ROUTES).await;
        browser.choose("#from", "productpage-v1-a.default").await;
        paste_url(&browser, "curl -sS -XPOST \\\n  -H 'end-user: jason' --header \"x-note: it's \\\"so\\\"\" --max-time 5 reviews:9080/reviews/0?x=1 -d '{}'")
            .await;
        value_is(&browser, "#url", "http://reviews:9080/reviews/0?x=1").await;
        value_is(&browser, "#method", "POST").await;
        value_is(&browser, "#headers", "end-user: jason\nx-note: it's \"so\"").await;
        browser.click(".request-send").await;
        browser.wait_text("#answer-text", "200 reviews/v2").await;
        // What is no command is pasted as it is.
        paste_url(&browser, "http://curly/").await;
        value_is(&browser, "#url", "http://reviews:9080/reviews/0?x=1").await;
        // And back again.
        browser.script("navigator.clipboard.writeText = async (text) => { window.copied = text; }", Vec::new()).await;
        browser.click("[data-saved] > summary").await;
        browser.click("[data-curl]").await;
        let command = "curl -X POST -H 'end-user: jason' -H 'x-note: it'\\''s \"so\"' 'http://reviews:9080/reviews/0?x=1'";
        browser.until_script("window.copied === arguments[0]", vec![json!(command)]).await;
    })
    .await;
}

#[tokio::test]
async fn requests_are_saved_by_name_sent_again_shared_and_deleted() {
    walk("requests-saved", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, ROUTES).await;
        browser.choose("#from", "productpage-v1-a.default").await;
        browser.fill("#url", "http://reviews:9080/reviews/0").await;
        browser.fill("#headers", "end-user: jason").await;
        browser.click("[data-saved] > summary").await;
        browser.fill("[data-save-name]", "as jason <img src=x onerror=\"window.struck=1\">").await;
        browser.type_keys(&char::from(Key::Enter).to_string()).await;
        browser.wait_text(".saved-choose", "as jason <img").await;
        axe::finds_nothing_serious(&browser).await;
        browser.picture("requests-saved").await;

        browser.click("[data-share-menu] > summary").await;
        browser.click("[data-share]").await;
        browser.wait_place("#s=").await;
        let link = browser.place().await;
        browser.script("localStorage.clear(); sessionStorage.clear()", Vec::new()).await;
        browser.goto("/about").await;
        browser.goto(&link).await;
        browser.wait_text("#answer-text", "200 reviews/v2").await;

        browser.fill("#headers", "end-user: anna").await;
        browser.click(".request-send").await;
        browser.wait_text("#answer-text", "200 reviews/v1").await;
        browser.click("[data-saved] > summary").await;
        browser.click(".saved-choose").await;
        browser.wait_text("#answer-text", "200 reviews/v2").await;
        value_is(&browser, "#headers", "end-user: jason").await;

        browser.click("[data-saved] > summary").await;
        browser.click(".saved-remove").await;
        browser.wait_gone(".saved-choose").await;
        browser.until_script("window.struck === undefined && !document.querySelector('main img')", Vec::new()).await;
    })
    .await;
}

#[tokio::test]
async fn a_token_is_made_of_what_is_ticked() {
    walk("requests-token", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, POLICIES).await;
        browser.choose("#from", "sleep-a.default").await;
        browser.fill("#url", "http://httpbin.foo:8000/headers").await;
        browser.click(".request-send").await;
        browser.wait_text("#answer-text", "403").await;
        browser.click(".credentials > summary").await;
        browser.click("[name=token]").await;
        value_is(&browser, "[name=token_issuer]", "https://issuer.example.com").await;
        browser.fill("[name=token_claims]", "team: red").await;
        browser.click(".request-send").await;
        browser.wait_text("#answer-text", "200 httpbin.foo").await;
        browser.picture("requests-token").await;
        axe::finds_nothing_serious(&browser).await;
        browser.click("[name=token_expired]").await;
        browser.click(".request-send").await;
        browser.wait_text("#answer-text", "401").await;
        browser.click("[name=certificate]").await;
        browser.click(".request-send").await;
        browser.wait_text("#answer-fault", "only who calls from outside").await;
    })
    .await;
}

#[tokio::test]
async fn the_bench_fits_a_telephone() {
    walk("requests-phone", Settings::PHONE, async |browser: Browser| {
        browser.goto("/playground").await;
        browser.click(".credentials > summary").await;
        let over = browser.overflow().await;
        assert!(over <= 0, "{over} pixels too wide: {:?}", browser.widest().await);
        browser.picture("requests-phone-token").await;
        browser.click(".credentials > summary").await;
        browser.click("[data-saved] > summary").await;
        let over = browser.overflow().await;
        assert!(over <= 0, "{over} pixels too wide: {:?}", browser.widest().await);
        axe::finds_nothing_serious(&browser).await;
        browser.picture("requests-phone-saved").await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_a_token_is_sent_too() {
    walk("requests-plain", Settings::PLAIN, async |browser: Browser| {
        browser.goto("/playground").await;
        browser.fill("#yaml", POLICIES).await;
        browser.choose("#from", "sleep-a.default").await;
        browser.fill("#url", "http://httpbin.foo:8000/headers").await;
        browser.click(".credentials > summary").await;
        browser.click("[name=token]").await;
        browser.fill("[name=token_issuer]", "https://issuer.example.com").await;
        browser.fill("[name=token_claims]", "team: red").await;
        browser.click(".request-send").await;
        browser.wait_text("#answer-text", "200 httpbin.foo").await;
        assert!(!browser.has("[data-saved]:not([hidden])").await, "what needs a script is not there");
    })
    .await;
}
