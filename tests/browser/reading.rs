//! Reading without an account: home, contents, chapters; by mouse, by keyboard, without scripts.

use fantoccini::key::Key;

use super::{
    walk,
    window::{Browser, Settings},
};

#[tokio::test]
async fn the_way_from_home_leads_through_the_chapters() {
    walk("reading", Settings::DESK, async |browser: Browser| {
        browser.goto("/").await;
        browser.press("Start reading").await;
        browser.wait_place("/course/mesh").await;
        assert!(browser.has(".prose svg").await, "the chapter has its diagram");

        // A quick check answers in place, the wrong options too.
        let hidden = browser.texts(".check .check-why").await;
        assert!(!hidden.is_empty() && hidden.iter().all(String::is_empty), "reasons are hidden until one asks: {hidden:?}");
        browser.click(".check .check-option label").await;
        browser.until_script("[...document.querySelectorAll('.check .check-why')].some(e => e.checkVisibility())", Vec::new()).await;

        browser.press("Mark as done").await;
        browser.wait_text(".badge-good", "Done").await;
        browser.click("a[rel=next]").await;
        browser.wait_place("/course/installing").await;
        browser.goto("/").await;
        browser.wait_text("main", "1 of 6 chapters done").await;
    })
    .await;
}

#[tokio::test]
async fn a_block_opens_in_the_playground_with_its_outcome() {
    walk("block", Settings::DESK, async |browser: Browser| {
        browser.goto("/course/routing").await;
        browser.wait(".run .outcome").await;
        browser.script("document.querySelector('.run-result').scrollIntoView({block: 'center', behavior: 'instant'})", Vec::new()).await;
        browser.picture("block").await;
        let outcome = browser.wait(".run .outcome").await.text().await.unwrap();
        browser.click(".run .run-result a.button").await;
        browser.wait_place("/playground?block=routing/1").await;
        browser.wait_text("#answer-text", &outcome).await;
    })
    .await;
}

#[tokio::test]
async fn the_keyboard_alone_is_enough() {
    walk("keyboard", Settings::DESK, async |browser: Browser| {
        browser.goto("/course/installing").await;
        browser.wait("h1").await;
        browser.type_keys(&String::from(char::from(Key::Tab))).await;
        assert_eq!(browser.focus().await, "Skip to the content");
        browser.wait("a.skip").await;
        browser.picture("skip-link").await;
        browser.type_keys(&String::from(char::from(Key::Enter))).await;
        browser.until_script("document.activeElement.id === 'main'", Vec::new()).await;

        browser.type_keys("]").await;
        browser.wait_place("/course/routing").await;
        browser.wait("a[rel=prev]").await;
        browser.type_keys("[").await;
        browser.wait_place("/course/installing").await;
        browser.wait("h1").await;
        browser.type_keys("gp").await;
        browser.wait_place("/playground").await;

        // Everything that Tab reaches on the way shows that it has the focus, and the way does not end in the editor.
        browser.goto("/").await;
        browser.wait("h1").await;
        for _ in 0..12 {
            browser.type_keys(&String::from(char::from(Key::Tab))).await;
            let seen = browser
                .script("const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' || s.boxShadow !== 'none'", Vec::new())
                .await;
            assert_eq!(seen, true, "the focus cannot be seen on {}", browser.focus().await);
        }
    })
    .await;
}

#[tokio::test]
async fn a_chapter_needs_no_script() {
    walk("reading-plain", Settings::PLAIN, async |browser: Browser| {
        browser.goto("/course/resilience").await;
        browser.wait("h1").await;
        browser.click(".check .check-option label").await;
        browser.wait(".check .check-why").await;
        browser.press("Mark as done").await;
        browser.wait_text(".badge-good", "Done").await;
        browser.press("✓ Done. Take the mark back").await;
        browser.press("Mark as done").await;
    })
    .await;
}
