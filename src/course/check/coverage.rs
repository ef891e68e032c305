//! The manifest's promises: weights that make a whole, competencies that exist, and for each covered one a chapter and two questions.

use super::Subject;
use crate::course::manifest::PATH;

/// What a covered competency has at least.
const QUESTIONS: usize = 2;

pub(super) fn check(subject: &mut Subject<'_>) {
    let course = subject.course;
    let sum: u32 = course.domains.iter().map(|domain| domain.weight).sum();
    if sum != 100 {
        subject.fault(PATH, subject.line(PATH, "domains:"), format!("the weights of the domains sum to {sum}, not to 100"));
    }
    for chapter in &course.chapters {
        for id in chapter.competencies.iter().filter(|id| course.competency(id).is_none()) {
            subject.fault(&chapter.path, subject.line(&chapter.path, "competencies:"), unknown(id));
        }
    }
    for question in course.questions.iter().filter(|question| course.competency(&question.competency).is_none()) {
        subject.fault(&question.path, question.line, format!("{}: {}", question.id, unknown(&question.competency)));
    }
    let line = subject.line(PATH, "\ncovered:") + 1;
    for id in &course.covered {
        if course.competency(id).is_none() {
            subject.fault(PATH, line, unknown(id));
            continue;
        }
        if !course.chapters.iter().any(|chapter| chapter.competencies.contains(id)) {
            subject.fault(PATH, line, format!("{id} is promised as covered, but no chapter lists it; write one or take the promise back"));
        }
        let questions = course.questions.iter().filter(|question| question.competency == *id).count();
        if questions < QUESTIONS {
            subject.fault(PATH, line, format!("{id} is promised as covered and has {questions} questions; it needs at least {QUESTIONS}"));
        }
    }
}

fn unknown(id: &str) -> String {
    format!("there is no competency {id:?}; the domains in {PATH} list them")
}
