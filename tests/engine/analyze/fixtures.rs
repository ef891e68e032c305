//! `tests/fixtures/analyze/<CODE>/<case>.yaml`: small clusters that hold guilty and innocent objects.
//!
//! A guilty line ends with `# error: CODE`; several codes are parted by blanks. Exactly these lines must be found guilty of
//! codes of the fixture's folder, and nothing of any other Istio code. istioctl must name the same line, unless the remark is
//! `# error: CODE@N` with the line that it does name.

use std::{collections::BTreeMap, fs, path::PathBuf};

use super::Cluster;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/analyze")
}

/// Every fixture: its code and its path.
pub(super) fn all() -> Vec<(String, PathBuf)> {
    let list = |folder: PathBuf| {
        let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    list(folder())
        .into_iter()
        .flat_map(|folder| list(folder.clone()).into_iter().map(move |path| (folder.file_name().unwrap().to_string_lossy().into_owned(), path)))
        .collect()
}

/// Guilty line, code, line that istioctl names; how often.
type Guilt = BTreeMap<(usize, String, usize), usize>;

fn expected(yaml: &str) -> Guilt {
    let mut guilt = Guilt::new();
    for (at, line) in yaml.lines().enumerate() {
        let Some((_, remark)) = line.split_once("# error: ") else { continue };
        for word in remark.split_whitespace() {
            let (code, named) = word.split_once('@').map_or((word, at + 1), |(code, named)| (code, named.parse().unwrap()));
            *guilt.entry((at + 1, code.to_owned(), named)).or_default() += 1;
        }
    }
    guilt
}

#[test]
fn guilty_lines_are_found_and_innocent_ones_are_not() {
    let mut wrong = Vec::new();
    for (code, path) in all() {
        let yaml = fs::read_to_string(&path).unwrap();
        let mut found = Guilt::new();
        // A fixture for an Istio code need not be free of hints, and one for a hint need not please every other hint.
        for finding in Cluster::new(&yaml).findings().iter().filter(|finding| finding.code.id == code || !finding.code.is_hint()) {
            *found.entry((finding.diagnostic.position().line, finding.code.id.to_owned(), finding.line)).or_default() += 1;
        }
        let expected = expected(&yaml);
        if found != expected {
            let only = |a: &Guilt, b: &Guilt| {
                a.iter().filter(|(key, count)| b.get(key) != Some(count)).map(|(key, count)| format!("{key:?} x {count}")).collect::<Vec<_>>()
            };
            wrong.push(format!(
                "{}:\n  found, not expected: {:?}\n  expected, not found: {:?}",
                path.display(),
                only(&found, &expected),
                only(&expected, &found)
            ));
        }
        if !expected.keys().any(|(_, expected, _)| *expected == code) {
            wrong.push(format!("{}: holds nothing that is guilty of {code}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
