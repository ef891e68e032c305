//! The programs that the browser tests need, or what to do about it.

use std::path::PathBuf;

/// The browser.
pub(super) fn chromium() -> PathBuf {
    find("MESHWRIGHT_CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])
}

/// Its driver.
pub(super) fn chromedriver() -> PathBuf {
    find("MESHWRIGHT_CHROMEDRIVER", &["chromedriver"])
}

fn find(variable: &str, names: &[&str]) -> PathBuf {
    if let Some(named) = std::env::var_os(variable) {
        let named = PathBuf::from(named);
        assert!(named.is_file(), "{variable} names {}, which is not there", named.display());
        return named;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = names.iter().flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)));
    places.find(|place| place.is_file()).unwrap_or_else(|| {
        panic!(
            "this test needs {} and found none on PATH. Run scripts/test, which installs Debian's chromium and chromium-driver, or name the program in {variable}",
            names.join(" or ")
        )
    })
}
