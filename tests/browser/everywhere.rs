//! What must hold on every page: legible for everybody, no wider than a telephone, complete in the dark.

use super::{
    account, axe, walk,
    window::{Browser, Settings},
};

/// Every kind of page, by the name of its picture. Those behind an account come last.
const PAGES: &[(&str, &str)] = &[
    ("home", "/"),
    ("contents", "/course"),
    ("chapter-mesh", "/course/mesh"),
    ("chapter-installing", "/course/installing"),
    ("chapter-routing", "/course/routing"),
    ("chapter-resilience", "/course/resilience"),
    ("chapter-authorization", "/course/authorization"),
    ("chapter-troubleshooting", "/course/troubleshooting"),
    ("about", "/about"),
    ("playground", "/playground?example=header-match"),
    ("playground-faults", "/playground?example=broken"),
    ("playground-rule", "/playground?rule=IST0101/1"),
    ("playground-twin", "/playground?example=weights&api=gateway"),
    ("playground-world", "/playground?world=shop"),
    ("examples", "/playground/examples"),
    ("snapshots", "/playground/snapshots"),
    ("snapshot-gone", "/playground/s/gone"),
    ("embed", "/playground/embed?example=header-match"),
    ("rules", "/rules"),
    ("rule", "/rules/IST0101"),
    ("rule-missing", "/rules/IST0100"),
    ("quiz-list", "/quiz"),
    ("quiz-start", "/quiz/routing"),
    ("progress-empty", "/progress"),
    ("sign-in", "/account/sign-in"),
    ("sign-up", "/account/sign-up"),
    ("not-found", "/nowhere"),
];

const PAGES_OF_AN_ACCOUNT: &[(&str, &str)] =
    &[("progress", "/progress"), ("account", "/account"), ("password", "/account/password"), ("delete", "/account/delete")];

/// Looks at every page, the last ones signed in.
async fn visit(browser: &Browser, suffix: &str, look: impl AsyncFn(&str)) {
    let open = async |(name, path): &(&str, &str)| {
        browser.goto(path).await;
        browser.wait("h1").await;
        browser.picture(&format!("{name}{suffix}")).await;
        look(path).await;
    };
    for page in PAGES {
        open(page).await;
    }
    account::sign_up(browser, "ada", "a rather long one").await;
    for page in PAGES_OF_AN_ACCOUNT {
        open(page).await;
    }
}

#[tokio::test]
async fn axe_finds_nothing_serious_on_any_page() {
    walk("axe-light", Settings::DESK, async |browser: Browser| {
        visit(&browser, "", async |_| axe::finds_nothing_serious(&browser).await).await;
    })
    .await;
}

#[tokio::test]
async fn axe_finds_nothing_serious_in_the_dark() {
    walk("axe-dark", Settings::DARK, async |browser: Browser| {
        let dark = browser.script("return matchMedia('(prefers-color-scheme: dark)').matches", Vec::new()).await;
        assert_eq!(dark, true, "the browser prefers dark pages");
        visit(&browser, "-dark", async |_| axe::finds_nothing_serious(&browser).await).await;
    })
    .await;
}

#[tokio::test]
async fn no_page_is_wider_than_a_telephone() {
    walk("phone", Settings::PHONE, async |browser: Browser| {
        visit(&browser, "-phone", async |path| {
            let over = browser.overflow().await;
            assert!(over <= 0, "{path} is {over} pixels wider than the telephone: {:?}", browser.widest().await);
            axe::finds_nothing_serious(&browser).await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_theme_switch_is_remembered() {
    walk("theme", Settings::DESK, async |browser: Browser| {
        let theme = async || browser.script("return document.documentElement.dataset.theme ?? 'system'", Vec::new()).await;
        browser.goto("/").await;
        browser.wait("[data-theme-switch]").await;
        assert_eq!(theme().await, "system");
        browser.click("[data-theme-switch]").await;
        browser.click("[data-theme-switch]").await;
        assert_eq!(theme().await, "dark");
        browser.goto("/about").await;
        assert_eq!(theme().await, "dark");
        browser.wait_text("[data-theme-name]", "dark").await;
    })
    .await;
}
