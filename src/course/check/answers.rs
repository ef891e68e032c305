//! Every question can be answered, and rightly in as many ways as its kind says.

use std::collections::BTreeSet;

use super::Subject;
use crate::course::QuestionKind;

pub(super) fn check(subject: &mut Subject<'_>) {
    for question in &subject.course.questions {
        let correct = question.choices().iter().filter(|option| option.correct).count();
        let wrong = question.choices().len() - correct;
        let mut plain = BTreeSet::new();
        let repeated = question.choices().iter().find(|option| !plain.insert(option.plain.trim()));
        let message = match &question.kind {
            QuestionKind::Single(_) if correct != 1 => Some(format!("has {correct} correct options; a single question has one")),
            QuestionKind::Single(_) | QuestionKind::Predict(_) if question.choices().len() < 2 => Some("has less than two options".into()),
            QuestionKind::Multiple(_) if correct == 0 => Some("has no correct option; mark one or more".into()),
            QuestionKind::Multiple(_) if wrong == 0 => Some("has no wrong option; nothing is asked".into()),
            QuestionKind::Ordering(items) if items.len() < 3 => Some("has less than three items to put into order".into()),
            QuestionKind::Fill(blank) if blank.answers.iter().all(|answer| answer.trim().is_empty()) => Some("has no answer".into()),
            QuestionKind::Fill(blank) => {
                blank.wrong.iter().find(|wrong| blank.accepts(&wrong.text)).map(|wrong| format!("lists {:?} as right and as wrong", wrong.text))
            }
            _ => repeated.map(|option| format!("has the option {:?} twice", option.plain)),
        };
        if let Some(message) = message {
            subject.fault(&question.path, question.line, format!("{} {message}", question.id));
        }
    }
    for chapter in &subject.course.chapters {
        for quick in chapter.checks() {
            let correct = quick.options.iter().filter(|option| option.correct).count();
            if correct != 1 || quick.options.len() < 2 {
                let message = format!("the quick check has {correct} correct options of {}; it needs one of two or more", quick.options.len());
                subject.fault(&chapter.path, quick.line, message);
            }
        }
    }
}
