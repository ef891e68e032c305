//! Whether the content holds what it says, one rule a file.
//!
//! Rules read the course and the files and add faults; no rule calls another.

mod answers;
mod blocks;
mod coverage;
mod diagrams;
mod gallery;
mod ids;
mod links;
mod predictions;
mod reasons;
mod rules;
mod shape;
mod unfinished;
mod worlds;

use super::{
    Course, Fault, Files,
    reading::{Pointer, Reading},
};

/// What a rule can look at, and where it puts what it finds.
struct Subject<'a> {
    course: &'a Course,
    files: &'a Files,
    pointers: &'a [Pointer],
    faults: Vec<Fault>,
}

impl Subject<'_> {
    fn fault(&mut self, path: &str, line: usize, message: impl Into<String>) {
        self.faults.push(Fault { path: path.to_owned(), line, message: message.into() });
    }

    /// Where `needle` stands in a file.
    fn line(&self, path: &str, needle: &str) -> usize {
        super::reading::line_of(self.files.text(path).unwrap_or_default(), needle)
    }
}

const RULES: [fn(&mut Subject<'_>); 13] = [
    answers::check,
    blocks::check,
    coverage::check,
    diagrams::check,
    gallery::check,
    ids::check,
    links::check,
    predictions::check,
    reasons::check,
    rules::check,
    shape::check,
    unfinished::check,
    worlds::check,
];

/// Every fault, by file and line. An error means that the manifest itself cannot be read.
pub fn check(files: &Files) -> anyhow::Result<Vec<Fault>> {
    let (course, Reading { faults, pointers, .. }) = super::read::read(files)?;
    let mut subject = Subject { course: &course, files, pointers: &pointers, faults };
    for rule in RULES {
        rule(&mut subject);
    }
    let mut faults = subject.faults;
    faults.sort();
    faults.dedup();
    Ok(faults)
}
