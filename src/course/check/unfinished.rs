//! Nothing is left for later.

use std::sync::LazyLock;

use regex::Regex;

use super::Subject;

static MARK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(TO-?DO|FIX-?ME|TBD|XXX)\b|(?i:\blorem ipsum\b)").expect("the pattern of unfinished text is valid"));

pub(super) fn check(subject: &mut Subject<'_>) {
    let files = subject.files;
    for (path, text) in ["chapters", "questions", "diagrams", "worlds", "examples", "rules"].into_iter().flat_map(|folder| files.in_folder(folder)) {
        for (at, line) in text.lines().enumerate() {
            if let Some(mark) = MARK.find(line) {
                subject.fault(path, at + 1, format!("{:?} marks a sentence that is not finished; finish or delete it", mark.as_str()));
            }
        }
    }
}
