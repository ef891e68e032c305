//! Findings on a terminal: where in the text, and with what certain cures.

mod excerpt;
mod fix;

pub(super) use excerpt::excerpt;
pub(super) use fix::{FixArgs, mend};
