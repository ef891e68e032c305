//! Names that must be unique are, and every file has its place in the manifest.

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use crate::course::{manifest::PATH, read::stem};

pub(super) fn check(subject: &mut Subject<'_>) {
    let course = subject.course;
    let mut questions = BTreeMap::new();
    for question in &course.questions {
        if let Some((path, line)) = questions.insert(&question.id, (&question.path, question.line)) {
            subject.fault(
                &question.path,
                question.line,
                format!("the id {} is taken by content/{path}:{line}; ids are unique in the whole course", question.id),
            );
        }
    }
    for chapter in &course.chapters {
        let mut anchors = BTreeMap::new();
        for heading in &chapter.outline {
            if let Some(line) = anchors.insert(&heading.anchor, heading.line) {
                subject.fault(
                    &chapter.path,
                    heading.line,
                    format!("the anchor {:?} is taken by line {line}; give one of them its own: {{#…}}", heading.anchor),
                );
            }
        }
    }
    let mut names = BTreeSet::new();
    let domains = course.domains.iter().map(|domain| ("domain", &domain.id));
    let competencies = course.domains.iter().flat_map(|domain| &domain.competencies).map(|competency| ("competency", &competency.id));
    let parts = course.parts.iter().map(|part| ("part", &part.id));
    let chapters = course.parts.iter().flat_map(|part| &part.chapters).map(|slug| ("chapter", slug));
    for (what, id) in domains.chain(competencies).chain(parts).chain(chapters) {
        if !names.insert((what, id)) {
            subject.fault(PATH, subject.line(PATH, id), format!("the {what} {id:?} is there twice"));
        }
    }
    for (folder, ending) in [("chapters", "md"), ("questions", "yaml")] {
        let files = subject.files;
        for (path, _) in files.in_folder(folder) {
            if stem(path, ending).and_then(|slug| course.part_of(slug)).is_none() {
                subject.fault(path, 1, format!("no part of {PATH} lists a chapter of this name; files here are called <chapter>.{ending}"));
            }
        }
    }
}
