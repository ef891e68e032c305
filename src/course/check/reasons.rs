//! Every option, item and wrong answer says why.

use super::Subject;
use crate::course::{QuestionKind, SafeHtml};

pub(super) fn check(subject: &mut Subject<'_>) {
    for question in &subject.course.questions {
        let reasons: Vec<&SafeHtml> = match &question.kind {
            QuestionKind::Ordering(items) => items.iter().map(|item| &item.why).collect(),
            QuestionKind::Fill(blank) => blank.wrong.iter().map(|wrong| &wrong.why).chain([&blank.why]).collect(),
            QuestionKind::Single(_) | QuestionKind::Multiple(_) | QuestionKind::Predict(_) => question.choices().iter().map(|option| &option.why).collect(),
        };
        let missing = reasons.iter().filter(|why| why.is_empty()).count();
        if missing > 0 {
            subject.fault(&question.path, question.line, format!("{}: {missing} of {} answers say no why; each teaches something", question.id, reasons.len()));
        }
    }
    for chapter in &subject.course.chapters {
        for quick in chapter.checks().filter(|quick| quick.options.iter().any(|option| option.why.is_empty())) {
            subject.fault(&chapter.path, quick.line, "an option of the quick check says no why; each teaches something");
        }
    }
}
