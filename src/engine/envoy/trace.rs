//! The trace of a decision, bounded: what was looked at, in order, and why it was taken or left.

use super::{Stage, Step, Verdict};
use crate::engine::xds::Origin;

/// Steps that are kept; the rest is counted.
const MAX_STEPS: usize = 200;

/// Collects steps.
#[derive(Debug, Default)]
pub(super) struct Trace {
    steps: Vec<Step>,
    omitted: usize,
}

impl Trace {
    /// Adds a step. What is taken is always kept, so a long list of losers does not hide the winner.
    pub(super) fn add(&mut self, stage: Stage, verdict: Verdict, subject: impl Into<String>, reason: impl Into<String>, origin: Option<&Origin>) {
        if self.steps.len() >= MAX_STEPS && verdict != Verdict::Chosen {
            self.omitted += 1;
        } else {
            self.steps.push(Step { stage, verdict, subject: subject.into(), reason: reason.into(), origin: origin.cloned() });
        }
    }

    /// The candidate was taken.
    pub(super) fn chosen(&mut self, stage: Stage, subject: impl Into<String>, reason: impl Into<String>, origin: Option<&Origin>) {
        self.add(stage, Verdict::Chosen, subject, reason, origin);
    }

    /// The candidate was looked at and left.
    pub(super) fn lost(&mut self, stage: Stage, subject: impl Into<String>, reason: impl Into<String>, origin: Option<&Origin>) {
        self.add(stage, Verdict::Lost, subject, reason, origin);
    }

    /// The steps, and one that counts those left out.
    pub(super) fn into_steps(mut self) -> Vec<Step> {
        if self.omitted > 0 {
            let stage = self.steps.last().map_or(Stage::Response, |step| step.stage);
            let reason = format!("{} more candidates were looked at and are not listed.", self.omitted);
            self.steps.push(Step { stage, verdict: Verdict::Unreached, subject: format!("… {} more", self.omitted), reason, origin: None });
        }
        self.steps
    }
}
