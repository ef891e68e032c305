//! Every code of the catalogue has a page in a subject, with all its sections; its examples raise what they promise, as computed
//! by the engine.

use std::collections::BTreeSet;

use super::Subject;
use crate::{
    course::{
        Example, Files, Mark, RulePage,
        read::stem,
        rule::{PATH, SECTIONS},
    },
    engine::diagnostic::Code,
};

pub(super) fn check(subject: &mut Subject<'_>) {
    files_of_the_folder(subject);
    // A course may do without rules.
    if subject.files.text(PATH).is_some() {
        list(subject);
    }
    for page in subject.course.rules.iter().filter(|page| subject.files.text(&page.path).is_some()) {
        sections(subject, page);
        for (line, message) in examples(page) {
            subject.fault(&page.path, line, message);
        }
    }
}

/// The list names every code once, no other, and each has a page.
fn list(subject: &mut Subject<'_>) {
    let course = subject.course;
    let mut listed = BTreeSet::new();
    for id in course.subjects.iter().flat_map(|subject| &subject.codes) {
        let line = subject.line(PATH, id);
        let message = match Code::all().find(|code| code.id == id) {
            None => format!("the engine's catalogue has no code {id:?}"),
            Some(_) if !listed.insert(id.as_str()) => format!("{id} is listed twice"),
            Some(_) if subject.files.text(&format!("rules/{id}.md")).is_none() => format!("{id} has no page; write content/rules/{id}.md"),
            Some(_) => continue,
        };
        subject.fault(PATH, line, message);
    }
    for code in Code::all().filter(|code| !listed.contains(code.id)) {
        subject.fault(PATH, 1, format!("{} ({}) is in no subject; add it to one", code.id, code.name));
    }
}

fn files_of_the_folder(subject: &mut Subject<'_>) {
    let files: &Files = subject.files;
    for (path, _) in files.in_folder("rules") {
        if !stem(path, "md").is_some_and(|name| Code::all().any(|code| code.id == name)) {
            subject.fault(path, 1, "the engine's catalogue has no such code; a page is called CODE.md");
        }
    }
}

fn sections(subject: &mut Subject<'_>, page: &RulePage) {
    let titles: Vec<&str> = page.sections.iter().map(|section| section.title.as_str()).collect();
    if titles != SECTIONS {
        subject.fault(&page.path, 1, format!("the sections are {}, in this order; found {}", SECTIONS.join(", "), titles.join(", ")));
    }
    for section in page.sections.iter().filter(|section| section.pieces.is_empty()) {
        subject.fault(&page.path, section.line, format!("the section {:?} is empty", section.title));
    }
}

/// What is wrong with the examples of a page, each with its line.
fn examples(page: &RulePage) -> Vec<(usize, String)> {
    let mut wrong = Vec::new();
    for mark in [Mark::Bad, Mark::Fixed] {
        if !page.examples().any(|example| example.mark == mark) {
            wrong.push((1, format!("there is no example marked ```yaml {}", mark.word())));
        }
    }
    wrong.extend(page.examples().filter_map(|example| Some((example.line, contradiction(page.code, example)?))));
    wrong
}

fn contradiction(own: &Code, example: &Example) -> Option<String> {
    let findings = example.findings(own);
    // A line of the example is so many lines below its fence.
    let told = |finding: &crate::engine::diagnostic::Diagnostic| {
        let code = finding.code.map_or("no code", |code| code.id);
        format!("line {}: {code}: {}", example.line + finding.position().line, finding.message)
    };
    match example.mark {
        Mark::Bad if findings.is_empty() => Some(format!("the bad example does not raise {own}")),
        Mark::Bad => {
            let others: Vec<String> = findings.iter().filter(|finding| finding.code != Some(own)).map(told).collect();
            if others.is_empty() { None } else { Some(format!("the bad example raises more than {own}: {}", others.join("; "))) }
        }
        Mark::Fixed if findings.is_empty() => None,
        Mark::Fixed => Some(format!("the fixed example raises {}", findings.iter().map(told).collect::<Vec<_>>().join("; "))),
    }
}
