//! Findings in the words of the page.

use std::collections::BTreeSet;

use super::view::{capitalized, range};
use crate::{
    engine::{
        diagnostic::{Level, Stage, together},
        source::Span,
    },
    web::simulation::{Finding, Fix},
};

/// A fix shows so many characters of what it replaces and of what it writes.
const SHOWN: usize = 60;

pub(super) struct FindingView {
    pub badge: &'static str,
    pub word: &'static str,
    pub speaker: &'static str,
    pub is_hint: bool,
    pub code: Option<CodeView>,
    pub path: String,
    pub message: String,
    pub line: usize,
    pub column: usize,
    /// `line:column-line:column`, for the script.
    pub place: String,
    pub source_line: String,
    /// Blanks and carets below the guilty part of the line.
    pub carets: String,
    pub fix: Option<FixView>,
}

pub(super) struct CodeView {
    pub id: &'static str,
    pub name: &'static str,
    pub why: &'static str,
    /// Its page.
    pub url: String,
}

pub(super) struct FixView {
    pub place: String,
    pub replacement: String,
    /// What is written, as far as it is shown; empty where something is only taken away.
    pub new: String,
    /// What stood there before, as far as it is shown; empty where something is only added.
    pub old: String,
    /// Whether it can be made together with all others that can.
    pub is_together: bool,
}

/// Findings of a text.
pub(super) fn views(findings: &[Finding], text: &str) -> Vec<FindingView> {
    let kept: BTreeSet<Span> = together(findings.iter().filter_map(Finding::cure)).into_iter().map(|fix| fix.span).collect();
    findings.iter().map(|finding| FindingView::of(finding, text, &kept)).collect()
}

impl FindingView {
    fn of(finding: &Finding, text: &str, kept: &BTreeSet<Span>) -> Self {
        let (badge, word) = match (finding.stage, finding.level) {
            (Stage::Simulation, _) => ("badge", "not simulated"),
            (Stage::Hint, Level::Error) => ("badge badge-bad", "hint"),
            (Stage::Hint, Level::Warning) => ("badge badge-warn", "hint"),
            (Stage::Hint, Level::Info) => ("badge", "hint"),
            (Stage::Analyze, Level::Error) => ("badge badge-bad", "error"),
            (_, Level::Error) => ("badge badge-bad", "refused"),
            (_, Level::Warning) => ("badge badge-warn", "warning"),
            (_, Level::Info) => ("badge", "note"),
        };
        let speaker = match finding.stage {
            Stage::Yaml => "YAML",
            Stage::Kind => "API server",
            Stage::Schema => "schema",
            Stage::Webhook => "istiod",
            Stage::Analyze => "istioctl analyze",
            Stage::Hint => "Meshwright; Istio accepts it",
            Stage::Simulation => "playground",
        };
        let place = &finding.place;
        let room = finding.source_line.chars().count();
        let width = if place.end_line == place.line { place.end_column.saturating_sub(place.column) } else { room };
        let before = (place.column - 1).min(room);
        let code = match (finding.code, finding.name, finding.why, &finding.rule) {
            (Some(id), Some(name), Some(why), Some(url)) => Some(CodeView { id, name, why, url: url.clone() }),
            _ => None,
        };
        Self {
            badge,
            word,
            speaker,
            is_hint: finding.stage == Stage::Hint,
            code,
            path: finding.path.clone(),
            message: capitalized(&finding.message),
            line: place.line,
            column: place.column,
            place: range(place),
            // Tabs stay, so that the carets stand below their characters.
            carets: finding
                .source_line
                .chars()
                .take(before)
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .chain("^".repeat(width.clamp(1, (room - before).max(1))).chars())
                .collect(),
            source_line: finding.source_line.clone(),
            fix: finding.fix.as_ref().map(|fix| FixView::of(fix, text, kept)),
        }
    }
}

impl FixView {
    fn of(fix: &Fix, text: &str, kept: &BTreeSet<Span>) -> Self {
        let span = Span::new(fix.place.start, fix.place.end);
        Self {
            place: range(&fix.place),
            new: shortened(&fix.replacement),
            old: shortened(text.get(span.range()).unwrap_or_default()),
            replacement: fix.replacement.clone(),
            is_together: kept.contains(&span),
        }
    }
}

/// The first line, as far as there is room.
fn shortened(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    let shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < text.trim().len() { shown + "…" } else { shown }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn what_does_not_fit_ends_in_dots() {
        assert_eq!(shortened(" v1 "), "v1");
        assert_eq!(shortened("a: 1\nb: 2"), "a: 1…");
        assert_eq!(shortened(&"é".repeat(61)), "é".repeat(60) + "…");
        assert_eq!(shortened("\n"), "");
    }
}
