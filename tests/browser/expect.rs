//! What saved requests must come to: written, taken from what came, run, kept as a file and brought in again.

use fantoccini::key::Key;
use serde_json::json;

use super::{
    axe,
    playground::{ROUTES, paste},
    walk,
    window::{Browser, Settings},
};

const NAME: &str = "as jason <img src=x onerror=\"window.struck=1\">";

/// Saves the request that is there, under a name.
async fn save(browser: &Browser, name: &str) {
    browser.script("document.querySelector('[data-saved]').open = true", Vec::new()).await;
    browser.fill("[data-save-name]", name).await;
    browser.type_keys(&char::from(Key::Enter).to_string()).await;
    browser.wait_text("[data-status]", "is saved in this browser").await;
    browser.script("document.querySelector('[data-saved]').open = false", Vec::new()).await;
}

/// A bench with two saved requests, the first one expecting what is wrong for the second.
async fn bench(browser: &Browser) {
    browser.goto("/playground").await;
    paste(browser, ROUTES).await;
    browser.choose("#from", "productpage-v1-a.default").await;
    browser.fill("#url", "http://reviews:9080/reviews/0").await;
    browser.fill("#headers", "end-user: jason").await;
    browser.click("[data-expect] > summary").await;
    browser.fill("#expect", "200 from reviews-v2").await;
    save(browser, NAME).await;
    browser.fill("#headers", "end-user: anna").await;
    save(browser, "as anna").await;
}

/// Drops a file on an element.
async fn drop_file(browser: &Browser, css: &str, text: &str) {
    let script = "const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([arguments[1]], 'requests.yaml'));
        const host = document.querySelector(arguments[0]);
        host.dispatchEvent(new DragEvent('dragover', {dataTransfer, bubbles: true, cancelable: true}));
        host.dispatchEvent(new DragEvent('drop', {dataTransfer, bubbles: true, cancelable: true}));";
    browser.script(script, vec![json!(css), json!(text)]).await;
}

#[tokio::test]
async fn all_requests_run_and_each_line_is_judged() {
    walk("expect-run", Settings::DESK, async |browser: Browser| {
        bench(&browser).await;
        browser.click("[data-suite-run]").await;
        browser.wait_text("[data-suite-count]", "✕ 1 as expected, 1 not").await;
        browser.wait_text("[data-expect-count]", "1 of 2 as expected").await;
        let rows = browser.texts(".suite-item").await;
        assert!(rows[0].contains("<img src=x") && rows[0].contains("✓ as expected: 200 reviews/v2"), "{rows:?}");
        assert!(rows[1].contains("✕ not as expected: 200 reviews/v1") && rows[1].contains("does not hold"), "{rows:?}");
        axe::finds_nothing_serious(&browser).await;
        browser.picture("expect-run").await;
        // By keyboard: the line is mended, and all run again.
        browser
            .script("document.querySelectorAll('.suite-item textarea')[1].select(); document.querySelectorAll('.suite-item textarea')[1].focus()", Vec::new())
            .await;
        browser.type_keys("200 from reviews-v1").await;
        browser.wait(".suite-item.is-failed.is-stale").await;
        browser.script("document.querySelector('[data-suite-run]').focus()", Vec::new()).await;
        browser.type_keys(&char::from(Key::Enter).to_string()).await;
        browser.wait_text("[data-suite-count]", "✓ 2 as expected, 0 not").await;
        // Another configuration makes what came old.
        paste(&browser, "").await;
        browser.wait(".suite-item.is-held.is-stale").await;
        browser.until_script("window.struck === undefined && !document.querySelector('main img')", Vec::new()).await;
    })
    .await;
}

#[tokio::test]
async fn what_came_is_taken_and_links_carry_it() {
    walk("expect-take", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, ROUTES).await;
        browser.choose("#from", "productpage-v1-a.default").await;
        browser.fill("#url", "http://reviews:9080/reviews/0").await;
        browser.fill("#headers", "end-user: anna").await;
        browser.click(".request-send").await;
        browser.wait_text("#answer-text", "200 reviews/v1").await;
        browser.click("[data-expect] > summary").await;
        browser.click("[data-take]").await;
        browser.until_script("document.querySelector('#expect').value === '200 from reviews/v1'", Vec::new()).await;
        browser.fill("#headers", "end-user: jason").await;
        browser.click(".request-send").await;
        browser.wait_text("#expected-heading", "not as expected").await;
        browser.wait_text(".expected", "200 reviews/v2").await;
        browser.picture("expect-answer").await;
        save(&browser, "kept").await;
        browser.click("[data-share-menu] > summary").await;
        browser.click("[data-share]").await;
        browser.wait_place("#s=").await;
        let link = browser.place().await;
        browser.script("localStorage.clear(); sessionStorage.clear()", Vec::new()).await;
        browser.goto("/about").await;
        browser.goto(&link).await;
        browser.wait_text("#expected-heading", "not as expected").await;
        browser.until_script("document.querySelector('.suite-item textarea').value === '200 from reviews/v1'", Vec::new()).await;
    })
    .await;
}

#[tokio::test]
async fn a_file_is_written_that_can_be_brought_in_again() {
    walk("expect-file", Settings::DESK, async |browser: Browser| {
        bench(&browser).await;
        let keep = "window.files = []; URL.createObjectURL = (blob) => { blob.text().then((text) => window.files.push(text)); return '#'; };
            HTMLAnchorElement.prototype.click = () => {};";
        browser.script(keep, Vec::new()).await;
        browser.click("[data-suite-download]").await;
        browser.until_script("window.files.length === 1", Vec::new()).await;
        let file = browser.script("return window.files[0]", Vec::new()).await.as_str().unwrap().to_owned();
        assert!(
            file.contains("world: \"bookinfo\"") && file.contains("  - \"200 from reviews-v2\"") && file.contains("/api/v1/worlds/bookinfo.yaml"),
            "{file}"
        );

        browser.script("localStorage.clear(); sessionStorage.clear()", Vec::new()).await;
        browser.goto("/about").await;
        browser.script("localStorage.clear(); sessionStorage.clear()", Vec::new()).await;
        browser.goto("/playground").await;
        browser.wait(".editor").await;
        assert!(browser.texts(".suite-item").await.is_empty());
        drop_file(&browser, ".editor", &file).await;
        browser.wait_text("[data-suite-count]", "2 requests are taken from the file").await;
        let values =
            "[...document.querySelectorAll('.suite-item textarea')].map((field) => field.value).join('|') === '200 from reviews-v2|200 from reviews-v2'";
        browser.until_script(values, Vec::new()).await;
        assert_eq!(browser.texts(".file").await.len(), 1, "it is no configuration");
        // The same again replaces what is there; what cannot be read says why.
        drop_file(&browser, "[data-expect]", &file).await;
        browser.until_script("document.querySelectorAll('.suite-item').length === 2", Vec::new()).await;
        let many = format!("requests:\n{}", "- {from: a, url: 'http://a/'}\n".repeat(10_000));
        drop_file(&browser, "[data-expect]", &many).await;
        browser.wait_text("[data-suite-count]", "10000 requests are more than the 50").await;
        drop_file(&browser, "[data-expect]", "requests:\n- {from: a, url: b, expect: [what]}\n").await;
        browser.wait_text("[data-suite-count]", "line 2, requests[0].expect").await;
        browser.until_script("window.struck === undefined && !document.querySelector('main img')", Vec::new()).await;
    })
    .await;
}

#[tokio::test]
async fn expectations_fit_a_telephone() {
    walk("expect-phone", Settings::PHONE, async |browser: Browser| {
        browser.goto("/playground").await;
        browser.click("[data-expect] > summary").await;
        browser.wait("[data-suite-run]").await;
        let file = "requests:\n- {name: a long name of a request that somebody has saved, from: productpage-v1-a, url: 'http://reviews:9080/', expect: [90% from reviews-v1, 200]}\n\
                    - {from: productpage-v1-a, url: 'http://nowhere:9080/', expect: [200 from nobody]}\n";
        drop_file(&browser, "[data-expect]", file).await;
        browser.wait_text("[data-suite-count]", "2 requests").await;
        browser.script("document.querySelector('[data-suite-run]').click()", Vec::new()).await;
        browser.wait_text("[data-suite-count]", "0 as expected, 2 not").await;
        let over = browser.overflow().await;
        assert!(over <= 0, "{over} pixels too wide: {:?}", browser.widest().await);
        axe::finds_nothing_serious(&browser).await;
        browser.script("document.querySelector('[data-suite]').scrollIntoView()", Vec::new()).await;
        browser.picture("expect-phone").await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_the_present_request_is_judged() {
    walk("expect-plain", Settings::PLAIN, async |browser: Browser| {
        browser.goto("/playground").await;
        browser.fill("#yaml", ROUTES).await;
        browser.choose("#from", "productpage-v1-a.default").await;
        browser.fill("#url", "http://reviews:9080/reviews/0").await;
        browser.fill("#headers", "end-user: anna").await;
        browser.click("[data-expect] > summary").await;
        browser.fill("#expect", "200 from reviews-v2").await;
        browser.click(".request-send").await;
        browser.wait_text("#expected-heading", "not as expected").await;
        browser.click("[data-take]").await;
        browser.wait_text("#expected-heading", "Expected: as expected").await;
        assert!(!browser.has("[data-suite]:not([hidden])").await, "what needs a script is not there");
    })
    .await;
}
