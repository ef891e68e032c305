//! The house rules that a compiler cannot see.
//!
//! A rule that catches somebody says what to do instead; an exception is listed beside its rule, with the reason.

mod arrows;
mod dependencies;
mod text;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository as text.
struct File {
    /// Relative to the repository, with slashes.
    path: String,
    text: String,
}

/// All files under `folder` whose name ends as said, in the order of their paths.
fn files(folder: &str, ends: &[&str]) -> Vec<File> {
    let mut paths = Vec::new();
    collect(&root().join(folder), &mut paths);
    paths.sort();
    let wanted = |path: &PathBuf| ends.iter().any(|end| path.to_string_lossy().ends_with(end));
    paths.into_iter().filter(wanted).map(|path| file(&path)).collect()
}

fn file(path: &Path) -> File {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    File { path: path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/"), text }
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else {
            into.push(path);
        }
    }
}

/// The program's own sources: no tests, neither whole files nor `#[cfg(test)]` modules, which stand last.
fn sources() -> Vec<File> {
    let mut sources = files("src", &[".rs"]);
    sources.retain(|source| !source.path.ends_with("/tests.rs") && !source.path.contains("/tests/"));
    for source in &mut sources {
        if let Some(at) = source.text.find("#[cfg(test)]\nmod ") {
            source.text.truncate(at);
        }
    }
    assert!(sources.len() > 50, "the sources are not where this test looks for them");
    sources
}

/// A line without its comment. A `//` inside a string ends it early, which hides nothing that the rules look for.
fn code(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

/// Fails with everything that was found, not only the first.
fn none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}
