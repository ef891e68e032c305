//! The playground without a mouse: every step by Tab, Enter and letters, from the first field to a link for somebody else.

use fantoccini::key::Key;

use super::{
    walk,
    window::{Browser, Settings},
};

/// So many stops are more than any page has.
const MOST_STOPS: usize = 200;

async fn press(browser: &Browser, key: Key) {
    browser.type_keys(&char::from(key).to_string()).await;
}

/// Tabs on until the element has the focus.
async fn tab_to(browser: &Browser, css: &str) {
    for _ in 0..MOST_STOPS {
        press(browser, Key::Tab).await;
        if browser.script("return document.activeElement.matches(arguments[0])", vec![css.into()]).await == true {
            return;
        }
    }
    panic!("{css} is not reached by Tab; the focus is at {:?}", browser.focus().await);
}

/// Types over what stands in the field that has the focus.
async fn type_over(browser: &Browser, text: &str) {
    browser.chord(Key::Control, 'a').await;
    browser.type_keys(text).await;
}

#[tokio::test]
async fn the_playground_is_worked_by_keyboard_alone() {
    walk("keyboard", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        browser.wait(".editor").await;

        // A request, and its answer.
        tab_to(&browser, "#url").await;
        type_over(&browser, "http://reviews:9080/reviews/0").await;
        tab_to(&browser, "#headers").await;
        type_over(&browser, "end-user: anna").await;
        tab_to(&browser, ".request-send").await;
        press(&browser, Key::Enter).await;
        browser.wait_text("#answer-text", "200").await;

        // What came is expected from now on.
        tab_to(&browser, "[data-expect] > summary").await;
        press(&browser, Key::Enter).await;
        tab_to(&browser, "[data-take]").await;
        press(&browser, Key::Enter).await;
        browser.until_script("document.querySelector('#expect').value.startsWith('200 from reviews')", Vec::new()).await;

        // Writing in the editor, where Tab indents: Escape lets go of it.
        tab_to(&browser, ".editor").await;
        browser.chord(Key::Control, char::from(Key::End)).await;
        browser.type_keys("\u{e007}# by keyboard").await;
        browser.until_script("document.querySelector('textarea[name=yaml]').value.trimEnd().endsWith('# by keyboard')", Vec::new()).await;
        press(&browser, Key::Escape).await;
        press(&browser, Key::Tab).await;
        let focus = browser.script("return document.activeElement.shadowRoot?.activeElement?.className ?? ''", Vec::new()).await;
        assert_eq!(focus, "", "the editor keeps whoever is in it");

        // A panel, which is computed when it is opened by its button.
        tab_to(&browser, "#panel-security > summary").await;
        press(&browser, Key::Enter).await;
        tab_to(&browser, "#panel-security button").await;
        press(&browser, Key::Enter).await;
        browser.wait("#panel-security table").await;

        // From the end of the page around to its beginning: a link.
        tab_to(&browser, "[data-share-menu] > summary").await;
        press(&browser, Key::Enter).await;
        tab_to(&browser, "[data-share]").await;
        press(&browser, Key::Enter).await;
        browser.wait_place("#s=").await;
        browser.until_script("document.activeElement.matches('[data-share-menu] > summary')", Vec::new()).await;
    })
    .await;
}
