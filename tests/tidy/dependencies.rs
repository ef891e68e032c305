//! What is built on: every direct dependency is explained, every licence is one that this project can keep.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

use super::{file, none, root};

/// Licences that may stand alone.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages under another licence, each with the reason why that is all right.
const EXCEPTIONS: &[(&str, &str, &str)] =
    &[("axe-core", "MPL-2.0", "runs in the browser tests only and is never shipped"), ("htmx.org", "BSD-0-Clause", "an older name of 0BSD")];

/// Licences of crates that run in tests only: they bind changes to those crates, and nothing of them is shipped.
const ALLOWED_IN_TESTS: &[&str] = &["MPL-2.0"];

fn cargo_metadata(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO")).args(["metadata", "--format-version", "1", "--locked"]).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn npm_lock() -> Value {
    serde_json::from_str(&file(&root().join("package-lock.json")).text).unwrap()
}

#[test]
fn every_direct_dependency_has_its_line() {
    let metadata = cargo_metadata(&["--no-deps"]);
    let mut used: BTreeSet<String> =
        metadata["packages"][0]["dependencies"].as_array().unwrap().iter().map(|d| d["name"].as_str().unwrap().to_owned()).collect();
    used.extend(npm_lock()["packages"][""]["devDependencies"].as_object().unwrap().keys().cloned());
    let architecture = file(&root().join("ARCHITECTURE.md")).text;
    let (_, table) = architecture.split_once("\n## Dependencies\n").expect("ARCHITECTURE.md has a chapter on dependencies");
    let table = table.split("\n## ").next().unwrap_or_default();
    // A line names one package or several that belong together, in its first cell.
    let first_cells = table.lines().filter_map(|line| line.strip_prefix("| `")).map(|line| line.split(" |").next().unwrap_or_default());
    let told: BTreeSet<String> = first_cells.flat_map(|cell| cell.split("`, `")).map(|name| name.trim_end_matches('`').to_owned()).collect();
    none("ARCHITECTURE.md, chapter Dependencies, does not say why this is here", &used.difference(&told).cloned().collect::<Vec<_>>());
    none("ARCHITECTURE.md, chapter Dependencies, explains what is not used", &told.difference(&used).cloned().collect::<Vec<_>>());
}

#[test]
fn every_licence_can_be_kept() {
    let metadata = cargo_metadata(&["--filter-platform", &host()]);
    let shipped = shipped(&metadata);
    let mut found = Vec::new();
    let mut seen = 0;
    for package in metadata["packages"].as_array().unwrap() {
        seen += 1;
        let licence = package["license"].as_str().unwrap_or("none");
        if shipped.contains(package["id"].as_str().unwrap()) || !ALLOWED_IN_TESTS.contains(&licence) {
            check(package["name"].as_str().unwrap(), licence, &mut found);
        }
    }
    assert!(shipped.len() > 50 && shipped.len() < seen, "{} of {seen} crates are shipped?", shipped.len());
    for (path, package) in npm_lock()["packages"].as_object().unwrap().iter().filter(|(path, _)| !path.is_empty()) {
        seen += 1;
        check(path.trim_start_matches("node_modules/"), package["license"].as_str().unwrap_or("none"), &mut found);
    }
    assert!(seen > 100, "only {seen} packages were looked at");
    none("A licence that is not on the list of tests/tidy/dependencies.rs", &found);
}

/// The crates that the program is built from: everything that our package reaches without its dev-dependencies.
fn shipped(metadata: &Value) -> BTreeSet<&str> {
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let mut reached = BTreeSet::new();
    let mut open = vec![metadata["resolve"]["root"].as_str().unwrap()];
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            let node = nodes.iter().find(|node| node["id"] == id).unwrap();
            let used = |dependency: &&Value| dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"] != "dev");
            open.extend(node["deps"].as_array().unwrap().iter().filter(used).map(|dependency| dependency["pkg"].as_str().unwrap()));
        }
    }
    reached
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    told.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host").to_owned()
}

fn check(package: &str, licence: &str, found: &mut Vec<String>) {
    if !allows(licence) && !EXCEPTIONS.iter().any(|(name, exact, _)| *name == package && *exact == licence) {
        found.push(format!("{package}: {licence}"));
    }
}

/// Whether an SPDX expression can be met by allowed licences alone. `/` is how older packages write OR.
fn allows(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ").replace(" WITH ", "\u{a0}WITH\u{a0}");
    let words: Vec<String> = spaced.split(' ').filter(|word| !word.is_empty()).map(|word| word.replace('\u{a0}', " ")).collect();
    let mut rest = words.as_slice();
    any(&mut rest) && rest.is_empty()
}

fn any(rest: &mut &[String]) -> bool {
    let mut met = every(rest);
    while rest.first().is_some_and(|word| word == "OR") {
        *rest = &rest[1..];
        met |= every(rest);
    }
    met
}

fn every(rest: &mut &[String]) -> bool {
    let mut met = one(rest);
    while rest.first().is_some_and(|word| word == "AND") {
        *rest = &rest[1..];
        met &= one(rest);
    }
    met
}

fn one(rest: &mut &[String]) -> bool {
    let Some((word, behind)) = rest.split_first() else { return false };
    *rest = behind;
    if word != "(" {
        return ALLOWED.contains(&word.as_str());
    }
    let met = any(rest);
    *rest = rest.split_first().map_or(&[][..], |(_, behind)| behind);
    met
}

#[test]
fn licence_expressions_are_read() {
    for expression in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR GPL-2.0) AND Unicode-3.0", "Apache-2.0 WITH LLVM-exception OR GPL-2.0"] {
        assert!(allows(expression), "{expression}");
    }
    for expression in ["GPL-3.0", "MIT AND GPL-3.0", "(GPL-3.0 OR LGPL-3.0) AND MIT", "none", "", "GPL-3.0 WITH LLVM-exception"] {
        assert!(!allows(expression), "{expression}");
    }
}
