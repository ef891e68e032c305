//! Journeys through the real program in a real browser.
//!
//! Each test has a portal, a driver and a browser of its own, two of them at most at the same time.
//! A test waits for conditions, never for a span of time. Pictures are left in `target/screenshots/`.

mod axe;
mod tools;
mod window;

mod account;
mod assist;
mod changes;
mod editor;
mod everywhere;
mod expect;
mod files;
mod findings;
mod gallery;
mod keyboard;
mod panels;
mod playground;
mod quiz;
mod reading;
mod replay;
mod requests;
mod rules;
mod share;
mod speed;

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::LocalSet};

use self::window::{Browser, Settings};
use super::program::Portal;

/// Browsers are heavy; more at once than cores only makes each slower.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Longer than any journey takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(4);

/// Walks a journey in a fresh browser against a fresh portal; where it fails, a picture of the page is left.
async fn walk<Walk>(name: &str, settings: Settings, journey: impl FnOnce(Browser) -> Walk) -> Arc<Portal>
where
    Walk: Future<Output = ()> + 'static,
{
    walk_at(Portal::start, name, settings, journey).await
}

/// The same at a portal that is started in another way.
async fn walk_at<Walk>(start: impl FnOnce() -> Portal, name: &str, settings: Settings, journey: impl FnOnce(Browser) -> Walk) -> Arc<Portal>
where
    Walk: Future<Output = ()> + 'static,
{
    let _turn = TURNS.acquire().await.expect("nobody closes the semaphore");
    let portal = Arc::new(start());
    let (browser, driver) = Browser::open(portal.clone(), settings).await;
    // As a task of its own, so that a failure is seen here and the browser is closed after it too.
    let walking = journey(browser.clone());
    let ended = LocalSet::new().run_until(async { tokio::time::timeout(PATIENCE, tokio::task::spawn_local(walking)).await }).await;
    if !matches!(ended, Ok(Ok(()))) {
        browser.tell_where_it_is(&format!("failed-{name}")).await;
    }
    browser.close().await;
    drop(driver);
    match ended {
        Ok(Ok(())) => portal,
        Ok(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Ok(Err(error)) => panic!("the journey was cut off: {error}"),
        Err(tokio::time::error::Elapsed { .. }) => panic!("the journey did not end in {} seconds", PATIENCE.as_secs()),
    }
}

/// Where pictures go.
fn pictures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screenshots")
}
