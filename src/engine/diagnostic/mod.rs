//! What the engine has to say about somebody's text: never an `Err`, always a place and a cure.

mod code;
mod fix;
pub mod hints;
pub mod istio;

pub use code::{Code, Message};
pub use fix::{Fix, mend, together};

use std::{fmt, sync::Arc};

use serde::Serialize;

use super::source::{Position, SourceFile, Span};

/// How much a finding weighs. The words are istioctl's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Level {
    /// Worth knowing.
    Info,
    /// Accepted, but likely not what was meant.
    Warning,
    /// Refused, or broken.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "Info",
            Self::Warning => "Warning",
            Self::Error => "Error",
        })
    }
}

/// Which of the real systems would say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The text is not YAML that kubectl reads.
    Yaml,
    /// The API server knows no such kind or version.
    Kind,
    /// The CRD's schema: types, unknown fields, enums, CEL.
    Schema,
    /// istiod's admission webhook.
    Webhook,
    /// `istioctl analyze`, over the whole cluster.
    Analyze,
    /// Our own hints: accepted by all of them, and regretted.
    Hint,
    /// Ours: what the engine accepts but does not model yet.
    Simulation,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Who would say it.
    pub stage: Stage,
    /// How much it weighs.
    pub level: Level,
    /// Its entry in the catalogue, where it has one.
    pub code: Option<&'static Code>,
    /// What is wrong and, where it is known, how to mend it. Lower case, no full stop.
    pub message: String,
    /// The field, such as `spec.http[0].route[0].weight`; empty for the document as a whole.
    pub path: String,
    /// The text it is about.
    pub file: Arc<SourceFile>,
    /// Where in that text.
    pub span: Span,
    /// A certain cure.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Line and column where it starts.
    pub fn position(&self) -> Position {
        self.file.position(self.span.start())
    }

    /// Line and column where it ends.
    pub fn end_position(&self) -> Position {
        self.file.position(self.span.end())
    }
}

impl Code {
    /// Every entry of both catalogues, in the order of the codes.
    pub fn all() -> impl Iterator<Item = &'static Code> {
        istio::ALL.iter().chain(hints::ALL).copied()
    }

    /// The entry with an id, however its letters are cased.
    pub fn find(id: &str) -> Option<&'static Code> {
        Self::all().find(|code| code.id.eq_ignore_ascii_case(id))
    }
}

/// The name among `known` that `given` was most likely meant to be, if any is close enough to suggest.
pub fn closest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given_lower = given.to_lowercase();
    let limit = (given.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|name| (edit_distance(&given_lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Whether a name is another one but for one slip of the finger: a letter too many, too few, wrong or swapped, or their case.
pub(super) fn is_slip(given: &str, name: &str) -> bool {
    edit_distance(&given.to_lowercase(), &name.to_lowercase()) <= 1
}

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
fn edit_distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let known = ["subset", "weight", "host", "destination"];
        assert_eq!(closest("subsett", known), Some("subset"));
        assert_eq!(closest("wieght", known), Some("weight"));
        assert_eq!(closest("banana", known), None);
    }
}
