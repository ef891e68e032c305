//! Every YAML block does what its fence says, as computed by the engine.

use super::Subject;
use crate::course::{Block, Promise, Tried};

pub(super) fn check(subject: &mut Subject<'_>) {
    for chapter in &subject.course.chapters {
        for block in chapter.blocks() {
            let message = match &block.tried {
                None => Some(format!("there is no world {:?}; the worlds are in content/worlds", block.trial.world)),
                Some(tried) => contradiction(block, tried),
            };
            if let Some(message) = message {
                subject.fault(&chapter.path, block.line, message);
            }
        }
    }
}

fn contradiction(block: &Block, tried: &Tried) -> Option<String> {
    match (&block.promise, &tried.outcome) {
        (Promise::Refused, _) if !tried.refused => Some("the fence says refused, but every document is accepted".into()),
        (Promise::Refused, _) => None,
        _ if tried.refused => {
            // A line of the block is so many lines below its fence.
            let reasons: Vec<String> = tried.refusals.iter().map(|finding| format!("line {}: {}", block.line + finding.line, finding.message)).collect();
            Some(format!("the fence says accepted, but a document is refused: {}", reasons.join("; ")))
        }
        (Promise::Accepted, _) => None,
        (Promise::Outcome(_), Some(Err(reason))) => Some(format!("the request cannot be sent: {reason}")),
        (Promise::Outcome(wanted), Some(Ok(got))) if wanted == got => None,
        (Promise::Outcome(wanted), got) => {
            let got = got.iter().flatten().next().map_or("nothing", String::as_str);
            Some(format!("the fence promises the outcome {wanted:?}, the engine computes {got:?}"))
        }
    }
}
