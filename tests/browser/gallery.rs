//! The gallery of examples, the switch between the APIs, and the switches of a world.

use super::{
    axe, walk,
    window::{Browser, Settings},
};

/// Finds an example by words, opens it, and switches it to its twin.
async fn find_and_switch(browser: &Browser, suffix: &str) {
    browser.goto("/playground/examples").await;
    browser.wait_text("#gallery-count", "examples").await;
    browser.picture(&format!("gallery{suffix}")).await;
    assert!(browser.overflow().await <= 0, "{:?}", browser.widest().await);
    axe::finds_nothing_serious(browser).await;
    browser.fill("#q", "hundred canary").await;
    browser.wait_text("#gallery-count", "1 of").await;
    browser.wait_place("q=hundred").await;
    assert_eq!(browser.texts(".gallery-title").await, ["Shift traffic by weight, 90 to 10"]);
    browser.click(".gallery-title").await;
    browser.wait_place("/playground?example=weights").await;
    browser.wait_text("#answer-text", "200 reviews/v1 90%, 200 reviews/v2 10%").await;
}

#[tokio::test]
async fn an_example_is_found_by_its_words_and_switched_to_the_gateway_api() {
    walk("gallery", Settings::DESK, async |browser: Browser| {
        find_and_switch(&browser, "").await;
        browser.press("Gateway API").await;
        browser.wait_place("api=gateway").await;
        browser.wait_text("#answer-text", "200 reviews-v1 90%, 200 reviews-v2 10%").await;
        browser.wait(".editor").await;
        browser.picture("playground-twin").await;
        axe::finds_nothing_serious(&browser).await;
        browser.press("Istio API").await;
        browser.wait_text("#answer-text", "200 reviews/v1 90%, 200 reviews/v2 10%").await;
    })
    .await;
}

#[tokio::test]
async fn the_gallery_is_used_on_a_telephone() {
    walk("gallery-phone", Settings::PHONE, async |browser: Browser| {
        find_and_switch(&browser, "-phone").await;
        assert!(browser.overflow().await <= 0, "{:?}", browser.widest().await);
        browser.picture("playground-example-phone").await;
        browser.click("#world-panel > summary").await;
        browser.choose("#world-mtls", "STRICT").await;
        browser.wait_text("#world-panel summary", "1 switched").await;
        assert!(browser.overflow().await <= 0, "{:?}", browser.widest().await);
        browser.picture("playground-world-phone").await;
        axe::finds_nothing_serious(&browser).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_switched_is_answered_at_once_and_kept() {
    walk("world", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground?example=strict-namespace&request=2").await;
        browser.wait_text("#answer-text", "connection closed").await;
        browser.wait(".editor").await;
        browser.click("#world-panel > summary").await;
        // Nothing else has to be pressed, and the panel stays open.
        browser.choose("#injection-legacy", "sidecar").await;
        browser.wait_text("#answer-text", "200 httpbin.foo").await;
        browser.until_script("document.querySelector('#world-panel').open", Vec::new()).await;
        browser.until_script("document.activeElement.id === 'injection-legacy'", Vec::new()).await;
        browser.picture("playground-world").await;
        axe::finds_nothing_serious(&browser).await;
        // A draft keeps the switch, also that of a namespace which the page does not know yet.
        browser.goto("/about").await;
        browser.goto("/playground").await;
        browser.wait_text("#world-panel summary", "1 switched").await;
        browser.wait_text("#answer-text", "200 httpbin.foo").await;
        browser.until_script("document.querySelector('#injection-legacy').value === 'sidecar'", Vec::new()).await;
        // And so does a link that is shared.
        browser.click("[data-share-menu] > summary").await;
        browser.click("[data-share]").await;
        browser.until_script("location.hash.startsWith('#s=')", Vec::new()).await;
        let place = browser.place().await;
        browser.script("localStorage.clear(); sessionStorage.clear()", Vec::new()).await;
        browser.goto("/about").await;
        browser.goto(&place[place.find("/playground").unwrap()..]).await;
        browser.until_script("document.querySelector('#injection-legacy')?.value === 'sidecar'", Vec::new()).await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_the_world_is_a_form() {
    walk("world-plain", Settings::PLAIN, async |browser: Browser| {
        browser.goto("/playground?world=shop").await;
        browser.wait_text("#answer-text", "200 cart.shop").await;
        browser.click("#world-panel > summary").await;
        browser.choose("#injection-shop", "none").await;
        browser.press("Switch").await;
        browser.wait_text("#world-panel summary", "1 switched").await;
        browser.wait_text(".hop h4", "no proxy beside web-a.shop").await;
        browser.picture("playground-world-plain").await;
    })
    .await;
}

#[tokio::test]
async fn an_example_is_tried_within_a_chapter() {
    walk("embed", Settings::DESK, async |browser: Browser| {
        browser.goto("/course/routing").await;
        browser.wait(".example-frame").await;
        browser.script("document.querySelector('.example-frame').scrollIntoView({block: 'center', behavior: 'instant'})", Vec::new()).await;
        let answers = "document.querySelector('.example-frame').contentDocument?.querySelector('#answer-text')?.textContent === arguments[0]";
        browser.until_script(answers, vec!["200 httpbin.foo/v1".into()]).await;
        let change = "const page = document.querySelector('.example-frame').contentDocument;
            page.querySelector('#url').value = 'http://httpbin.foo:8000/pro';
            page.querySelector('form').requestSubmit();";
        browser.script(change, Vec::new()).await;
        browser.until_script(answers, vec!["200 httpbin.foo/v2".into()]).await;
        browser.picture("chapter-example").await;
        assert!(browser.overflow().await <= 0);
    })
    .await;
}
