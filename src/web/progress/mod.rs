//! A learner's progress: the dashboard, and what chapters report of reading.

pub(super) mod done;
mod onward;
pub(super) mod reading;
pub(super) mod show;
