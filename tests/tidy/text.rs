//! What stands in the files: sizes, openings, words and markup that do not belong.

use std::path::Path;

use super::{File, code, files, none, root, sources};

/// Lines of a source file without its tests.
const BUDGET: usize = 400;

/// Files over the budget, each with the reason why splitting would not help a reader.
const LONG: &[(&str, &str)] = &[];

#[test]
fn every_module_opens_with_its_purpose() {
    let mut all = files("src", &[".rs"]);
    for folder in ["tests", "benches", "fuzz"] {
        all.extend(files(folder, &[".rs"]));
    }
    let found: Vec<String> = all.into_iter().filter(|source| !source.text.starts_with("//! ")).map(|source| source.path).collect();
    none("A module opens with `//!`: its purpose, and what it must not know", &found);
}

#[test]
fn no_source_outgrows_its_budget() {
    let long = |source: &File| source.text.lines().count() > BUDGET && !LONG.iter().any(|(path, _)| *path == source.path);
    let found: Vec<String> = sources().into_iter().filter(long).map(|source| format!("{}: {} lines", source.path, source.text.lines().count())).collect();
    none("Split a file before it has 400 lines without its tests", &found);
    for (path, _) in LONG {
        let lines = super::file(&root().join(path)).text.lines().count();
        assert!(lines > BUDGET, "{path} has {lines} lines and needs no exception");
    }
}

#[test]
fn nothing_unwraps_outside_tests() {
    let found = lines(&sources(), |line| code(line).contains(".unwrap()"));
    none("Use `expect` with the invariant, or an error", &found);
}

#[test]
fn sql_stays_in_the_store() {
    let outside: Vec<File> = sources().into_iter().filter(|source| !source.path.starts_with("src/store/")).collect();
    none("Only src/store speaks SQL", &lines(&outside, |line| code(line).contains("sqlx")));
}

#[test]
fn no_promise_and_no_machine_is_written_down() {
    let mut all = files("src", &[""]);
    for folder in ["tests", "content", "templates", "static", "migrations", "scripts", ".ci", "benches", "fuzz", "docs"] {
        all.extend(files(folder, &[".rs", ".md", ".yaml", ".html", ".css", ".ts", ".mjs", ".sql", ".svg", ".toml", ".txt"]));
    }
    for name in [
        "scripts/fuzz",
        "scripts/test",
        "scripts/test-tools",
        ".ci/run",
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "Cargo.toml",
        "build.rs",
        "Dockerfile",
        "docker-compose.yml",
        "justfile",
    ] {
        all.push(super::file(&root().join(name)));
    }
    // Written in two pieces, so that this file does not find itself.
    let promises = [concat!("TO", "DO"), concat!("FIX", "ME")];
    // In Rust only comments promise anything: the checker of the content has to name what it looks for.
    let is_rust = |path: &str| Path::new(path).extension().is_some_and(|end| end == "rs");
    let told = |path: &str, line: &str| if is_rust(path) { line.split_once("//").map_or("", |(_, comment)| comment).to_owned() } else { line.to_owned() };
    let promise = |path: &str, line: &str| promises.iter().any(|word| told(path, line).contains(word));
    none("Do it, or write an issue", &lines_of(&all, promise));
    let machines = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    none("A path of one machine", &lines(&all, |line| machines.iter().any(|path| line.contains(path))));
}

/// The content security policy would refuse them, in the browser and without a word to the author.
#[test]
fn templates_hold_no_inline_script_or_style() {
    let mut all = files("templates", &[".html", ".svg"]);
    all.extend(files("content/diagrams", &[".svg"]));
    all.extend(files("static", &[".svg"]));
    let found = lines(&all, |line| {
        let line = line.to_ascii_lowercase();
        let handler = line.match_indices(" on").any(|(at, _)| {
            let rest = &line[at + 3..];
            rest.find('=').is_some_and(|end| end > 2 && rest[..end].chars().all(|c| c.is_ascii_lowercase()))
        });
        let script = line.match_indices("<script").any(|(at, _)| !line[at..].split('>').next().unwrap_or_default().contains(" src="));
        line.contains(" style=") || line.contains("<style") || line.contains("javascript:") || line.contains("hx-on") || handler || script
    });
    none("Put it into static/", &found);
}

/// `file:line: text` of every line that is not as it should be.
fn lines(files: &[File], wrong: impl Fn(&str) -> bool) -> Vec<String> {
    lines_of(files, |_, line| wrong(line))
}

/// The same where it matters which file the line is in.
fn lines_of(files: &[File], wrong: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let hits = file.text.lines().enumerate().filter(|(_, line)| wrong(&file.path, line));
        found.extend(hits.map(|(at, line)| format!("{}:{}: {}", file.path, at + 1, line.trim())));
    }
    found
}
