//! What there is to say of a configuration, on the page of the playground: reason, link, cure, hints.

use fantoccini::key::Key;

use super::{
    playground::paste,
    walk,
    window::{Browser, Settings},
};

/// Two labels that YAML reads as numbers: each can be mended for certain.
const NUMBERS: &str = "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  subsets:
  - name: v1
    labels: {version: 1}
  - name: v2
    labels: {version: 2}
";

/// Accepted, and of no effect: the gateway is not there, and its name is somebody's mischief.
const STRAY: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: stray, namespace: default}
spec:
  hosts: [shop.example.com]
  gateways: ['<img src=x onerror=\"window.struck=1\">']
  http:
  - route:
    - destination: {host: reviews}
";

async fn yaml_is(browser: &Browser, yaml: &str) {
    browser.until_script("document.querySelector('textarea[name=yaml]').value === arguments[0]", vec![yaml.into()]).await;
}

#[tokio::test]
async fn certain_fixes_are_one_edit_that_one_undo_takes_back() {
    walk("findings-fix", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, NUMBERS).await;
        browser.click(".request-send").await;
        browser.wait("[data-fix-all]").await;
        browser.script("document.querySelector('#findings').scrollIntoView({block: 'start', behavior: 'instant'})", Vec::new()).await;
        browser.picture("findings-fixes").await;

        let both = NUMBERS.replace("version: 1", "version: \"1\"").replace("version: 2", "version: \"2\"");
        // What is typed between the answer and the click moves the places; the fixes follow.
        let type_above = "const content = document.querySelector('.editor').shadowRoot.querySelector('.cm-content');
            content.focus();
            getSelection().collapse(content, 0);
            content.dispatchEvent(new KeyboardEvent('keydown', {key: 'Home', code: 'Home', keyCode: 36, ctrlKey: true, bubbles: true, cancelable: true}));
            const clipboardData = new DataTransfer();
            clipboardData.setData('text/plain', '# mine\\n');
            content.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));";
        browser.script(type_above, Vec::new()).await;
        yaml_is(&browser, &format!("# mine\n{NUMBERS}")).await;
        browser.click("[data-fix-all]").await;
        yaml_is(&browser, &format!("# mine\n{both}")).await;
        browser.wait_gone("[data-fix]").await;
        browser.wait_text("[data-status]", "2 fixes are in the text").await;
        assert!(browser.focus().await.starts_with("Findings"), "who pressed the button stays at the list");

        browser.script("document.querySelector('.editor').shadowRoot.querySelector('.cm-content').focus()", Vec::new()).await;
        browser.chord(Key::Control, 'z').await;
        yaml_is(&browser, &format!("# mine\n{NUMBERS}")).await;

        // By keyboard, one of them.
        browser.click(".request-send").await;
        browser.wait("[data-fix]").await;
        browser.script("document.querySelector('[data-fix]').focus()", Vec::new()).await;
        browser.type_keys(&String::from(char::from(Key::Enter))).await;
        yaml_is(&browser, &format!("# mine\n{}", NUMBERS.replace("version: 1", "version: \"1\""))).await;
    })
    .await;
}

#[tokio::test]
async fn a_finding_of_analyze_leads_to_its_line_and_its_page_and_hostile_names_stay_words() {
    walk("findings-analyze", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, STRAY).await;
        browser.click(".request-send").await;
        let finding = browser.wait_text(".finding", "IST0101").await;
        assert!(finding.contains("6:14") && finding.contains("onerror") && finding.contains("istioctl analyze"), "{finding}");
        assert!(finding.contains("the part that depends on the missing thing does not work"), "it says why it matters: {finding}");
        // The mark in the editor tells the same words on hover; the lint panel shows them at once.
        let panel = "const view = document.querySelector('.editor').shadowRoot;
            const content = view.querySelector('.cm-content');
            content.focus();
            content.dispatchEvent(new KeyboardEvent('keydown', {key: 'M', code: 'KeyM', keyCode: 77, ctrlKey: true, shiftKey: true, bubbles: true, cancelable: true}));";
        browser.until_script("document.querySelector('.editor').shadowRoot.querySelector('.cm-lintRange-error')", Vec::new()).await;
        browser.script(panel, Vec::new()).await;
        browser.until_script("document.querySelector('.editor').shadowRoot.querySelector('.cm-panel-lint a[href=\"/rules/IST0101\"]')", Vec::new()).await;
        browser.picture("findings-analyze").await;
        browser.until_script("window.struck === undefined && !document.querySelector('main img')", Vec::new()).await;

        browser.click(".finding a.place").await;
        browser.until_script("document.querySelector('.editor').shadowRoot.activeElement?.classList.contains('cm-content')", Vec::new()).await;
        browser.click(".finding-code[href='/rules/IST0101']").await;
        browser.wait_place("/rules/IST0101").await;
        browser.wait_text("h1", "IST0101").await;
    })
    .await;
}

#[tokio::test]
async fn hidden_hints_stay_hidden() {
    walk("findings-hints", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, &NUMBERS.replace("version: 1", "version: \"1\"").replace("version: 2", "version: \"2\"")).await;
        browser.click(".request-send").await;
        browser.wait_text(".finding", "MW0001").await;
        let marks = "document.querySelector('.editor').shadowRoot.querySelectorAll('.cm-lintRange').length";
        browser.until_script(&format!("{marks} > 0"), Vec::new()).await;
        browser.click("#hide-hints").await;
        browser.wait_text(".hints-hidden", "2 hints are hidden; there is nothing else to say").await;
        browser.until_script("![...document.querySelectorAll('.finding')].some(e => e.checkVisibility())", Vec::new()).await;
        browser.until_script(&format!("{marks} === 0"), Vec::new()).await;
        browser.script("document.querySelector('#findings').scrollIntoView({block: 'center', behavior: 'instant'})", Vec::new()).await;
        browser.picture("findings-hidden-hints").await;
        browser.script("scrollTo({top: 0, behavior: 'instant'})", Vec::new()).await;
        // Sending keeps the choice, and so does coming back another day.
        browser.click(".request-send").await;
        browser.wait_text(".hints-hidden", "2 hints are hidden").await;
        browser.goto("/about").await;
        browser.goto("/playground").await;
        browser.wait_text(".hints-hidden", "2 hints are hidden").await;
        browser.click("#hide-hints").await;
        browser.wait_text(".finding", "MW0001").await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_a_fix_is_a_page() {
    walk("findings-plain", Settings::PLAIN, async |browser: Browser| {
        browser.goto("/playground?example=header-match").await;
        browser.fill("#yaml", NUMBERS).await;
        browser.click(".request-send").await;
        browser.click("[data-fix-all]").await;
        browser.wait_gone("[data-fix]").await;
        let yaml = browser.wait("#yaml").await.prop("value").await.unwrap().unwrap();
        assert_eq!(yaml, NUMBERS.replace("version: 1", "version: \"1\"").replace("version: 2", "version: \"2\""));
        browser.click("#hide-hints").await;
        browser.wait_text(".hints-hidden", "hints are hidden").await;
        browser.click(".request-send").await;
        browser.wait_text(".hints-hidden", "hints are hidden").await;
    })
    .await;
}
