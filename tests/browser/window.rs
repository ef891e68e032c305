//! A browser at the portal: going somewhere, clicking, filling in, waiting, looking.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator, actions, elements::Element, error::CmdError, key::Key};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{pictures, tools};
use crate::program::Portal;

/// How long a condition may take to come true.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the browser is set up.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    /// Width and height of the page.
    pub size: (u32, u32),
    /// A telephone: touch, and the width is the screen's.
    pub phone: bool,
    /// Prefers dark pages.
    pub dark: bool,
    /// Runs scripts.
    pub scripts: bool,
}

impl Settings {
    /// A screen on a desk.
    pub const DESK: Self = Self { size: (1280, 900), phone: false, dark: false, scripts: true };
    /// The same in the dark.
    pub const DARK: Self = Self { dark: true, ..Self::DESK };
    /// A telephone held upright.
    pub const PHONE: Self = Self { size: (390, 844), phone: true, ..Self::DESK };
    /// Without JavaScript.
    pub const PLAIN: Self = Self { scripts: false, ..Self::DESK };

    fn capabilities(&self, profile: &TempDir) -> Value {
        let (width, height) = self.size;
        let mut arguments: Vec<String> = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-prefers-reduced-motion",
            "--force-color-profile=srgb",
        ]
        .map(str::to_owned)
        .into();
        arguments.push(format!("--window-size={width},{height}"));
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        // Blink counts dark as 0 and light as 1.
        arguments.push(format!("--blink-settings=preferredColorScheme={}", u8::from(!self.dark)));
        let mut options = json!({"binary": tools::chromium(), "args": arguments});
        if self.phone {
            options["mobileEmulation"] = json!({"deviceMetrics": {"width": width, "height": height, "pixelRatio": 2.0, "touch": true}});
        }
        if !self.scripts {
            options["prefs"] = json!({"profile.managed_default_content_settings.javascript": 2});
        }
        json!({"goog:chromeOptions": options})
    }
}

/// A browser and the portal that it looks at. Clones are the same window.
#[derive(Clone)]
pub(super) struct Browser {
    client: Client,
    portal: Arc<Portal>,
}

/// The driver's process and the browser's profile; both go when this is dropped.
pub(super) struct Driver {
    process: Child,
    _profile: TempDir,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Where it has ended already there is nothing left to stop.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Driver {
    /// Starts a driver on a free port. It asks for the same port on two addresses and ends when the second one is taken
    /// by then; so it gets a few tries.
    fn start(profile: TempDir) -> (Self, String) {
        let (process, port) = (0..5).find_map(|_| Self::try_start()).expect("the driver listens; run chromedriver by hand to see why it does not");
        (Self { process, _profile: profile }, format!("http://127.0.0.1:{port}"))
    }

    /// The process and its port; none where it ended before it listened.
    fn try_start() -> Option<(Child, u16)> {
        let mut process =
            Command::new(tools::chromedriver()).arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (lines, said) = mpsc::channel();
        let output = BufReader::new(process.stdout.take().expect("stdout is piped"));
        std::thread::spawn(move || output.lines().map_while(Result::ok).for_each(|line| drop(lines.send(line))));
        while let Ok(line) = said.recv_timeout(PATIENCE) {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                return Some((process, port.trim_end_matches('.').parse().expect("a port is a number")));
            }
        }
        // It has ended, or says nothing; either way it is of no use.
        drop(process.kill());
        drop(process.wait());
        None
    }
}

impl Browser {
    /// Opens a window; nothing is loaded yet.
    pub async fn open(portal: Arc<Portal>, settings: Settings) -> (Self, Driver) {
        let profile = tempfile::tempdir().unwrap();
        let capabilities = settings.capabilities(&profile);
        let (driver, url) = Driver::start(profile);
        let Value::Object(capabilities) = capabilities else { unreachable!("capabilities are an object") };
        let client = ClientBuilder::native().capabilities(capabilities).connect(&url).await.expect("the driver opens a browser");
        (Self { client, portal }, driver)
    }

    /// Ends the browser.
    pub async fn close(self) {
        // A browser that has crashed cannot be closed; its driver ends next.
        drop(self.client.close().await);
    }

    /// Host and port of the portal.
    pub fn portal_address(&self) -> String {
        self.portal.address().to_owned()
    }

    /// Opens a page of the portal.
    pub async fn goto(&self, path: &str) {
        self.client.goto(&self.portal.url(path)).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// Path, query and anchor of the page that is open.
    pub async fn place(&self) -> String {
        let url = self.client.current_url().await.unwrap().to_string();
        url.strip_prefix(&self.portal.url("")).unwrap_or(&url).to_owned()
    }

    /// The element, once it is there and can be seen.
    pub async fn wait(&self, css: &str) -> Element {
        self.until(&format!("{css} can be seen"), async || {
            let Ok(element) = self.client.find(Locator::Css(css)).await else { return Ok(None) };
            Ok(element.is_displayed().await?.then_some(element))
        })
        .await
    }

    /// Waits until an element contains the words, and returns its whole text.
    pub async fn wait_text(&self, css: &str, words: &str) -> String {
        self.until(&format!("{css} says {words:?}"), async || {
            for element in self.client.find_all(Locator::Css(css)).await? {
                let text = element.text().await?;
                if text.contains(words) {
                    return Ok(Some(text));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Waits until there is no such element.
    pub async fn wait_gone(&self, css: &str) {
        self.until(&format!("{css} is gone"), async || Ok(self.client.find_all(Locator::Css(css)).await?.is_empty().then_some(()))).await;
    }

    /// Waits until the address holds these words.
    pub async fn wait_place(&self, words: &str) {
        self.until(&format!("the address holds {words}"), async || Ok(self.place().await.contains(words).then_some(()))).await;
    }

    /// Asks until there is an answer. A page that is being replaced is asked again.
    async fn until<Answer>(&self, what: &str, ask: impl AsyncFn() -> Result<Option<Answer>, CmdError>) -> Answer {
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            let last = match ask().await {
                Ok(Some(answer)) => return answer,
                Ok(None) => String::new(),
                Err(error) => format!(" ({error})"),
            };
            assert!(std::time::Instant::now() < end, "waited in vain until {what}, at {}{last}", self.place().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until an expression in the page is true.
    pub async fn until_script(&self, expression: &str, arguments: Vec<Value>) {
        let script = format!("return Boolean({expression})");
        self.until(expression, async || Ok((self.client.execute(&script, arguments.clone()).await? == true).then_some(()))).await;
    }

    /// Whether there is such an element now.
    pub async fn has(&self, css: &str) -> bool {
        self.client.find(Locator::Css(css)).await.is_ok()
    }

    /// The texts of all such elements that can be seen.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.client.find_all(Locator::Css(css)).await.unwrap() {
            texts.push(element.text().await.unwrap());
        }
        texts
    }

    /// Clicks, once it can be seen.
    pub async fn click(&self, css: &str) {
        self.wait(css).await.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Clicks the link or button of that name.
    pub async fn press(&self, name: &str) {
        let quoted = format!("'{name}'");
        let path = format!("(//main | //header | //footer)//*[self::a or self::button or self::summary][normalize-space(.)={quoted} or @aria-label={quoted}]");
        let element = self
            .until(&format!("there is {quoted} to press"), async || {
                for element in self.client.find_all(Locator::XPath(&path)).await? {
                    if element.is_displayed().await? {
                        return Ok(Some(element));
                    }
                }
                Ok(None)
            })
            .await;
        element.click().await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Replaces what stands in a field.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.wait(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses an option of a list by its value.
    pub async fn choose(&self, css: &str, value: &str) {
        self.wait(css).await.select_by_value(value).await.unwrap_or_else(|error| panic!("{css} has no {value}: {error}"));
    }

    /// Chooses an option of a list by what it says.
    pub async fn choose_words(&self, css: &str, words: &str) {
        self.wait(css).await.select_by_label(words).await.unwrap_or_else(|error| panic!("{css} has no {words}: {error}"));
    }

    /// Types where the focus is; characters of the private use area are keys (`fantoccini::key::Key`).
    pub async fn type_keys(&self, keys: &str) {
        let typed: Vec<_> = keys.chars().flat_map(|value| [actions::KeyAction::Down { value }, actions::KeyAction::Up { value }]).collect();
        self.act(typed).await;
    }

    /// Types a key while another is held.
    pub async fn chord(&self, held: Key, key: char) {
        let held = char::from(held);
        let (down, up) = (|value| actions::KeyAction::Down { value }, |value| actions::KeyAction::Up { value });
        self.act(vec![down(held), down(key), up(key), up(held)]).await;
    }

    async fn act(&self, keys: Vec<actions::KeyAction>) {
        let sequence = keys.into_iter().fold(actions::KeyActions::new("keyboard".to_owned()), actions::InputSource::then);
        self.client.perform_actions(sequence).await.unwrap();
    }

    /// What a script in the page returns.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// What a script in the page calls back with; its last argument is the callback.
    pub async fn script_async(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The element that has the focus, as its first words.
    pub async fn focus(&self) -> String {
        let told = self
            .script("const e = document.activeElement; return (e.getAttribute('aria-label') || e.innerText || e.name || e.id || e.tagName).trim()", Vec::new())
            .await;
        told.as_str().unwrap_or_default().to_owned()
    }

    /// By how many pixels the page is wider than its window.
    pub async fn overflow(&self) -> i64 {
        let told = self.script("return document.documentElement.scrollWidth - window.innerWidth", Vec::new()).await;
        told.as_i64().expect("a width is a number")
    }

    /// The elements that reach farthest over the right edge, for whoever has to mend it.
    pub async fn widest(&self) -> Value {
        let script = "return [...document.querySelectorAll('body *')].map(e => [Math.round(e.getBoundingClientRect().right), e.tagName + '.' + e.className])
            .sort((a, b) => b[0] - a[0]).slice(0, 5)";
        self.script(script, Vec::new()).await
    }

    /// Leaves a picture of what can be seen.
    pub async fn picture(&self, name: &str) {
        let image = self.client.screenshot().await.unwrap();
        std::fs::create_dir_all(pictures()).unwrap();
        std::fs::write(pictures().join(format!("{name}.png")), image).unwrap();
    }

    /// For whoever reads why a journey failed.
    pub async fn tell_where_it_is(&self, name: &str) {
        if let (Ok(url), Ok(image)) = (self.client.current_url().await, self.client.screenshot().await) {
            println!("the browser was at {url}; target/screenshots/{name}.png shows what it saw");
            drop(std::fs::create_dir_all(pictures()));
            drop(std::fs::write(pictures().join(format!("{name}.png")), image));
        }
    }
}
