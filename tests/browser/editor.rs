//! What hands expect of the playground's editor: one look, folding, quick fix, search, and a history that lasts.

use fantoccini::key::Key;

use super::{
    axe,
    playground::paste,
    walk,
    window::{Browser, Settings},
};

const UNTIDY: &str = "# kept
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
    name: 'reviews'
    namespace: default
spec:
      host: reviews  # kept too
      subsets:
        - name: v1
          labels: {version: 1}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: other, namespace: default}
spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews}}]}]}
";

const TIDY: &str = "# kept
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: \"reviews\"
  namespace: default
spec:
  host: reviews  # kept too
  subsets:
  - name: v1
    labels: {version: 1}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: other, namespace: default}
spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews}}]}]}
";

async fn yaml_is(browser: &Browser, yaml: &str) {
    browser.until_script("document.querySelector('textarea[name=yaml]').value === arguments[0]", vec![yaml.into()]).await;
}

async fn inside(browser: &Browser, expression: &str) {
    browser.until_script(&expression.replace("ROOT", "document.querySelector('.editor').shadowRoot"), Vec::new()).await;
}

async fn focus(browser: &Browser) {
    browser.wait(".editor").await;
    browser.script("document.querySelector('.editor').shadowRoot.querySelector('.cm-content').focus()", Vec::new()).await;
}

async fn undo(browser: &Browser) {
    focus(browser).await;
    browser.chord(Key::Control, 'z').await;
}

#[tokio::test]
async fn format_is_one_edit_that_one_undo_takes_back() {
    walk("editor-format", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, UNTIDY).await;
        browser.click("[data-editor=format]").await;
        yaml_is(&browser, TIDY).await;
        browser.wait_text("[data-status]", "Formatted").await;
        undo(&browser).await;
        yaml_is(&browser, UNTIDY).await;
        // By keyboard the same.
        browser.script("const content = document.querySelector('.editor').shadowRoot.querySelector('.cm-content');
            content.dispatchEvent(new KeyboardEvent('keydown', {key: 'F', code: 'KeyF', keyCode: 70, altKey: true, shiftKey: true, bubbles: true, cancelable: true}));", Vec::new()).await;
        yaml_is(&browser, TIDY).await;
    })
    .await;
}

#[tokio::test]
async fn the_fix_at_the_cursor_is_made_by_keyboard_and_the_foot_counts() {
    walk("editor-fix", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, TIDY).await;
        browser.wait_text("[data-editor-status]", "1 error").await;
        for _ in 0..6 {
            browser.type_keys(&char::from(Key::Up).to_string()).await;
        }
        browser.wait_text("[data-editor-status]", "Line 11, column 1").await;
        browser.chord(Key::Control, '.').await;
        yaml_is(&browser, &TIDY.replace("version: 1", "version: \"1\"")).await;
        browser.wait_text("[data-status]", "Ctrl+Z").await;
        browser.picture("editor-quick-fix").await;
        browser.chord(Key::Control, '.').await;
        browser.wait_text("[data-status]", "no certain fix on this line").await;
    })
    .await;
}

#[tokio::test]
async fn documents_fold_and_say_what_they_are_and_the_text_can_be_searched() {
    walk("editor-fold", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, TIDY).await;
        browser.click("[data-editor=fold]").await;
        inside(
            &browser,
            "[...ROOT.querySelectorAll('.cm-foldPlaceholder')].map(e => e.textContent).join() === '… DestinationRule reviews,… VirtualService other'",
        )
        .await;
        browser.picture("editor-folded").await;
        browser.click("[data-editor=fold]").await;
        inside(&browser, "!ROOT.querySelector('.cm-foldPlaceholder')").await;
        focus(&browser).await;
        browser.chord(Key::Control, 'f').await;
        inside(&browser, "ROOT.querySelector('.cm-search input')").await;
        browser.type_keys("reviews").await;
        inside(&browser, "ROOT.querySelectorAll('.cm-searchMatch').length > 2").await;
        axe::finds_nothing_serious(&browser).await;
        browser.picture("editor-search").await;
    })
    .await;
}

#[tokio::test]
async fn what_was_undone_can_be_undone_after_a_reload_and_after_another_example() {
    walk("editor-history", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, UNTIDY).await;
        browser.click("[data-editor=format]").await;
        yaml_is(&browser, TIDY).await;
        browser.goto("/playground").await;
        yaml_is(&browser, TIDY).await;
        undo(&browser).await;
        yaml_is(&browser, UNTIDY).await;

        browser.goto("/playground?example=header-match").await;
        browser.until_script("document.querySelector('textarea[name=yaml]').value.includes('jason')", Vec::new()).await;
        browser.wait_text("[data-status]", "brings back what stood there before").await;
        undo(&browser).await;
        yaml_is(&browser, UNTIDY).await;
    })
    .await;
}

#[tokio::test]
async fn the_editor_and_its_foot_fit_a_telephone() {
    walk("editor-phone", Settings::PHONE, async |browser: Browser| {
        browser.goto("/playground").await;
        browser.script("document.querySelector('.views [value=yaml]').click()", Vec::new()).await;
        paste(&browser, TIDY).await;
        browser.click("[data-editor=search]").await;
        inside(&browser, "ROOT.querySelector('.cm-search input')").await;
        let over = browser.overflow().await;
        assert!(over <= 0, "{over} pixels too wide: {:?}", browser.widest().await);
        axe::finds_nothing_serious(&browser).await;
        browser.picture("editor-phone").await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_a_button_formats() {
    walk("editor-plain", Settings::PLAIN, async |browser: Browser| {
        browser.goto("/playground?example=header-match").await;
        browser.fill("#yaml", "a:\n    b: 'c'\n").await;
        browser.click("[data-editor=format]").await;
        browser.wait_text("#findings", "a").await;
        let text = browser.wait("#yaml").await.prop("value").await.unwrap().unwrap_or_default();
        assert_eq!(text, "a:\n  b: \"c\"\n");
        assert!(!browser.has("[data-editor=fold]:not([hidden])").await, "what needs a script is not there");
    })
    .await;
}
