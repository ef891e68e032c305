//! Who may know whom: the direction of every `crate::` and `super::` path.

use super::{code, none, sources};

/// A part of the house and the parts that it may know. Paths below a part belong to it unless they are listed themselves.
const PARTS: &[(&str, &[&str])] = &[
    ("engine::source", &[]),
    ("engine::address", &[]),
    ("engine::duration", &[]),
    ("engine::index", &[]),
    ("engine::side_by_side", &[]),
    ("engine::re2", &[]),
    ("engine::diagnostic", &["engine::source"]),
    ("engine::manifest", &["engine::source", "engine::diagnostic", "engine::side_by_side"]),
    ("engine::resource", &["engine::source", "engine::diagnostic", "engine::manifest", "engine::duration", "engine::side_by_side"]),
    (
        "engine::validate",
        &["engine::source", "engine::diagnostic", "engine::manifest", "engine::resource", "engine::duration", "engine::re2", "engine::side_by_side"],
    ),
    ("engine::cluster", &["engine::source", "engine::diagnostic", "engine::manifest", "engine::resource", "engine::duration", "engine::index"]),
    (
        "engine::analyze",
        &[
            "engine::source",
            "engine::diagnostic",
            "engine::manifest",
            "engine::resource",
            "engine::validate",
            "engine::cluster",
            "engine::address",
            "engine::duration",
            "engine::index",
            "engine::side_by_side",
        ],
    ),
    ("engine::assist", &["engine::source", "engine::manifest", "engine::resource", "engine::validate", "engine::cluster"]),
    ("engine::xds", &["engine::source", "engine::duration"]),
    ("engine::ztunnel", &["engine::source"]),
    (
        "engine::istiod",
        &[
            "engine::source",
            "engine::diagnostic",
            "engine::manifest",
            "engine::resource",
            "engine::address",
            "engine::duration",
            "engine::index",
            "engine::side_by_side",
            "engine::cluster",
            "engine::xds",
            "engine::ztunnel",
        ],
    ),
    ("engine::envoy", &["engine::xds", "engine::address", "engine::duration", "engine::re2"]),
    ("engine", &["engine"]),
    ("course", &["engine"]),
    ("learning", &["engine", "course"]),
    ("team", &["engine", "course"]),
    ("store", &["engine", "course", "learning", "team"]),
    ("replay", &["engine"]),
    ("config", &[]),
    ("telemetry", &["config"]),
    ("web", &["engine", "course", "learning", "team", "store", "replay", "config"]),
    ("cli", &["engine", "course", "learning", "team", "store", "replay", "config", "telemetry", "web"]),
];

/// Folders of `web` that hold pages or the API. They know what all pages share, never each other.
const AREAS: &[&str] = &["study", "quiz", "progress", "playground", "rules", "labs", "exam", "live", "cohort", "account", "api"];

/// Of `web`, what puts the areas together.
const JOINTS: &[&str] = &["web", "web::router"];

#[test]
fn no_arrow_turns_back() {
    let mut found = Vec::new();
    for source in sources() {
        let module = module(&source.path);
        for (line, path) in paths(&source.text, &module) {
            if let Some(why) = wrong(&module, &path) {
                found.push(format!("{}:{line}: {} names {}: {why}", source.path, module.join("::"), path.join("::")));
            }
        }
    }
    none("The parts know each other in one direction (ARCHITECTURE.md)", &found);
}

fn wrong(module: &[String], path: &[String]) -> Option<String> {
    let (from, to) = (part(module)?, part(path)?);
    let (name, knows) = PARTS[from];
    let inside = PARTS[to].0.starts_with(&format!("{name}::"));
    if from != to && !inside && !knows.iter().any(|known| *known == PARTS[to].0 || PARTS[to].0.starts_with(&format!("{known}::"))) {
        return Some(format!("{name} may know {}", if knows.is_empty() { "nobody".to_owned() } else { knows.join(", ") }));
    }
    let area = |path: &[String]| path.get(1).filter(|name| path[0] == "web" && AREAS.contains(&name.as_str())).cloned();
    match (area(module), area(path)) {
        (Some(own), Some(other)) if own != other => Some("areas of web do not know each other".to_owned()),
        (None, Some(_)) if module[0] == "web" && !JOINTS.contains(&module.join("::").as_str()) => Some("only the router knows the areas".to_owned()),
        _ => None,
    }
}

/// The most exact part that a path lies in; none for items of the crate's root.
fn part(path: &[String]) -> Option<usize> {
    let whole = path.join("::");
    let inside = |name: &str| whole == name || whole.starts_with(&format!("{name}::"));
    (0..PARTS.len()).filter(|at| inside(PARTS[*at].0)).max_by_key(|at| PARTS[*at].0.len())
}

/// `src/engine/mesh/mod.rs` as engine, mesh.
fn module(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inner.split('/').filter(|part| !matches!(*part, "lib" | "main")).map(str::to_owned).collect()
}

/// Every path that starts at the crate or above the module, with its line.
fn paths(text: &str, module: &[String]) -> Vec<(usize, Vec<String>)> {
    let stripped: Vec<&str> = text.lines().map(code).collect();
    let text = stripped.join("\n");
    let mut found = Vec::new();
    for root in ["crate::", "super::"] {
        for (at, _) in text.match_indices(root) {
            let before = text[..at].chars().next_back().unwrap_or(' ');
            // `super::super::` is read from its first word; `pub(in crate::…)` and names that end in the word are not paths.
            if text[..at].ends_with("(in ") || before == ':' || before == '_' || before.is_alphanumeric() {
                continue;
            }
            let line = text[..at].matches('\n').count() + 1;
            let mut leaves = Vec::new();
            tree(&text[at..], &mut Vec::new(), &mut leaves);
            found.extend(leaves.into_iter().filter_map(|leaf| Some((line, resolve(leaf, module)?))));
        }
    }
    found
}

/// Reads a path or a `use` tree into its leaves and returns what follows it.
fn tree<'a>(mut text: &'a str, prefix: &mut Vec<String>, leaves: &mut Vec<Vec<String>>) -> &'a str {
    let depth = prefix.len();
    loop {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        if end > 0 {
            prefix.push(text[..end].to_owned());
        }
        text = &text[end..];
        let Some(rest) = text.strip_prefix("::") else { break };
        text = rest;
        if let Some(group) = text.strip_prefix('{') {
            text = group.trim_start();
            while !text.is_empty() && !text.starts_with('}') {
                text = tree(text, prefix, leaves).trim_start();
                // An alias, then the comma.
                let next = text.find([',', '}']).unwrap_or(text.len());
                text = text[next..].strip_prefix(',').unwrap_or(&text[next..]).trim_start();
            }
            prefix.truncate(depth);
            return text.strip_prefix('}').unwrap_or(text);
        }
    }
    leaves.push(prefix.clone());
    prefix.truncate(depth);
    text
}

/// A path from the crate's root on; none where `super` leads out of a module that stands inside a file.
fn resolve(path: Vec<String>, module: &[String]) -> Option<Vec<String>> {
    let mut base = if path[0] == "crate" { Vec::new() } else { module.to_vec() };
    let mut rest = path.into_iter().skip_while(|part| part == "crate").peekable();
    while rest.next_if(|part| part == "super").is_some() {
        base.pop()?;
    }
    base.extend(rest);
    Some(base)
}

#[test]
fn grouped_and_relative_paths_are_read() {
    let module = module("src/engine/mesh/send.rs");
    let text = "use crate::{course::Course, engine::{envoy::{self, Call}, xds}}; // crate::cli\nfn f(_: super::Scene, _: super::super::istiod::Proxy) {}";
    let read: Vec<String> = paths(text, &module).into_iter().map(|(line, path)| format!("{line} {}", path.join("::"))).collect();
    assert_eq!(
        read,
        ["1 course::Course", "1 engine::envoy::self", "1 engine::envoy::Call", "1 engine::xds", "2 engine::mesh::Scene", "2 engine::istiod::Proxy"]
    );
}

#[test]
fn wrong_arrows_are_wrong() {
    let says = |from: &str, to: &str| wrong(&module(from), &to.split("::").map(str::to_owned).collect::<Vec<_>>()).is_some();
    assert!(says("src/engine/envoy/mod.rs", "engine::istiod::Proxy"));
    assert!(says("src/engine/source/mod.rs", "engine::manifest"));
    assert!(says("src/engine/mesh/mod.rs", "course::Course"));
    assert!(says("src/store/mod.rs", "web::Error"));
    assert!(says("src/web/study/home.rs", "web::account::sign_in"));
    assert!(says("src/web/page.rs", "web::study::home"));
    assert!(!says("src/web/router.rs", "web::study::home"));
    assert!(!says("src/web/study/home.rs", "web::page::Chrome"));
    assert!(!says("src/engine/mesh/mod.rs", "engine::istiod::Proxy"));
    assert!(!says("src/engine/envoy/http/mod.rs", "engine::envoy::Call"));
}
