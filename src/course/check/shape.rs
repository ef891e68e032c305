//! A chapter is neither a note nor a book, and has what every chapter has.

use super::Subject;

/// Words of prose.
const WORDS: std::ops::RangeInclusive<usize> = 1500..=2500;
const CHECKS: usize = 2;

pub(super) fn check(subject: &mut Subject<'_>) {
    for chapter in &subject.course.chapters {
        let mut say = Vec::new();
        if !WORDS.contains(&chapter.words) {
            say.push(format!("the chapter has {} words of prose; {} to {} are wanted", chapter.words, WORDS.start(), WORDS.end()));
        }
        if chapter.objectives.is_empty() {
            say.push("the chapter has no objectives; say what a reader can do afterwards".into());
        }
        if chapter.competencies.is_empty() {
            say.push("the chapter lists no competencies".into());
        }
        if chapter.sources.is_empty() {
            say.push("the chapter names no sources; list the pages of istio.io to read on".into());
        }
        if chapter.diagrams.is_empty() {
            say.push("the chapter shows no diagram".into());
        }
        let checks = chapter.checks().count();
        if checks < CHECKS {
            say.push(format!("the chapter has {checks} quick checks; {CHECKS} are wanted"));
        }
        for message in say {
            subject.fault(&chapter.path, 1, message);
        }
    }
}
