//! The panels beside the answer: what a proxy is told, the virtual clock, and who may call whom.

use fantoccini::key::Key;

use super::{
    axe, walk,
    window::{Browser, Settings},
};

/// The playground with an example whose answer is there, and the panel open.
async fn open(browser: &Browser, panel: &str) {
    browser.goto("/playground?example=header-match").await;
    browser.until_script("document.querySelector('.editor') !== null", Vec::new()).await;
    browser.click(&format!("#{panel} > summary")).await;
}

#[tokio::test]
async fn what_a_proxy_is_told_is_searched_while_somebody_types() {
    walk("panel-config", Settings::DESK, async |browser: Browser| {
        open(&browser, "panel-config").await;
        let all = browser.texts(".config-row:not([hidden])").await.len();
        browser.fill("#config-search", "ratings").await;
        browser.until_script("document.querySelectorAll('.config-row:not([hidden])').length === 1", Vec::new()).await;
        assert!(all > 5);
        browser.fill("#config-search", "").await;
        // Another table comes from the server; the panel stays open and the list keeps the focus.
        browser.choose("#config-kind", "cluster").await;
        browser.wait_text(".config-table thead", "DESTINATION RULE").await;
        browser.until_script("document.querySelector('#panel-config').open", Vec::new()).await;
        browser.picture("playground-proxy-config").await;
        axe::finds_nothing_serious(&browser).await;
    })
    .await;
}

#[tokio::test]
async fn rows_and_lines_lead_to_each_other() {
    walk("panel-config-places", Settings::DESK, async |browser: Browser| {
        open(&browser, "panel-config").await;
        browser.click(".config-row a.place").await;
        let selected =
            "document.querySelector('.editor').shadowRoot.querySelector('.cm-content').contains(document.querySelector('.editor').shadowRoot.activeElement)";
        browser.until_script(selected, Vec::new()).await;
        // A click into the line of a rule marks the rows that it caused.
        let script = "const content = document.querySelector('.editor').shadowRoot.querySelector('.cm-content');
            content.dispatchEvent(new MouseEvent('click', {bubbles: true}));";
        browser.script(script, Vec::new()).await;
        browser.until_script("document.querySelector('.config-row .is-current') !== null", Vec::new()).await;
    })
    .await;
}

#[tokio::test]
async fn the_panels_are_used_by_keyboard() {
    walk("panel-keyboard", Settings::DESK, async |browser: Browser| {
        open(&browser, "panel-config").await;
        browser.script("document.querySelector('#panel-config > summary').focus()", Vec::new()).await;
        browser.type_keys(&char::from(Key::Enter).to_string()).await;
        browser.until_script("!document.querySelector('#panel-config').open", Vec::new()).await;
        browser.type_keys(&char::from(Key::Enter).to_string()).await;
        browser.until_script("document.querySelector('#panel-config').open", Vec::new()).await;
        browser.type_keys(&char::from(Key::Tab).to_string()).await;
        browser.until_script("document.activeElement.id === 'config-proxy'", Vec::new()).await;
    })
    .await;
}

/// Fills in a load that is retried, queued and turned away.
async fn time(browser: &Browser) {
    browser.fill("#load-repeat", "4").await;
    browser.fill("#load-concurrency", "3").await;
    browser.fill("#load-status", "503, 200, reset").await;
    browser.fill("#load-delay", "30ms, 80ms").await;
    browser.click("#panel-timeline .panel-form button").await;
    browser.wait_text("#panel-timeline .panel-caption", "×").await;
    browser.until_script("document.querySelectorAll('#panel-timeline .timeline .bar').length >= 12", Vec::new()).await;
}

#[tokio::test]
async fn a_load_is_shown_on_the_virtual_clock() {
    walk("panel-timeline", Settings::DESK, async |browser: Browser| {
        open(&browser, "panel-timeline").await;
        time(&browser).await;
        browser.click(".moments summary").await;
        browser.wait_text(".moments", "attempt 1 goes to").await;
        browser.script("document.querySelector('#panel-timeline').scrollIntoView()", Vec::new()).await;
        browser.picture("playground-timeline").await;
        axe::finds_nothing_serious(&browser).await;
        // What cannot be used is told at its field; the panel stays open.
        browser.fill("#load-status", "teapot").await;
        browser.click("#panel-timeline .panel-form button").await;
        browser.wait_text("#load-fault", "reset or refused").await;
        assert_eq!(browser.texts("#answer-text").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_may_call_whom_is_a_table() {
    walk("panel-security", Settings::DESK, async |browser: Browser| {
        open(&browser, "panel-security").await;
        browser.click("#panel-security button").await;
        browser.wait_text(".access-table", "mTLS").await;
        browser.until_script("document.querySelector('#panel-security').open", Vec::new()).await;
        axe::finds_nothing_serious(&browser).await;
        browser.script("document.querySelector('#panel-security').scrollIntoView()", Vec::new()).await;
        browser.picture("playground-security").await;
    })
    .await;
}

#[tokio::test]
async fn the_panels_fit_a_telephone_and_the_dark() {
    for (name, settings) in [("phone", Settings::PHONE), ("dark", Settings::DARK)] {
        walk(&format!("panel-{name}"), settings, async move |browser: Browser| {
            open(&browser, "panel-config").await;
            let over = browser.overflow().await;
            assert!(over <= 0, "{over} pixels too wide: {:?}", browser.widest().await);
            axe::finds_nothing_serious(&browser).await;
            browser.picture(&format!("playground-proxy-config-{name}")).await;
            browser.click("#panel-config > summary").await;
            browser.click("#panel-timeline > summary").await;
            time(&browser).await;
            assert!(browser.overflow().await <= 0, "{:?}", browser.widest().await);
            axe::finds_nothing_serious(&browser).await;
            browser.script("document.querySelector('#panel-timeline').scrollIntoView()", Vec::new()).await;
            browser.picture(&format!("playground-timeline-{name}")).await;
        })
        .await;
    }
}

#[tokio::test]
async fn without_scripts_the_panel_is_a_page() {
    walk("panel-plain", Settings::PLAIN, async |browser: Browser| {
        browser.goto("/playground?example=header-match").await;
        browser.click("#panel-config > summary").await;
        browser.choose("#config-kind", "endpoint").await;
        browser.fill("#config-search", "reviews").await;
        browser.click("#panel-config button").await;
        browser.wait_text(".config-table thead", "OUTLIER CHECK").await;
        assert!(browser.texts(".config-row").await.iter().all(|row| row.is_empty() || row.contains("reviews")));
    })
    .await;
}
