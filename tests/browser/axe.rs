//! Accessibility: axe looks at the page as it stands.

use std::{path::Path, sync::LazyLock};

use serde_json::{Value, json};

use super::window::Browser;

/// axe-core, from the packages that the build has installed, or those of a front-end developer.
static AXE: LazyLock<String> = LazyLock::new(|| {
    let places = [Path::new(env!("OUT_DIR")).join("ui/node_modules"), Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules")];
    let found = places.iter().find_map(|place| std::fs::read_to_string(place.join("axe-core/axe.min.js")).ok());
    found.expect("axe-core comes with the build's npm packages; where UI_DIST replaces them, run `npm ci` in the repository")
});

/// Fails with everything serious or critical on the page that is open.
pub(super) async fn finds_nothing_serious(browser: &Browser) {
    let place = browser.place().await;
    browser.script(&AXE, Vec::new()).await;
    let script = "const done = arguments[arguments.length - 1]; axe.run(document, {resultTypes: ['violations']}).then(done, e => done({error: String(e)}))";
    let result = browser.script_async(script).await;
    assert_eq!(result["error"], Value::Null, "axe cannot look at {place}");
    assert!(result["passes"].as_array().is_some_and(|passes| !passes.is_empty()), "axe has looked at nothing on {place}");
    let serious: Vec<Value> =
        result["violations"].as_array().unwrap().iter().filter(|v| matches!(v["impact"].as_str(), Some("serious" | "critical"))).map(told).collect();
    assert!(serious.is_empty(), "axe on {place}: {}", serde_json::to_string_pretty(&serious).unwrap());
}

/// The rule and the places that break it.
fn told(violation: &Value) -> Value {
    let nodes: Vec<Value> = violation["nodes"].as_array().unwrap().iter().map(|node| json!({"html": node["html"], "why": node["failureSummary"]})).collect();
    json!({"rule": violation["id"], "impact": violation["impact"], "nodes": nodes})
}
