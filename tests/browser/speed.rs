//! How soon the editor says what it thinks: from a key to its letter on the screen, and to the marks that it causes.
//!
//! Measured by `just bench-playground` and never asserted: a clock on the wall says more of the machine than of the page.

use serde_json::json;

use super::{
    playground::paste,
    walk,
    window::{Browser, Settings},
};

const TWENTY: &str = include_str!("../../benches/engine/twenty.yaml");

/// A resource whose last line is where keys are typed: `hosts` is right, `hostsx` is not.
const LAST: &str = "---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: last}
spec:
  http: [{route: [{destination: {host: reviews}}]}]
  hosts";

/// Counts milliseconds from a key to the first change of the text, and to the next change of the marks.
const WATCH: &str = "
    const root = document.querySelector('.editor').shadowRoot;
    const marks = () => root.querySelectorAll('.cm-lintRange-error').length;
    window.measured = {letters: [], marks: [], longest: 0};
    let [pressed, isShown, before] = [0, true, marks()];
    root.addEventListener('keydown', () => { pressed = performance.now(); isShown = false; before = marks(); }, true);
    new MutationObserver(() => {
      const passed = performance.now() - pressed;
      if (!isShown) { isShown = true; window.measured.letters.push(passed); }
      if (pressed && marks() !== before) { pressed = 0; before = marks(); window.measured.marks.push(passed); }
    }).observe(root, {subtree: true, childList: true, characterData: true, attributes: true});
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) window.measured.longest = Math.max(window.measured.longest, task.duration);
    }).observe({type: 'longtask'});";

/// So many resources that the text has at least so many lines.
fn long(lines: usize) -> String {
    let resource = |number: usize| {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: route-{number}\n  namespace: default\nspec:\n  hosts:\n  \
             - host-{number}.example.com\n  http:\n  - match:\n    - uri:\n        prefix: /{number}\n    route:\n    - destination:\n        host: \
             reviews\n        port:\n          number: 9080\n---\n"
        )
    };
    (0..).map(resource).take(lines.div_ceil(18)).collect()
}

/// Goes to the end of the text.
async fn to_the_end(browser: &Browser) {
    let end = "const content = document.querySelector('.editor').shadowRoot.querySelector('.cm-content');
        content.focus();
        content.dispatchEvent(new KeyboardEvent('keydown', {key: 'End', code: 'End', keyCode: 35, ctrlKey: true, bubbles: true, cancelable: true}));";
    browser.script(end, Vec::new()).await;
}

/// Twenty times a wrong letter and the right text again, each time waiting for the marks.
async fn measure(browser: &Browser, what: &str, text: &str) {
    browser.goto("/playground").await;
    paste(browser, &format!("{text}{LAST}: [last.example.com]")).await;
    to_the_end(browser).await;
    browser.type_keys(&"\u{e012}".repeat(": [last.example.com]".len())).await;
    browser.until_script("!document.querySelector('.editor').shadowRoot.querySelector('.cm-lintRange-error')", Vec::new()).await;
    browser.script(WATCH, Vec::new()).await;
    for round in 1..=20 {
        for (key, done) in [("x", 2 * round - 1), ("\u{e003}", 2 * round)] {
            browser.type_keys(key).await;
            browser.until_script("window.measured.marks.length >= arguments[0]", vec![json!(done)]).await;
        }
    }
    let measured = browser.script("return window.measured", Vec::new()).await;
    let list = |name: &str| {
        let mut times: Vec<f64> = measured[name].as_array().unwrap().iter().filter_map(serde_json::Value::as_f64).collect();
        times.sort_by(f64::total_cmp);
        format!("{:>8.1} {:>8.1} {:>8.1}", times[0], times[times.len() / 2], times[times.len() * 19 / 20])
    };
    println!("{what:<44}{}", list("letters"));
    println!("{:<44}{}", "  and its marks", list("marks"));
    println!("{:<44}{:>8.1}", "  longest task of the page", measured["longest"].as_f64().unwrap());
}

#[tokio::test]
#[ignore = "it measures, and is run by `just bench-playground`"]
async fn from_a_key_to_its_marks() {
    walk("speed", Settings::DESK, async |browser: Browser| {
        println!("{:<44}{:>8} {:>8} {:>8}", "milliseconds", "least", "median", "p95");
        measure(&browser, "a letter, one resource", "").await;
        measure(&browser, "a letter, 20 resources", TWENTY).await;
        measure(&browser, "a letter, 2,000 lines", &long(2_000)).await;
    })
    .await;
}

#[tokio::test]
async fn two_thousand_lines_are_pasted_marked_and_sent() {
    walk("long-paste", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        let text = format!("{}{LAST}x: [last.example.com]", long(2_000));
        assert!(text.lines().count() >= 2_000);
        paste(&browser, &text).await;
        to_the_end(&browser).await;
        browser
            .until_script("document.querySelector('.editor').shadowRoot.querySelector('.cm-lintRange-error')?.textContent.startsWith('hostsx')", Vec::new())
            .await;
        // What is typed meanwhile arrives, and the mark goes once the text is right.
        browser.type_keys(&"\u{e012}".repeat(": [last.example.com]".len())).await;
        browser.type_keys("\u{e003}").await;
        browser.until_script("document.querySelector('textarea[name=yaml]').value.endsWith('hosts: [last.example.com]')", Vec::new()).await;
        browser.until_script("!document.querySelector('.editor').shadowRoot.querySelector('.cm-lintRange-error')", Vec::new()).await;
        browser.fill("#url", "http://reviews:9080/reviews/0").await;
        browser.click(".request-send").await;
        browser.wait_text("#answer-text", "200").await;
    })
    .await;
}
