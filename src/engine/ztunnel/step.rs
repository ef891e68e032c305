//! How a decision came about.

use crate::engine::source::Origin;

/// One step of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was decided.
    pub kind: StepKind,
    /// Whether `subject` was taken.
    pub is_taken: bool,
    /// A service, a workload, a policy.
    pub subject: String,
    /// Why, in one sentence for a learner.
    pub reason: String,
    /// Which field of which resource made it so.
    pub origin: Option<Origin>,
}

/// What a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// How the connection got here.
    Capture,
    /// What it is addressed to, and whether a waypoint is in front of that.
    Destination,
    /// An endpoint, and how it is reached.
    Endpoint,
    /// An authorization policy.
    Policy,
    /// What came of it.
    End,
}

impl Step {
    pub(super) fn taken(kind: StepKind, subject: impl Into<String>, reason: impl Into<String>, origin: Option<&Origin>) -> Self {
        Self { kind, is_taken: true, subject: subject.into(), reason: reason.into(), origin: origin.cloned() }
    }

    pub(super) fn left(kind: StepKind, subject: impl Into<String>, reason: impl Into<String>, origin: Option<&Origin>) -> Self {
        Self { is_taken: false, ..Self::taken(kind, subject, reason, origin) }
    }
}
