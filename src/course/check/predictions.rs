//! Exactly one option of a predict question is what the engine computes.

use super::Subject;
use crate::course::{Prediction, QuestionKind};

pub(super) fn check(subject: &mut Subject<'_>) {
    for question in &subject.course.questions {
        if let QuestionKind::Predict(prediction) = &question.kind
            && let Some(message) = contradiction(prediction)
        {
            subject.fault(&question.path, question.line, format!("{}: {message}", question.id));
        }
    }
}

fn contradiction(prediction: &Prediction) -> Option<String> {
    let Some(tried) = &prediction.tried else {
        return Some(format!("there is no world {:?}; the worlds are in content/worlds", prediction.trial.world));
    };
    if let Some(Err(reason)) = &tried.outcome {
        return Some(format!("the request cannot be sent: {reason}"));
    }
    if tried.outcome.is_some() && tried.refused {
        let reasons: Vec<String> = tried.refusals.iter().map(|finding| format!("line {} of its YAML: {}", finding.line, finding.message)).collect();
        return Some(format!("a document is refused, so the request shows nothing: {}", reasons.join("; ")));
    }
    let answer = prediction.answer()?;
    match prediction.options.iter().filter(|option| option.correct).count() {
        1 => None,
        0 => Some(format!("the engine computes {answer:?}, which is no option")),
        count => Some(format!("the engine computes {answer:?}, which is there {count} times")),
    }
}
