//! The playground: paste, faults, send, trace, graph, share, examples.

use fantoccini::key::Key;
use serde_json::json;

use super::{
    walk,
    window::{Browser, Settings},
};

/// Two rules: the reader jason goes to v2, everybody else to v1.
pub(super) const ROUTES: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - match:
    - headers: {end-user: {exact: jason}}
    route:
    - destination: {host: reviews, subset: v2}
  - route:
    - destination: {host: reviews, subset: v1}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
";

/// Two faults in one document, at lines that a test can name.
const FAULTY: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec:
  hosts: [reviews]
  http:
  - route:
    - destination: {hots: reviews}
      weight: ninety
";

/// Pastes over everything in the editor, as from the clipboard.
pub(super) async fn paste(browser: &Browser, yaml: &str) {
    browser.wait(".editor").await;
    let script = "const content = document.querySelector('.editor').shadowRoot.querySelector('.cm-content');
        content.focus();
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', arguments[0]);
        const all = new KeyboardEvent('keydown', {key: 'a', code: 'KeyA', keyCode: 65, ctrlKey: true, bubbles: true, cancelable: true});
        content.dispatchEvent(all);
        content.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));";
    browser.script(script, vec![json!(yaml)]).await;
    browser.until_script("document.querySelector('textarea[name=yaml]').value.trim() === arguments[0].trim()", vec![json!(yaml)]).await;
}

async fn request(browser: &Browser, from: &str, url: &str, headers: &str) {
    browser.choose("#from", from).await;
    browser.fill("#url", url).await;
    browser.fill("#headers", headers).await;
}

#[tokio::test]
async fn what_is_pasted_is_answered_with_every_reason() {
    walk("playground-send", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, ROUTES).await;
        request(&browser, "productpage-v1-a.default", "http://reviews:9080/reviews/0", "end-user: anna").await;
        browser.click(".request-send").await;
        browser.wait_text("#answer-text", "200 reviews/v1").await;
        let trace = browser.wait_text("#answer", "jason").await;
        assert!(trace.contains("Trace") && trace.contains("Graph"), "{trace}");
        browser.wait("#answer svg").await;
        // The README's picture is this one, copied to docs/ when the page has changed.
        browser.picture("screenshot").await;

        browser.fill("#headers", "end-user: jason").await;
        browser.chord(Key::Control, char::from(Key::Enter)).await;
        browser.wait_text("#answer-text", "200 reviews/v2").await;
    })
    .await;
}

#[tokio::test]
async fn faults_stand_at_their_line_and_column() {
    walk("playground-faults", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, FAULTY).await;
        browser.click(".request-send").await;
        browser.wait_text("#findings", "hots").await;
        let places = browser.texts("#findings a.place").await;
        assert!(places.iter().any(|place| place == "8:21") && places.iter().any(|place| place == "9:15"), "{places:?}");
        browser.picture("playground-pasted-faults").await;
    })
    .await;
}

#[tokio::test]
async fn a_share_link_carries_configuration_and_request() {
    walk("playground-share", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, ROUTES).await;
        request(&browser, "productpage-v1-a.default", "http://reviews:9080/reviews/0", "end-user: jason").await;
        browser.click("[data-share-menu] > summary").await;
        browser.click("[data-share]").await;
        browser.wait_place("#s=").await;
        let link = browser.place().await;
        // Somebody else: nothing of the first visit is left in the browser.
        browser.script("localStorage.clear()", Vec::new()).await;
        browser.goto("/about").await;
        browser.goto(&link).await;
        // The page comes with an example, whose answer may be the same; what the link carries is unpacked after that.
        browser.until_script("document.querySelector('textarea[name=yaml]').value === arguments[0]", vec![ROUTES.into()]).await;
        browser.until_script("document.querySelector('#headers').value === arguments[0]", vec!["end-user: jason".into()]).await;
        browser.wait_text("#answer-text", "200 reviews/v2").await;
    })
    .await;
}

#[tokio::test]
async fn an_example_comes_with_its_answer() {
    walk("playground-example", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        browser.click(".examples summary").await;
        browser.press("Shift traffic by weight, 90 to 10").await;
        browser.wait_text("#answer-text", "200 reviews/v1 90%, 200 reviews/v2 10%").await;
        assert_eq!(browser.texts(".distribution td.number").await, ["90 %", "10 %"]);
        browser.picture("playground-weights").await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_the_form_is_a_page() {
    walk("playground-plain", Settings::PLAIN, async |browser: Browser| {
        browser.goto("/playground?example=header-match").await;
        browser.wait_text("#answer-text", "200 reviews/v2").await;
        browser.fill("#headers", "end-user: anna").await;
        browser.click(".request-send").await;
        browser.wait_text("#answer-text", "200 reviews").await;
        browser.fill("#yaml", FAULTY).await;
        browser.click(".request-send").await;
        browser.wait_text("#findings", "hots").await;
        assert!(browser.texts("#findings a.place").await.iter().any(|place| place == "8:21"));
        browser.picture("playground-without-scripts").await;
    })
    .await;
}
