//! The examples of `content/rules/<CODE>.md`: the bad one raises its code and nothing else, the fixed one nothing.

use std::{collections::BTreeMap, fs, path::PathBuf};

use super::Cluster;

/// Every page's text by its code.
pub(super) fn all() -> BTreeMap<String, String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("content/rules");
    let pages = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    pages.map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap())).collect()
}

/// The blocks of a page under a mark, ```` ```yaml bad ````.
fn blocks<'a>(page: &'a str, mark: &str) -> Vec<&'a str> {
    let open = format!("```yaml {mark}\n");
    page.split(open.as_str()).skip(1).map(|rest| rest.split("\n```").next().unwrap_or(rest)).collect()
}

fn codes(yaml: &str, own: &str) -> Vec<&'static str> {
    let mut codes: Vec<&str> = Cluster::new(yaml).findings().iter().map(|finding| finding.code.id).filter(|id| *id == own || id.starts_with("IST")).collect();
    codes.dedup();
    codes
}

#[test]
fn bad_examples_raise_their_code_and_fixed_ones_nothing() {
    let mut wrong = Vec::new();
    for (code, page) in all() {
        let (bad, fixed) = (blocks(&page, "bad"), blocks(&page, "fixed"));
        if bad.is_empty() || fixed.is_empty() {
            wrong.push(format!("{code}: wants a bad and a fixed example"));
        }
        for yaml in bad {
            let found = codes(yaml, &code);
            if found != [code.as_str()] {
                wrong.push(format!("{code}: the bad example raises {found:?}"));
            }
        }
        for yaml in fixed {
            let found = codes(yaml, &code);
            if !found.is_empty() {
                wrong.push(format!("{code}: the fixed example raises {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
