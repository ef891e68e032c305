//! What `kubectl apply` would say, kind by kind.
//!
//! A case is YAML whose guilty lines end with `# error: WORDS` or `# warning: WORDS`: exactly these lines must be found guilty,
//! of messages that hold the words. Several on one line are parted by ` & `.

mod alone;
mod documents;
mod extension;
mod gateway_api;
mod kubernetes;
mod networking;
mod operator;
mod security;
mod traffic;
mod virtual_service;

use std::collections::BTreeMap;

use meshwright::engine::{
    diagnostic::{Diagnostic, Level},
    manifest,
    source::SourceFile,
    validate::{Verdict, validate},
};

/// The verdicts on a text.
fn verdicts(yaml: &str) -> Vec<Verdict> {
    validate(&manifest::read(&SourceFile::new("test.yaml", yaml)))
}

fn found(yaml: &str, level: Level) -> BTreeMap<usize, Vec<Diagnostic>> {
    let mut out: BTreeMap<usize, Vec<Diagnostic>> = BTreeMap::new();
    for diagnostic in verdicts(yaml).into_iter().flat_map(|verdict| verdict.diagnostics).filter(|d| d.level == level) {
        out.entry(diagnostic.position().line).or_default().push(diagnostic);
    }
    out
}

/// Holds a case against its own remarks.
fn check(yaml: &str) {
    for (level, mark) in [(Level::Error, "# error: "), (Level::Warning, "# warning: ")] {
        let mut found = found(yaml, level);
        for (at, line) in yaml.lines().enumerate() {
            let Some((_, words)) = line.split_once(mark) else { continue };
            let here = found.remove(&(at + 1)).unwrap_or_default();
            let messages: Vec<&str> = here.iter().map(|d| d.message.as_str()).collect();
            let words: Vec<&str> = words.trim().split(" & ").collect();
            assert_eq!(messages.len(), words.len(), "line {} of\n{yaml}\nwanted {words:?}, found {messages:#?}", at + 1);
            for word in words {
                assert!(messages.iter().any(|message| message.contains(word)), "line {} of\n{yaml}\nwanted {word:?}, found {messages:#?}", at + 1);
            }
        }
        let rest: Vec<(usize, &str)> = found.iter().flat_map(|(line, all)| all.iter().map(|d| (*line, d.message.as_str()))).collect();
        assert!(rest.is_empty(), "{level}s that\n{yaml}\ndoes not expect: {rest:#?}");
    }
}

/// The spec of an object, in place of a whole one. A remark that it starts with belongs to the line of `spec:`.
fn check_spec(api_version: &str, kind: &str, spec: &str) {
    let (remark, spec) = if spec.starts_with('#') { spec.split_once('\n').unwrap_or((spec, "")) } else { ("", spec) };
    check(&format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x, namespace: shop}}\nspec: {remark}\n{spec}"));
}
