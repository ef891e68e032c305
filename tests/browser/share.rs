//! Sharing: a link holds every field that the page has; what is too large for one, or is to be short, is kept as a snapshot.

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::{
    axe,
    playground::{ROUTES, paste},
    walk,
    window::{Browser, Settings},
};

/// What stands in every field of the form, by name; buttons say nothing, and what was sent before is no part of what is there.
const FIELDS: &str =
    "Object.fromEntries([...document.querySelector('#bench').elements].filter((e) => e.name && e.name !== 'previous' && !(e instanceof HTMLButtonElement))
    .map((e) => [e.name, e.type === 'checkbox' ? e.checked : e.value]))";

/// Writes something into every field: where it must be usable it is, a list has its last entry, a box is ticked, and what this test
/// does not know has a text of its own.
const FILL: &str = "const known = arguments[0];
    for (const e of document.querySelector('#bench').elements) {
        if (!e.name || e instanceof HTMLButtonElement) continue;
        if (e.name in known) e.value = known[e.name];
        else if (e.type === 'checkbox') e.checked = true;
        else if (e instanceof HTMLSelectElement) e.selectedIndex = e.options.length - 1;
        else if (e.type !== 'hidden') e.value = e.name;
    }";

fn usable() -> Value {
    json!({
        "world": "bookinfo", "from": "outside", "method": "POST", "url": "https://bookinfo.example.com/", "headers": "x-a: 1",
        "token_claims": "team: red", "repeat": "2", "concurrency": "3", "pause": "1s", "upstream_status": "503", "upstream_delay": "5ms",
        "fail_status": "500", "slow_delay": "3s", "access_method": "PUT", "access_path": "/x", "config_search": "web",
        "yaml": "# file: one.yaml\n---\n# file: two.yaml\n",
    })
}

async fn menu(browser: &Browser, button: &str) {
    browser.script("scrollTo(0, 0)", Vec::new()).await;
    browser.click("[data-share-menu] > summary").await;
    browser.click(button).await;
}

async fn start(browser: &Browser, path: &str) {
    browser.goto(path).await;
    browser.until_script("document.querySelector('.editor') !== null", Vec::new()).await;
}

/// Nothing of the first visit is left in the browser but its cookie.
async fn forget(browser: &Browser) {
    browser.script("localStorage.clear(); sessionStorage.clear()", Vec::new()).await;
    browser.goto("/about").await;
}

#[tokio::test]
async fn a_link_holds_every_field_of_the_page() {
    walk("share-everything", Settings::DESK, async |browser: Browser| {
        start(&browser, "/playground?example=header-match").await;
        browser.script(FILL, vec![usable()]).await;
        browser.click(".request-send").await;
        browser.until_script("!document.querySelector('#bench').hasAttribute('aria-busy') && document.querySelector('#load-repeat') && document.querySelector('#config-proxy')", Vec::new()).await;
        browser.script(FILL, vec![usable()]).await;
        browser.click("#panel-security > summary").await;
        let wanted = browser.script(&format!("return {FIELDS}"), Vec::new()).await;
        let names = wanted.as_object().unwrap();
        assert!(names.len() > 35 && names.contains_key("access_path") && names.contains_key("config_kind") && names.contains_key("example"), "{wanted}");
        menu(&browser, "[data-share]").await;
        browser.wait_place("#s=").await;
        let link = browser.place().await;
        forget(&browser).await;
        browser.goto(&link).await;
        let is_there = format!("JSON.stringify(Object.entries({FIELDS}).sort()) === JSON.stringify(Object.entries(arguments[0]).sort())");
        browser.until_script("!document.querySelector('#bench').hasAttribute('aria-busy') && document.querySelector('#answer-text').textContent !== '200 reviews/v2'", Vec::new()).await;
        let got = browser.script(&format!("return {FIELDS}"), Vec::new()).await;
        for (name, value) in names {
            assert_eq!(&got[name], value, "{name}");
        }
        // And a draft holds them as well.
        browser.script("document.querySelector('#url').dispatchEvent(new Event('input', {bubbles: true}))", Vec::new()).await;
        browser.goto("/about").await;
        browser.goto("/playground").await;
        browser.until_script(&is_there, vec![wanted.clone()]).await;
        browser.picture("share-everything").await;
    })
    .await;
}

#[tokio::test]
async fn the_panel_that_was_computed_is_computed_again() {
    walk("share-panel", Settings::DESK, async |browser: Browser| {
        start(&browser, "/playground?example=header-match").await;
        browser.click("#panel-security > summary").await;
        browser.fill("#access-path", "/private").await;
        browser.click("#panel-security button").await;
        browser.wait("#panel-security .access-table").await;
        menu(&browser, "[data-share]").await;
        browser.wait_place("#s=").await;
        let link = browser.place().await;
        forget(&browser).await;
        browser.goto(&link).await;
        browser.wait("#panel-security .access-table").await;
        browser.until_script("document.querySelector('#access-path').value === '/private'", Vec::new()).await;
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_is_kept_opened_listed_and_deleted() {
    walk("share-snapshot", Settings::DESK, async |browser: Browser| {
        start(&browser, "/playground").await;
        paste(&browser, ROUTES).await;
        browser.choose("#from", "productpage-v1-a.default").await;
        browser.fill("#url", "http://reviews:9080/reviews/0").await;
        browser.fill("#headers", "end-user: jason").await;
        browser.click("[data-share-menu] > summary").await;
        browser.wait("[data-snapshot]").await;
        axe::finds_nothing_serious(&browser).await;
        browser.picture("share-menu").await;
        browser.click("[data-snapshot]").await;
        browser.wait_place("/playground/s/").await;
        browser.wait_text("[data-status]", "kept until").await;
        assert_eq!(browser.focus().await, "Share", "the menu is closed and its button has the focus");
        let url = browser.place().await;
        forget(&browser).await;
        browser.goto(&url).await;
        browser.until_script("document.querySelector('textarea[name=yaml]').value.trim() === arguments[0].trim()", vec![ROUTES.into()]).await;
        browser.wait_text("#answer-text", "200 reviews/v2").await;
        browser.wait_text(".bench-note", "A snapshot of").await;
        axe::finds_nothing_serious(&browser).await;
        browser.picture("share-snapshot").await;

        browser.press("Your snapshots").await;
        browser.wait_text(".snapshots h2", "GET http://reviews:9080/reviews/0 from productpage-v1-a.default").await;
        axe::finds_nothing_serious(&browser).await;
        // By keyboard: unfold, and say that it is meant.
        browser.script("document.querySelector('.snapshot-delete summary').focus()", Vec::new()).await;
        browser.type_keys(&char::from(Key::Enter).to_string()).await;
        browser.wait(".snapshot-delete button").await;
        browser.picture("share-snapshots").await;
        browser.type_keys(&format!("{}{}", char::from(Key::Tab), char::from(Key::Enter))).await;
        browser.wait_text(".notice", "is deleted").await;
        browser.goto(&url).await;
        browser.wait_text("h1", "There is no such snapshot").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_too_large_for_a_link_becomes_a_snapshot() {
    walk("share-large", Settings::DESK, async |browser: Browser| {
        start(&browser, "/playground").await;
        // What has no pattern cannot be made smaller.
        let mut state = 7_u64;
        let noise: Vec<String> = (0..600)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                format!("# {state:016x}")
            })
            .collect();
        let text = format!("{}\n{ROUTES}", noise.join("\n"));
        paste(&browser, &text).await;
        menu(&browser, "[data-share]").await;
        browser.wait_place("/playground/s/").await;
        let url = browser.place().await;
        forget(&browser).await;
        browser.goto(&url).await;
        browser.until_script("document.querySelector('textarea[name=yaml]').value.trim() === arguments[0].trim()", vec![text.into()]).await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_a_snapshot_is_kept_and_deleted() {
    walk("share-plain", Settings::PLAIN, async |browser: Browser| {
        browser.goto("/playground?example=header-match").await;
        browser.fill("#headers", "end-user: anna").await;
        menu(&browser, "[data-snapshot]").await;
        browser.wait_place("/playground/s/").await;
        browser.wait_text("#answer-text", "200 reviews").await;
        browser.wait_text(".bench-note", "Whoever has its address").await;
        browser.press("Your snapshots").await;
        browser.click(".snapshot-delete summary").await;
        browser.click(".snapshot-delete button").await;
        browser.wait_text(".notice", "is deleted").await;
        assert!(!browser.has(".snapshots").await);
    })
    .await;
}

#[tokio::test]
async fn sharing_fits_a_telephone() {
    walk("share-phone", Settings::PHONE, async |browser: Browser| {
        start(&browser, "/playground?example=header-match").await;
        browser.click("[data-share-menu] > summary").await;
        browser.wait("[data-snapshot]").await;
        assert!(browser.overflow().await <= 0, "{:?}", browser.widest().await);
        axe::finds_nothing_serious(&browser).await;
        browser.picture("share-menu-phone").await;
        browser.click("[data-snapshot]").await;
        browser.wait_place("/playground/s/").await;
        browser.goto(&browser.place().await).await;
        assert!(browser.overflow().await <= 0, "{:?}", browser.widest().await);
        browser.picture("share-snapshot-phone").await;
        browser.goto("/playground/snapshots").await;
        browser.click(".snapshot-delete summary").await;
        assert!(browser.overflow().await <= 0, "{:?}", browser.widest().await);
        axe::finds_nothing_serious(&browser).await;
        browser.picture("share-snapshots-phone").await;
    })
    .await;
}
