//! The list of rules and their pages: searching, reading on, trying an example and coming back.

use super::{
    walk,
    window::{Browser, Settings},
};

#[tokio::test]
async fn a_rule_is_found_read_tried_and_left_by_keyboard() {
    walk("rules", Settings::DESK, async |browser: Browser| {
        browser.goto("/").await;
        browser.wait("h1").await;
        browser.type_keys("gr").await;
        browser.wait_place("/rules").await;
        browser.wait_text("#rules-count", "rules").await;
        browser.picture("rules").await;
        browser.type_keys("/").await;
        browser.until_script("document.activeElement.id === 'q'", Vec::new()).await;
        browser.type_keys("resource names not exist").await;
        browser.wait_text("#rules-count", "1 of").await;
        browser.wait_place("q=resource").await;
        assert_eq!(browser.texts(".rules-code code").await, ["IST0101"]);
        browser.until_script("document.activeElement.id === 'q'", Vec::new()).await;

        browser.click(".rules-code").await;
        browser.wait_place("/rules/IST0101").await;
        browser.wait_text("h1", "IST0101").await;
        browser.type_keys("]").await;
        browser.wait_place("/rules/IST0102").await;
        browser.wait_text("h1", "IST0102").await;
        browser.type_keys("[").await;
        browser.wait_text("h1", "IST0101").await;

        browser.script("document.querySelector('.run').scrollIntoView({block: 'center', behavior: 'instant'})", Vec::new()).await;
        browser.picture("rule-example").await;
        browser.click(".run a.button").await;
        browser.wait_place("/playground?rule=IST0101/1").await;
        browser.wait_text(".finding", "IST0101").await;
        browser.picture("playground-rule").await;
        browser.click(".bench-rule a").await;
        browser.wait_place("/rules/IST0101#example-1").await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_the_list_is_a_form() {
    walk("rules-plain", Settings::PLAIN, async |browser: Browser| {
        browser.goto("/rules").await;
        browser.choose("#level", "info").await;
        browser.fill("#q", "annotation").await;
        browser.press("Filter").await;
        browser.wait_place("level=info").await;
        assert_eq!(browser.texts(".rules-code code").await, ["IST0135"]);
    })
    .await;
}
