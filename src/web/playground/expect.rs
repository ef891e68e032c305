//! What is expected of the request that was sent, and whether it came so.

use crate::web::simulation::LineVerdict;

pub(super) struct ExpectedView {
    pub lines: Vec<LineView>,
    pub held: usize,
    /// Lines that would hold, one each.
    pub taken: String,
}

pub(super) struct LineView {
    pub class: &'static str,
    pub mark: &'static str,
    pub word: &'static str,
    pub line: String,
    pub came: String,
}

impl ExpectedView {
    pub fn of(judged: Vec<LineVerdict>, taken: &[String]) -> Self {
        let held = judged.iter().filter(|line| line.holds).count();
        Self { lines: judged.into_iter().map(LineView::of).collect(), held, taken: taken.join("\n") }
    }

    /// `2 of 3 lines hold`
    pub fn count(&self) -> String {
        match (self.held, self.lines.len()) {
            (1, 1) => "as expected".into(),
            (0, 1) => "not as expected".into(),
            (held, all) if held == all => format!("all {all} lines hold"),
            (held, all) => format!("{held} of {all} lines hold"),
        }
    }
}

impl LineView {
    fn of(verdict: LineVerdict) -> Self {
        let (class, mark, word) = if verdict.holds { ("line-holds", "✓", "holds") } else { ("line-fails", "✕", "does not hold") };
        Self { class, mark, word, line: verdict.line, came: verdict.came }
    }
}
