//! Help while somebody writes: completion and explanations in the playground's editor, by keyboard.

use fantoccini::key::Key;

use super::{
    axe,
    playground::paste,
    walk,
    window::{Browser, Settings},
};

const ROUTE: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - route:
    - destination:
        ";

/// Names that would be somebody's mischief, in what can be accepted.
const HOSTILE: &str = "apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: a, namespace: default}
spec: {jwtRules: [{issuer: '<img src=x onerror=\"window.struck=1\">', jwksUri: 'https://a.example/keys'}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: b, namespace: default}
spec: {hosts: [b.example], http: [{route: [{destination: {host: '<img src=x onerror=\"window.struck=1\">'}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: c, namespace: default}
spec:
  rules:
  - from:
    - source:
        requestPrincipals: [";

/// The editor's inside.
const ROOT: &str = "document.querySelector('.editor').shadowRoot";

async fn until(browser: &Browser, expression: &str) {
    browser.until_script(&expression.replace("ROOT", ROOT), Vec::new()).await;
}

/// Waits until something is offered, and long enough on the screen for the editor to take Enter as meant for it.
async fn offered(browser: &Browser, label: &str) {
    let list = format!("[...ROOT.querySelectorAll('.cm-completionLabel')].some(e => e.textContent === {label:?})");
    until(browser, &list).await;
    browser.script("window.seen = performance.now()", Vec::new()).await;
    until(browser, &format!("{list} && performance.now() - window.seen > 250")).await;
}

async fn text_ends(browser: &Browser, end: &str) {
    browser.until_script("document.querySelector('textarea[name=yaml]').value.endsWith(arguments[0])", vec![end.into()]).await;
}

async fn at_the_end(browser: &Browser, text: &str) {
    browser.goto("/playground").await;
    paste(browser, text).await;
    browser.chord(Key::Control, char::from(Key::End)).await;
}

#[tokio::test]
async fn fields_and_names_are_offered_and_taken_by_keyboard() {
    walk("assist-complete", Settings::DESK, async |browser: Browser| {
        at_the_end(&browser, ROUTE).await;
        browser.type_keys("ho").await;
        offered(&browser, "host").await;
        browser.type_keys(&char::from(Key::Enter).to_string()).await;
        text_ends(&browser, "host: ").await;
        // The field's value is asked for by itself.
        offered(&browser, "reviews.default.svc.cluster.local").await;
        browser.picture("assist-completion").await;
        browser.type_keys("rev").await;
        offered(&browser, "reviews").await;
        browser.type_keys(&char::from(Key::Enter).to_string()).await;
        text_ends(&browser, "host: reviews").await;

        browser.chord(Key::Control, 'i').await;
        until(&browser, "ROOT.querySelector('.cm-explained')?.textContent.includes('3 endpoints')").await;
        browser.picture("assist-explanation").await;
        axe::finds_nothing_serious(&browser).await;
        browser.type_keys(&char::from(Key::Escape).to_string()).await;
        until(&browser, "!ROOT.querySelector('.cm-explained')").await;

        // By hand, on an empty line.
        browser.type_keys(&format!("{}", char::from(Key::Enter))).await;
        browser.chord(Key::Control, ' ').await;
        offered(&browser, "subset").await;
    })
    .await;
}

#[tokio::test]
async fn hostile_names_stay_words() {
    walk("assist-hostile", Settings::DESK, async |browser: Browser| {
        at_the_end(&browser, HOSTILE).await;
        browser.chord(Key::Control, ' ').await;
        until(&browser, "[...ROOT.querySelectorAll('.cm-completionLabel')].some(e => e.textContent.includes('onerror'))").await;
        browser.picture("assist-hostile").await;
        browser.type_keys(&char::from(Key::Escape).to_string()).await;
        // The cursor goes to the host of the route: nine lines up, and a little to the left of the brackets behind it.
        let keys = [vec![Key::Up; 9], vec![Key::End], vec![Key::Left; 12]].concat();
        browser.type_keys(&keys.into_iter().map(char::from).collect::<String>()).await;
        browser.chord(Key::Control, 'i').await;
        until(&browser, "ROOT.querySelector('.cm-explained-note')?.textContent.includes('onerror')").await;
        until(&browser, "window.struck === undefined && !ROOT.querySelector('img') && !document.querySelector('main img')").await;
    })
    .await;
}

#[tokio::test]
async fn help_fits_a_telephone() {
    walk("assist-phone", Settings::PHONE, async |browser: Browser| {
        browser.goto("/playground").await;
        browser.script("document.querySelector('.views [value=yaml]').click()", Vec::new()).await;
        paste(&browser, ROUTE).await;
        browser.chord(Key::Control, char::from(Key::End)).await;
        browser.type_keys("ho").await;
        offered(&browser, "host").await;
        let over = browser.overflow().await;
        assert!(over <= 0, "{over} pixels too wide: {:?}", browser.widest().await);
        browser.picture("assist-phone").await;
    })
    .await;
}
