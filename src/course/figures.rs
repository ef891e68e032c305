//! Figures of the exam in prose: a chapter names them, the manifest says them.
//!
//! `{weight:traffic}` is a domain's weight in percent, `{former:Traffic Management}` the one that older material gives.

use super::{
    manifest::{Domain, Exam},
    reading::Reading,
};

/// The text with its figures filled in; a name that the manifest does not have is a fault at its line, and stays.
pub(super) fn fill(path: &str, text: &str, exam: &Exam, domains: &[Domain], reading: &mut Reading) -> String {
    let mut filled = String::with_capacity(text.len());
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let mut rest = line;
        while let Some((before, figure, after)) = next_figure(rest) {
            filled.push_str(before);
            if let Some(value) = value(figure, exam, domains) {
                filled.push_str(&value.to_string());
            } else {
                reading.fault(
                    path,
                    at + 1,
                    format!("the manifest has no figure {{{figure}}}; write {{weight:DOMAIN}} or {{former:TITLE}} with one of course.yaml's"),
                );
                filled.push_str(figure);
            }
            rest = after;
        }
        filled.push_str(rest);
    }
    filled
}

/// What stands before the next figure, the figure, and what follows it.
fn next_figure(text: &str) -> Option<(&str, &str, &str)> {
    let start = ["{weight:", "{former:"].iter().filter_map(|opening| text.find(opening)).min()?;
    let (inside, after) = text[start + 1..].split_once('}')?;
    Some((&text[..start], inside, after))
}

fn value(figure: &str, exam: &Exam, domains: &[Domain]) -> Option<u32> {
    match figure.split_once(':')? {
        ("weight", id) => domains.iter().find(|domain| domain.id == id).map(|domain| domain.weight),
        ("former", title) => exam.former_weights.get(title).copied(),
        _ => None,
    }
}
